"""Build the base images where no registry is reachable: Debian with debootstrap, Python from a local installation.

    python deploy/containers/base.py            # missing images only
    python deploy/containers/base.py --renew    # all images

The images get the names used in the Dockerfile and deploy/compose.yaml, and the label `org.python.stand-in`, in the local image
store of podman. With Docker nothing is built here: Docker pulls the real images.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import engine

HERE = Path(__file__).parent
SUITE = "bookworm"
PYTHON_VERSION = os.environ.get("PYTHON_VERSION", "3.13")
DEBIAN = f"debian:{SUITE}-slim"
PYTHON = f"python:{PYTHON_VERSION}-slim-{SUITE}"
# Libraries that the modules of Python are linked against.
LIBRARIES = (
    "ca-certificates,libssl3,libsqlite3-0,libffi8,libbz2-1.0,liblzma5,zlib1g,libreadline8,libncursesw6,libuuid1,netbase,tzdata"
)
# What a slim image lacks, now and after each `apt-get install`.
EXCLUDED = ("usr/share/doc", "usr/share/info", "usr/share/locale", "usr/share/man")
APT = (
    'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\nDPkg::Post-Invoke {"rm -f /var/cache/apt/archives/*.deb || true";};\n'
)
# Folder under stand-ins/, and the name of the image in deploy/compose.yaml.
STAND_INS = {
    "postgres": "postgres:15",
    "redis": "redis:7",
    "varnish": "varnish:7.1",
    "moto": "motoserver/moto:5.2.5",
    "maildev": "maildev/maildev:2.2.1",
}
LABEL = ["--label", "org.python.stand-in=true"]


def mirror() -> str:
    """Return the URL from which this machine downloads Debian packages."""
    lines = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return next((line.split()[0] for line in lines if line.split()[-1] == SUITE), "")


def python_prefix() -> Path:
    """Return the folder of an installed Python of this version. Raises EngineError if there is none."""
    if folder := os.environ.get("PYTHON_PREFIX"):
        return Path(folder)
    candidates = [f"python{PYTHON_VERSION}"]
    # Where pyenv installs, whether or not its command is in the path.
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates += sorted(str(path) for path in pyenv.glob(f"versions/{PYTHON_VERSION}.*/bin/python3"))
    for candidate in candidates:
        answer = (
            subprocess.run(
                [candidate, "-c", "import ssl, sqlite3, lzma, sys; print(sys.base_prefix)"],
                capture_output=True,
                text=True,
                check=False,
            )
            if shutil.which(candidate)
            else None
        )
        # Python from a Debian package shares /usr with other packages and cannot be copied.
        if answer and answer.returncode == 0 and answer.stdout.strip() != "/usr":
            return Path(answer.stdout.strip())
    raise engine.EngineError(
        f"Install Python {PYTHON_VERSION} (with pyenv, for example), or set PYTHON_PREFIX to its folder, "
        "or PYTHON_VERSION to another one."
    )


def commit(root: Path, image: str) -> None:
    """Create an image from a folder with a root file system."""
    container = engine.run("buildah", "from", "scratch", stdout=subprocess.PIPE).stdout.strip()
    try:
        engine.run("buildah", "add", "--quiet", container, root, "/", stdout=subprocess.DEVNULL)
        path = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"
        engine.run("buildah", "config", "--env", f"PATH={path}", "--env", "LANG=C.UTF-8", *LABEL, container)
        engine.run("buildah", "commit", "--quiet", container, image, stdout=subprocess.DEVNULL)
    finally:
        engine.run("buildah", "rm", container, stdout=subprocess.DEVNULL)


def make_slim(root: Path) -> None:
    """Leave out what the slim images of Debian leave out: package lists, documentation and translations."""
    shutil.rmtree(root / "var/lib/apt/lists")
    (root / "var/lib/apt/lists/partial").mkdir(parents=True)
    for path in (root / "var/cache/apt").rglob("*"):
        if path.is_file():
            path.unlink()
    for name in EXCLUDED:
        for path in (root / name).glob("*"):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    (root / "etc/dpkg/dpkg.cfg.d/slim").write_text("".join(f"path-exclude /{name}/*\n" for name in EXCLUDED))
    (root / "etc/apt/apt.conf.d/slim").write_text(APT)


def make_debian_and_python() -> None:
    with engine.scratch("debian") as scratch:
        root = Path(scratch) / "root"
        command = ["debootstrap", "--variant=minbase", f"--include={LIBRARIES}", SUITE, str(root), mirror()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        make_slim(root)
        commit(root, DEBIAN)
        for name in ("bin", "lib", "include"):
            shutil.copytree(python_prefix() / name, root / "usr/local" / name, symlinks=True, dirs_exist_ok=True)
        # The tests, the static library and debug symbols: a build keeps them, and the official images do not.
        library = root / f"usr/local/lib/python{PYTHON_VERSION}"
        shutil.rmtree(library / "test", ignore_errors=True)
        for path in library.glob("config-*/*.a"):
            path.unlink()
        if shutil.which("strip"):
            files = [*library.glob("lib-dynload/*.so"), *(root / "usr/local/lib").glob("libpython*.so.*")]
            subprocess.run(["strip", "--strip-unneeded", *files], check=True)
        # Only the interpreter: locally installed packages do not belong in the image.
        for path in (library / "site-packages").iterdir():
            if not path.name.startswith("pip") and path.is_dir():
                shutil.rmtree(path)
        for link in ("python", "python3"):
            (root / "usr/local/bin" / link).unlink(missing_ok=True)
            (root / "usr/local/bin" / link).symlink_to(f"python{PYTHON_VERSION}")
        subprocess.run(["chroot", root, "ldconfig"], check=True)
        subprocess.run(["chroot", root, "python3", "-c", "import ssl, sqlite3, lzma, readline"], check=True)
        commit(root, PYTHON)


def make_missing(*, renew: bool = False, only: Collection[str] = STAND_INS) -> None:
    """Build each missing base image. `only` limits the images to these names."""
    if engine.name() == "docker":
        return
    if renew or not (engine.has_image(DEBIAN) and engine.has_image(PYTHON)):
        timed(f"Debian {SUITE} and Python {PYTHON_VERSION}", make_debian_and_python)
    missing = [folder for folder in only if renew or not engine.has_image(STAND_INS[folder])]
    # Two at a time: packages are downloaded by one while the other installs them.
    with ThreadPoolExecutor(max_workers=2) as pool:
        for made in [
            pool.submit(timed, STAND_INS[folder], partial(make_stand_in, folder, STAND_INS[folder])) for folder in missing
        ]:
            made.result()


def make_stand_in(folder: str, image: str) -> None:
    # The PostgreSQL packages create their own certificates. The other images need packages from outside Debian.
    is_sharing = folder in {"moto", "maildev"}
    names = {"PYTHON": PYTHON, "DEBIAN": DEBIAN}
    engine.build(HERE / "stand-ins" / folder, image, arguments=names, more=LABEL, is_sharing=is_sharing)


def timed(what: str, make) -> None:
    print(f"Making the base image {what} …", flush=True)
    started = time.monotonic()
    make()
    print(f"Made {what} in {time.monotonic() - started:.0f} s.", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Make the base images without a registry.")
    parser.add_argument("--renew", action="store_true", help="make those again that exist")
    try:
        make_missing(renew=parser.parse_args().renew)
    except engine.EngineError as error:
        sys.exit(str(error))
