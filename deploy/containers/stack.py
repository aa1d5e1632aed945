"""Run the whole site on this machine in containers (deploy/compose.yaml).

    python deploy/containers/stack.py up [--demo]          # `make stack`: build and start everything
    python deploy/containers/stack.py roll [IMAGE]         # replace web processes, then workers, without an outage
    python deploy/containers/stack.py down [--volumes]     # stop it; --volumes also deletes the data
    python deploy/containers/stack.py compose …            # any compose command
    python deploy/containers/stack.py dev …                # the same for deploy/compose.dev.yaml: `make dev-stack`

Passwords are generated once and stored in var/stack.env. Uses `docker compose` with Docker and podman-compose otherwise.
podman-compose does not wait for dependencies, so the steps below do.
"""

import argparse
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

import base
import engine

FILE = engine.ROOT / "deploy" / "compose.yaml"
DEVELOPMENT = engine.ROOT / "deploy" / "compose.dev.yaml"
PROJECT = os.environ.get("STACK", "pydotorg")
SETTINGS = engine.ROOT / "var" / "stack.env"
SECRETS = {"SECRET_KEY": 60, "POSTGRES_PASSWORD": 24, "REDIS_PASSWORD": 24, "CDN_API_TOKEN": 24, "ADMIN_PASSWORD": 12}
PARTS = ["postgres", "redis", "s3", "mail"]
WEB = ["web-1", "web-2"]
WORKERS = ["worker", "cron-worker", "scheduler", "backup"]
PATIENCE = 120


def settings() -> dict[str, str]:
    """Return the variables of the stack. The first call generates the secrets."""
    SETTINGS.parent.mkdir(exist_ok=True)
    found = dict(line.split("=", 1) for line in SETTINGS.read_text().splitlines()) if SETTINGS.exists() else {}
    if missing := SECRETS.keys() - found.keys():
        found |= {name: secrets.token_urlsafe(SECRETS[name]).replace("-", "x") for name in missing}
        SETTINGS.touch(mode=0o600)
        SETTINGS.write_text("".join(f"{name}={value}\n" for name, value in found.items()), encoding="utf-8")
    return found | {name: value for name in found if (value := os.environ.get(name))}


def compose(
    *arguments: str, image: str = engine.IMAGE, file: Path = FILE, project: str = PROJECT, **options
) -> subprocess.CompletedProcess:
    """Run `docker compose …` or `podman-compose …`."""
    if engine.name() == "docker":
        command = ["docker", "compose"]
    else:
        beside = Path(sys.executable).parent / "podman-compose"
        command = [str(beside) if beside.exists() else "podman-compose", "--in-pod=false"]
    variables = settings() | {"IMAGE": image} | options.pop("env", {})
    return engine.run(*command, "--file", file, "--project-name", project, *arguments, env=variables, **options)


def develop(*arguments: str, **options) -> subprocess.CompletedProcess:
    """Run a compose command for the development containers."""
    return compose(*arguments, file=DEVELOPMENT, project=f"{PROJECT}-dev", **options)


def container(service: str) -> str:
    """Return the ID of the running container of a service."""
    label = f"label=com.docker.compose.service={service}"
    found = engine.output("ps", "--quiet", "--filter", label, "--filter", f"label=com.docker.compose.project={PROJECT}")
    if not found:
        raise SystemExit(f"The service {service} does not run.")
    return found.splitlines()[0]


def inside(service: str, *command: str, **options) -> subprocess.CompletedProcess:
    """Run a command in the container of a service."""
    return engine.engine("exec", container(service), *command, **options)


def query(sql: str) -> str:
    """Return what the database of the stack answers to a statement."""
    command = ["psql", "--username=pydotorg", "--tuples-only", "--no-align", "--quiet", "--command", sql]
    return inside("postgres", *command, stdout=subprocess.PIPE).stdout.strip()


def url(path: str = "/") -> str:
    return f"http://127.0.0.1:{os.environ.get('PORT', '8080')}{path}"


def until(what: str, check, *, seconds: float = PATIENCE) -> float:
    """Wait until `check()` is true and return the seconds. Raises SystemExit."""
    started = time.monotonic()
    while True:
        try:
            if check():
                return time.monotonic() - started
        except (OSError, subprocess.CalledProcessError, SystemExit):
            pass
        if time.monotonic() - started > seconds:
            raise SystemExit(f"{what} did not happen within {seconds} seconds.")
        time.sleep(0.5)


def is_ready(service: str) -> bool:
    """Return whether a web process reports /ready, requested inside its own container."""
    ask = "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/ready', timeout=5)"
    return inside(service, "python", "-c", ask, check=False, capture_output=True).returncode == 0


def answers(path: str) -> bool:
    try:
        with urllib.request.urlopen(url(path), timeout=5) as response:
            return response.status == HTTPStatus.OK
    except urllib.error.HTTPError:
        return False


def prepare(*, demo: bool = False, image: str = engine.IMAGE) -> None:
    command = ["python", "deploy/prepare.py", *(["--demo"] if demo else [])]
    compose("--profile", "prepare", "run", "--rm", "--no-deps", "-T", "prepare", *command, image=image)


def up(*, demo: bool) -> None:
    started = time.monotonic()
    if not engine.has_image(engine.IMAGE):
        raise SystemExit(f"There is no image {engine.IMAGE}: run `make image` first.")
    base.make_missing()
    compose("up", "--detach", *PARTS)
    step(started, "PostgreSQL, Redis, the S3 server and the email catcher started")
    # Web processes load their code in the meantime. They are not ready before the database is.
    compose("up", "--detach", "--no-deps", *WEB)
    prepare(demo=demo)
    step(started, "database, buckets and first account prepared")
    compose("up", "--detach", "--no-deps", *WORKERS)
    for service in WEB:
        until(f"{service} ready", lambda s=service: is_ready(s))
    step(started, "web processes ready")
    compose("up", "--detach", "--no-deps", "varnish")
    until("The site answering", lambda: answers("/ready"))
    step(started, "the site answers through Varnish")
    print(f"Site:   {url()}\nAdmin:  {url('/admin/')}  (user admin, password {settings()['ADMIN_PASSWORD']})")
    print(f"Emails: http://127.0.0.1:{os.environ.get('MAIL_PORT', '8081')}/")


def step(started: float, what: str) -> None:
    print(f"{time.monotonic() - started:5.0f} s  {what}", flush=True)


def set_health(service: str, health: str) -> None:
    """Tell Varnish to send no requests to a web process (`sick`) or to probe its health again (`auto`)."""
    name = f"*.{service.replace('-', '_')}"
    varnish("backend.set_health", name, health)


def stop(*services: str, seconds: int = 45) -> None:
    """Stop containers, and kill those still running after this many seconds."""
    engine.engine("stop", "--time", str(seconds), *map(container, services), stdout=subprocess.DEVNULL)


def start(*services: str, image: str = engine.IMAGE) -> None:
    compose("up", "--detach", "--no-deps", *services, image=image, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def replace(*services: str, image: str) -> None:
    """Stop services gracefully and start them again from an image."""
    ids = list(map(container, services))
    stop(*services)
    engine.engine("rm", *ids, stdout=subprocess.DEVNULL)
    start(*services, image=image)


def varnish(*command: str) -> str:
    """Return what `varnishadm` prints in the container of Varnish. Its own limit of 5 seconds is short for a busy machine."""
    return inside("varnish", "varnishadm", "-t", str(PATIENCE), *command, stdout=subprocess.PIPE).stdout


def configurations() -> dict[str, bool]:
    """Return the loaded configurations of Varnish, and whether each is the active one.

    A discarded one remains in the list while a connection uses it, and cannot be discarded again.
    """
    lines = [line.split() for line in varnish("vcl.list").splitlines() if line.strip()]
    return {words[-1]: words[0] == "active" for words in lines if words[0] != "discarded"}


def reload_varnish() -> None:
    """Make Varnish resolve the addresses of the web processes again. The cache is kept.

    A command fails if the process of Varnish that serves requests is restarted or does not respond in time, so it is repeated.
    """
    until("Varnish loading its configuration", has_reloaded)


def has_reloaded() -> bool:
    name = f"reload_{time.monotonic_ns()}"
    varnish("vcl.load", name, "/etc/varnish/default.vcl")
    varnish("vcl.use", name)
    if not configurations().get(name):
        return False
    for old in configurations().keys() - {name}:
        varnish("vcl.discard", old)
    return True


def roll(image: str) -> None:
    """Migrate, then replace web processes one at a time, then the workers. Running requests finish first."""
    started = time.monotonic()
    prepare(image=image)
    step(started, "migrated")
    for service in WEB:
        set_health(service, "sick")
        # Requests already sent there are completed, and idle connections are closed.
        time.sleep(2)
        replace(service, image=image)
        until(f"{service} ready", lambda s=service: is_ready(s))
        reload_varnish()
        until(f"{service} healthy", lambda s=service: is_healthy(s))
        step(started, f"{service} replaced")
    replace(*WORKERS, image=image)
    step(started, f"{', '.join(WORKERS)} replaced")


def is_healthy(service: str) -> bool:
    """Return whether Varnish finds a web process healthy and sends it requests."""
    active = next((name for name, is_active in configurations().items() if is_active), None)
    if active is None:
        return False
    answer = json.loads(varnish("backend.list", "-j", f"{active}.{service.replace('-', '_')}"))
    return all(row["probe_message"][-1] == "healthy" for row in answer[-1].values())


def down(*, volumes: bool) -> None:
    compose("--profile", "prepare", "down", *(["--volumes"] if volumes else []))


def main() -> None:
    parser = argparse.ArgumentParser(description="The whole site on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up")
    start.add_argument("--demo", action="store_true", help="fill an empty site with demo content")
    commands.add_parser("roll").add_argument("image", nargs="?", default=engine.IMAGE)
    commands.add_parser("down").add_argument("--volumes", action="store_true", help="delete the data too")
    for name in ("compose", "dev"):
        commands.add_parser(name).add_argument("arguments", nargs=argparse.REMAINDER)
    given = parser.parse_args()
    if engine.name() == "podman" and not (
        shutil.which("podman-compose") or (Path(sys.executable).parent / "podman-compose").exists()
    ):
        sys.exit("podman-compose is missing: `make stack` installs it, or `pip install podman-compose`.")
    if given.command == "up":
        up(demo=given.demo)
    elif given.command == "roll":
        roll(given.image)
    elif given.command == "down":
        down(volumes=given.volumes)
    else:
        sys.exit((develop if given.command == "dev" else compose)(*given.arguments, check=False).returncode)


if __name__ == "__main__":
    try:
        main()
    except engine.EngineError as error:
        sys.exit(str(error))
