"""Select the container engine of this machine: Docker if its daemon responds, otherwise buildah and podman.

buildah and podman run as root and without systemd, so they use runc and cgroupfs and keep no event journal. No registry and no
machine-specific path is hard-coded here.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
IMAGE = os.environ.get("IMAGE", "pydotorg:local")
PACKAGES = "buildah podman runc debootstrap netavark aardvark-dns iptables catatonit"
CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=2000:2000"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
STORAGE_CONF = """
[storage]
driver = "overlay"
graphroot = "{folder}/storage"
runroot = "{folder}/run"
"""


class EngineError(Exception):
    """Missing container engine. The message says what to install."""


@cache
def has_docker() -> bool:
    """Return whether a Docker daemon responds. A `docker` command alone is not enough."""
    if not shutil.which("docker"):
        return False
    return (
        subprocess.run(["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, check=False).returncode == 0
    )


def has_podman() -> bool:
    return bool(shutil.which("buildah") and shutil.which("podman"))


def name() -> str:
    """Return `docker` or `podman`. Raises EngineError if neither can be used."""
    if has_docker():
        return "docker"
    if has_podman():
        return "podman"
    raise EngineError(f"No Docker daemon answers, and buildah or podman is missing. On Debian: apt-get install {PACKAGES}")


@cache
def environment() -> dict[str, str]:
    """Return the environment variables for commands of the engine."""
    if has_docker():
        return dict(os.environ)
    # Images are kept here between builds and clones. CONTAINERS_FOLDER sets another location.
    folder = Path(os.environ.get("CONTAINERS_FOLDER", "/var/lib/pydotorg-containers"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "containers.conf").write_text(CONTAINERS_CONF, encoding="utf-8")
    (folder / "storage.conf").write_text(STORAGE_CONF.format(folder=folder), encoding="utf-8")
    return os.environ | {
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
        "BUILDAH_FORMAT": "docker",  # The OCI format has no HEALTHCHECK.
    }


def run(*command: str | Path, **options) -> subprocess.CompletedProcess:
    """Run a command of the engine. Raises CalledProcessError if it fails."""
    options = {"text": True, "cwd": ROOT} | options
    variables, check = environment() | options.pop("env", {}), options.pop("check", True)
    return subprocess.run([str(part) for part in command], env=variables, check=check, **options)


def engine(*arguments: str | Path, **options) -> subprocess.CompletedProcess:
    """Run `docker …` or `podman …`."""
    return run(name(), *arguments, **options)


def output(*arguments: str | Path, **options) -> str:
    """Return what `docker …` or `podman …` prints."""
    return engine(*arguments, stdout=subprocess.PIPE, **options).stdout.strip()


def has_image(image: str) -> bool:
    return engine("image", "inspect", image, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def build(
    folder: Path,
    image: str,
    *,
    file: Path | None = None,
    arguments: dict[str, str] | None = None,
    more: Iterable[str] = (),
    is_sharing: bool = True,
) -> None:
    """Build an image, reusing cached layers. With `is_sharing`, the build can read certificates and pip's configuration."""
    options = ["--tag", image, "--file", str(file or folder / "Dockerfile"), *more]
    for key, value in (arguments or {}).items():
        options += ["--build-arg", f"{key}={value}"]
    if name() == "docker":
        run("docker", "build", *options, folder)
        return
    volumes = [f"--volume={path}:{path}:ro" for path in shared_paths()] if is_sharing else []
    # Stages that do not need each other are built at the same time, as Docker does.
    run("buildah", "bud", "--layers", "--jobs", "2", "--isolation", "chroot", "--pull-never", *volumes, *options, folder)


def shared_paths() -> list[Path]:
    """Return the host paths that a build can read to install packages like the host: certificates and pip's settings."""
    found = {Path("/etc/ssl/certs")}
    answer = subprocess.run([sys.executable, "-m", "pip", "config", "debug"], capture_output=True, text=True, check=False).stdout
    for line in answer.splitlines():
        path, _, exists = line.strip().partition(", exists: ")
        if exists == "True" and path.endswith("pip.conf") and not path.startswith(str(ROOT)):
            # Includes the constraints file next to it, but not all of /etc.
            found.add(Path(path) if Path(path).parent == Path("/etc") else Path(path).parent)
    return sorted(path for path in found if path.exists())


def empty(folder: str) -> str:
    """Return the value of --tmpfs for an empty folder. By default podman copies the folder's content in the image into it."""
    return f"{folder}:mode=1777" + (",notmpcopyup" if name() == "podman" else "")


def scratch(prefix: str) -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix=f"{prefix}-")
