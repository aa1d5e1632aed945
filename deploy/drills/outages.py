"""Drills in which a service behind the site fails and recovers, while visitors request pages and an editor saves."""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path

from django.db import connection

from .servers import Cluster, EmailServer, start_redis, start_s3
from .stage import ROOT, Row, Stage, ask, until
from .web import PATHS, visitors


def save(token: str, slug: str, url: str) -> int:
    """Save a row as an API client, and return the status.

    Raises RuntimeError if the site rejects the request, which no outage explains.
    """
    body = json.dumps({"name": slug.title(), "slug": slug}).encode()
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    status, _, answer = ask(url, data=body, headers=headers, method="POST")
    if status == HTTPStatus.BAD_REQUEST:
        raise RuntimeError(answer.decode())
    return status


def save_system(stage: Stage, token: str, slug: str) -> tuple[int, float]:
    """Return the status of a save and the seconds until the response."""
    started = time.monotonic()
    return save(token, slug, stage.url("production", "/api/v2/downloads/os/")), time.monotonic() - started


def not_ready(stage: Stage, name: str = "blue-1") -> list[str]:
    status, _, body = ask(stage.url(name, "/ready"))
    return json.loads(body)["failed"] if status == HTTPStatus.SERVICE_UNAVAILABLE else []


def row(drill: str, crowd, started: float, summary: str) -> Row:
    return Row(drill, len(crowd.answers), len(crowd.failures), time.monotonic() - started, f"{summary} ({crowd.statuses})")


def redis_gone(stage: Stage, port: int, token: str) -> Row:
    with visitors(stage) as crowd:
        started = time.monotonic()
        stage.stop("redis")
        time.sleep(2)
        failed = not_ready(stage)
        status, seconds = save_system(stage, token, "without-redis")
        start_redis(stage, port)
        until(lambda: not not_ready(stage), "blue-1 is ready again")
    return row("Redis gone", crowd, started, f"/ready named {', '.join(failed)}; a save got {status} in {seconds:.1f} s")


def store_gone(stage: Stage, port: int, upload) -> Row:
    """Stop the file storage. `upload()` stores a file like an editor and raises OSError or an error of the storage library."""
    with visitors(stage) as crowd:
        started = time.monotonic()
        stage.stop("s3")
        time.sleep(1)
        failed = not_ready(stage)
        try:
            upload()
            refused = "was taken"
        except Exception as error:  # noqa: BLE001 -- the library has many; any of them is the answer.
            refused = f"was refused ({type(error).__name__})"
        start_s3(stage, port)
        until(lambda: not not_ready(stage), "blue-1 is ready again")
    upload()
    return row("store of files gone", crowd, started, f"/ready named {', '.join(failed)}; an upload {refused}, and taken after")


def email_server_stops(stage: Stage, port: int, send) -> Row:
    """Stop the mail server and restart it. `send()` sends one email and returns its row."""
    from cms.email.tasks import retry_emails

    with visitors(stage) as crowd:
        started = time.monotonic()
        email = send()
        until(lambda: state_of(email) == "failed", "The email fails")
        error = email.error
        server = EmailServer(port)
        retry_emails.using(backend="in_process").enqueue()
        until(lambda: state_of(email) == "sent", "The email is sent")
        server.close()
    return row("SMTP gone", crowd, started, f"the email waited ({error}); {server.taken} sent in attempt {email.attempts}")


def state_of(record) -> str:
    record.refresh_from_db()
    return record.status


def cdn_hangs(stage: Stage, token: str) -> Row:
    """Let the CDN hang. A worker sends the purges, so a save does not wait for the cache."""
    from cms.delivery.models import Purge

    before = Purge.objects.count()
    with visitors(stage) as crowd:
        started = time.monotonic()
        status, seconds = save_system(stage, token, "without-cdn")
        until(lambda: Purge.objects.count() > before, "A purge is written down")
        purge = Purge.objects.order_by("-pk").first()
        until(lambda: state_of(purge) == "failed", "The purge fails")
    return row(
        "CDN hangs", crowd, started, f"a save got {status} in {seconds:.1f} s; its purge is kept as failed, to be sent again"
    )


def database_restarts(stage: Stage, cluster: Cluster) -> Row:
    """Restart the database. Visitors get the error page 503 during the outage, and the site recovers without a restart."""
    with visitors(stage) as crowd:
        time.sleep(1)
        started = time.monotonic()
        cluster.control("stop")
        time.sleep(2)
        health = ask(stage.url("production", "/health"))[0]
        status, headers, _ = ask(stage.url("production", "/jobs/"))
        cluster.control("start")
        until(lambda: ask(stage.url("production", "/jobs/"))[0] == HTTPStatus.OK, "The jobs are back")
        back = time.monotonic()
        time.sleep(2)
    connection.close()
    late = [moment for moment in crowd.failures if moment > back]
    summary = f"/health got {health}, pages {status} (Retry-After {headers.get('Retry-After')}); {len(late)} failed later"
    summary += f"; {crowd.statuses}"
    return Row("PostgreSQL restarted", len(crowd.answers), len(crowd.failures), back - started, summary)


def disk_full(stage: Stage, folder: Path) -> Row:
    """Fill the disk of a small site with database and files on one disk, as with `make serve`. Needs permission to mount it."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)], check=True)
    try:
        embedded = {
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "VAR_DIR": str(folder),
            "REDIS_URL": "",
            "CDN_BACKEND": "none",
        }
        embedded |= {"DJANGO_SETTINGS_MODULE": "pydotorg.settings.dev", "DEBUG": "false", "AWS_STORAGE_BUCKET_NAME": ""}
        program = "from deploy.drills.__main__ import fill_site; print(fill_site())"
        shell = [sys.executable, "manage.py", "shell", "--verbosity=0", "-c", program]
        environment = os.environ | embedded | {"LOG_LEVEL": "ERROR"}
        subprocess.run([*shell[:2], "migrate", "--verbosity=0"], env=environment, cwd=ROOT, check=True)
        token = subprocess.run(shell, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1]
        stage.start_web("small", "1", **embedded)
        stage.until_ready("small")
        # The first request of a page stores the settings that it shows.
        ask(stage.url("small", "/jobs/"))
        place = stage.url("small", "/api/v2/downloads/os/")
        with suppress(OSError), (folder / "rest").open("wb", buffering=0) as rest:
            while rest.write(bytes(1024)):
                pass
        statuses = [ask(stage.url("small", path))[0] for path in PATHS]
        failed = not_ready(stage, "small")
        full = [save(token, f"full-{number}", place) for number in range(5)][-1]
        (folder / "rest").unlink()
        started = time.monotonic()
        until(lambda: not not_ready(stage, "small"), "The small site is ready again")
        after = save(token, "room-again", place)
    finally:
        if "small" in stage.processes:
            stage.stop("small")
        subprocess.run(["umount", str(folder)], check=True)
    right = statuses.count(HTTPStatus.OK) + (full == HTTPStatus.INSUFFICIENT_STORAGE) + (after == HTTPStatus.CREATED)
    summary = f"pages got {sorted(set(statuses))}, /ready named {', '.join(failed)}; a save got {full}, then {after}"
    return Row("disk full", len(PATHS) + 2, len(PATHS) + 2 - right, time.monotonic() - started, summary)
