"""Build the image of the site, and test it.

    python deploy/containers/image.py build          # `make image`
    python deploy/containers/image.py test           # `make image-test`: a page with its assets, /ready, one sign-in
    python deploy/containers/image.py suite [-k …]   # `make image-suite`: the tests that need only Python, inside the image

Variables: IMAGE (name, default pydotorg:local), BASE_IMAGE (a base pinned by digest), REQUIREMENTS (base, search or import).
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
import tomllib
import urllib.request
from contextlib import suppress

import base
import engine
import smoke

# Seconds within which a container must migrate an empty database, load the demo and listen.
MAX_START = 240
# Consecutive failures after which a runtime marks a container as unhealthy.
HEALTH_ATTEMPTS = 3


def version() -> str:
    return tomllib.loads((engine.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def commit() -> str:
    """Return the commit, with `-modified` if files differ from it, or an empty string outside of a repository."""
    answer = subprocess.run(["git", "rev-parse", "HEAD"], cwd=engine.ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        return ""
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=engine.ROOT, capture_output=True, text=True, check=True).stdout
    return answer.stdout.strip() + ("-modified" if changed else "")


def build() -> None:
    started = time.monotonic()
    base.make_missing(only=[])
    arguments = {
        "BASE_IMAGE": os.environ.get("BASE_IMAGE") or base.PYTHON,
        "VERSION": os.environ.get("VERSION") or version(),
        "COMMIT": os.environ.get("COMMIT") or commit(),
    }
    if requirements := os.environ.get("REQUIREMENTS"):
        arguments["REQUIREMENTS"] = requirements
    engine.build(engine.ROOT, engine.IMAGE, arguments=arguments)
    size = int(engine.output("image", "inspect", "--format", "{{.Size}}", engine.IMAGE))
    how = f"with {engine.name()} in {time.monotonic() - started:.0f} s: {size / 1e6:.0f} MB, commit {arguments['COMMIT']}"
    print(f"Built {engine.IMAGE} {how}.")


# Runs before gunicorn in the container of the test: an empty SQLite database with demo content and one account.
START = "python deploy/prepare.py --demo && exec gunicorn pydotorg.wsgi"


def test() -> None:
    """Start the image as in production, with a read-only root and an empty /app/var, and request a few URLs."""
    started = time.monotonic()
    base.make_missing(only={"redis"})
    name, password = f"image-test-{os.getpid()}", secrets.token_urlsafe(12)
    environment = {
        "SECRET_KEY": secrets.token_urlsafe(60),
        # As in production, neither 127.0.0.1 nor the IP address of the container. The test sends this host name.
        "ALLOWED_HOSTS": "www.python.org,localhost",
        "BASE_URL": "http://localhost",
        "AWS_STORAGE_BUCKET_NAME": "none",
        "CDN_BACKEND": "none",
        "EMAIL_URL": "none",
        "SECURE_SSL_REDIRECT": "false",
        "REQUIRE_SECOND_FACTOR": "false",
        "DATABASE_URL": "sqlite:////app/var/test.sqlite3",
        "REDIS_URL": f"redis://:{password}@{name}-redis:6379/0",
        "ADMIN_PASSWORD": password,
    }
    redis = ["redis-server", "--requirepass", password, "--save", ""]
    options = [part for item in environment.items() for part in ("--env", "=".join(item))]
    engine.output("network", "create", name)
    try:
        engine.output("run", "--detach", "--name", f"{name}-redis", "--network", name, base.STAND_INS["redis"], *redis)
        tmpfs = ["--tmpfs", engine.empty("/tmp"), "--tmpfs", engine.empty("/app/var")]
        hardening = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
        publish = ["--publish", "127.0.0.1::8000"]
        command = ["sh", "-c", START]
        engine.output(
            "run", "--detach", "--name", name, "--network", name, *publish, *hardening, *tmpfs, *options, engine.IMAGE, *command
        )
        url = f"http://localhost:{engine.output('port', name, '8000/tcp').rsplit(':', 1)[1]}"
        wait_until_it_listens(name, url)
        print(f"{time.monotonic() - started:5.0f} s  the container answers", flush=True)
        check_health_command(name)
        # Uploaded images are in object storage, which only the stack has (`make stack-test`).
        smoke.smoke(url, "admin", password, media=False)
        print(f"The image {engine.IMAGE} passed in {time.monotonic() - started:.0f} s.")
    except (smoke.SmokeError, subprocess.CalledProcessError):
        print(engine.engine("logs", "--tail", "20", name, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout)
        raise
    finally:
        for container in (name, f"{name}-redis"):
            engine.engine("rm", "--force", "--volumes", container, check=False, capture_output=True)
        engine.engine("network", "rm", name, check=False, capture_output=True)


def wait_until_it_listens(name: str, url: str) -> None:
    end = time.monotonic() + MAX_START
    while time.monotonic() < end:
        if engine.output("inspect", "--format", "{{.State.Running}}", name) != "true":
            raise smoke.SmokeError("The container has stopped.")
        with suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5):
            return
        time.sleep(1)
    raise smoke.SmokeError(f"The container did not answer within {MAX_START} seconds.")


def check_health_command(name: str) -> None:
    """Run the HEALTHCHECK of the image, which requests 127.0.0.1, as often as a runtime does before it gives up."""
    command = json.loads(engine.output("image", "inspect", "--format", "{{json .Config.Healthcheck.Test}}", engine.IMAGE))
    for _ in range(HEALTH_ATTEMPTS):
        answer = engine.engine("exec", name, *command[1:], check=False, capture_output=True)
        if answer.returncode == 0:
            print("HEALTHCHECK: healthy")
            return
    raise smoke.SmokeError(f"The HEALTHCHECK of the image fails: {answer.stderr.strip().splitlines()[-1:]}")


def suite(arguments: list[str]) -> None:
    """Run the tests that need only Python in a container of the image, with the test dependencies added."""
    tested = f"{engine.IMAGE.replace(':', '-')}-tests:local"
    names = {"IMAGE": engine.IMAGE}
    engine.build(engine.ROOT / "requirements", tested, file=engine.HERE / "Dockerfile.tests", arguments=names)
    # Files that the image does not contain. The code under test is that of the image.
    folders = ("tests", "deploy", "docs", "benchmarks", ".github", ".ci", "pyproject.toml", "Dockerfile", ".dockerignore")
    volumes = [part for name in folders for part in ("--volume", f"{engine.ROOT / name}:/app/{name}:ro")]
    volumes += ["--tmpfs", engine.empty("/tmp"), "--tmpfs", engine.empty("/app/var")]
    engine.engine("run", "--rm", "--read-only", *volumes, tested, *(arguments or ["tests"]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Build the image of the site.")
    parser.add_argument("command", choices=["build", "test", "suite"])
    given, others = parser.parse_known_args()
    try:
        {"build": build, "test": test, "suite": lambda: suite(others)}[given.command]()
    except (engine.EngineError, smoke.SmokeError) as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"Failed with code {error.returncode}: {' '.join(map(str, error.cmd))[:200]}")
