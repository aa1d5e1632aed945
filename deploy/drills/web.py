"""Drills of the web processes: switch, rollback, rolling update, a killed process, a graceful stop."""

import signal
import subprocess
import sys
import threading
import time
from http import HTTPStatus
from pathlib import Path

import psycopg

from .stage import ROOT, Row, Stage, Visitors, ask, free_port, until

# Compressing Wagtail's static files takes minutes, and no drill opens the admin.
FOREIGN_STATIC_FILES = ["wagtail*", "admin", "rest_framework", "ninja", "django_*", "flags", "*table_block"]
PATHS = ("/", "/downloads/feed.rss", "/api/v2/downloads/os/", "/box/supernav-python-downloads/", "/robots.txt")


def visitors(stage: Stage) -> Visitors:
    return Visitors([stage.url("production", path) for path in PATHS], rate=stage.rate)


def prepare(stage: Stage) -> None:
    """Start blue with release 1, and green with release 2 on the test port only."""
    for name, release in {"blue-1": "1", "blue-2": "1", "green-1": "2", "green-2": "2"}.items():
        stage.start_web(name, release)
    stage.until_ready("blue-1", "blue-2", "green-1", "green-2")
    stage.start_balancer()
    for path in PATHS:
        for name in ("blue-1", "blue-2", "green-1", "green-2"):
            ask(stage.url(name, path))


def switch(stage: Stage, colour: str, *, seconds: float) -> Row:
    """Switch to the other color while visitors request pages."""
    other = "green" if colour == "blue" else "blue"
    with visitors(stage) as crowd:
        time.sleep(seconds / 2)
        before = stage.served_by("production"), stage.served_by("test")
        stage.switch("production", colour)
        took = until(lambda: stage.served_by("production").startswith(colour), f"{colour} serves")
        time.sleep(seconds / 2)
    summary = f"production {before[0]} → {stage.served_by('production')}; the test port showed {before[1]} before"
    stage.switch("test", other)
    return Row(f"switch to {colour}", len(crowd.answers), len(crowd.failures), took, summary)


def rolling(stage: Stage, colour: str, release: str) -> Row:
    """Replace one set of processes at a time: remove it from HAProxy, let it finish, and add it with the new release."""
    with visitors(stage) as crowd:
        started = time.monotonic()
        for name in (f"{colour}-1", f"{colour}-2"):
            stage.order(f"set server {colour}/{name} state drain")
            until(lambda name=name: stage.status(name)["scur"] == "0", f"{name} finishes")
            stage.stop(name)
            stage.start_web(name, release)
            stage.until_ready(name)
            stage.order(f"set server {colour}/{name} state ready")
            # HAProxy marks it as up at the next check. Removing the other one earlier would leave none.
            until(lambda name=name: stage.status(name)["status"] == "UP", f"{name} is up")
        took = time.monotonic() - started
    summary = f"both sets have release {release} ({crowd.statuses})"
    return Row(f"rolling update of {colour}", len(crowd.answers), len(crowd.failures), took, summary)


def kill(stage: Stage, name: str, *, seconds: float) -> Row:
    """Kill a process. HAProxy removes it after two checks, and no request fails after that."""
    colour = name.partition("-")[0]
    with visitors(stage) as crowd:
        time.sleep(seconds / 2)
        at = time.monotonic()
        stage.stop(name, signal.SIGKILL)
        took = until(lambda: stage.status(name)["status"] == "DOWN", f"{name} is evicted", seconds=20)
        time.sleep(seconds / 2)
    late = [moment for moment in crowd.failures if moment > at + took]
    summary = f"{len(crowd.failures)} failed until it was evicted, {len(late)} after; {colour} went on with one set of processes"
    return Row(f"{name} killed", len(crowd.answers), len(crowd.failures), took, summary)


def graceful_stop(stage: Stage, database: str, table: str, path: str, *, seconds: float) -> Row:
    """Stop a process during a long request, which waits for a table that this drill keeps locked."""
    stage.start_web("alone", "1")
    stage.until_ready("alone")
    found: list[int] = []
    with psycopg.connect(database) as keeper:
        keeper.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")  # type: ignore[arg-type]
        long = threading.Thread(target=lambda: found.append(ask(stage.url("alone", path), timeout=60)[0]))
        long.start()
        time.sleep(0.5)
        stage.processes["alone"].send_signal(signal.SIGTERM)
        started = time.monotonic()
        time.sleep(seconds / 2)
        refused = ask(stage.url("alone", "/health"), timeout=0.5)[0] == 0
        time.sleep(seconds / 2)
    long.join()
    stage.stop("alone")
    took = time.monotonic() - started
    summary = f"the long request got {found[0]}, new ones were {'refused' if refused else 'taken'}"
    return Row(f"stop during a request of {seconds:.0f} s", 1, int(found[0] != HTTPStatus.OK), took, summary)


def previous_release(stage: Stage, folder: Path, save) -> Row:
    """Run the code from before the newest migration on the migrated database, as after a rollback.

    `save(url)` saves a row on the site at `url` and returns the status. Raises CalledProcessError without a git history.
    """
    newest = git("log", "-1", "--format=%H", "--diff-filter=A", "--", "*/migrations/*.py").decode().strip()
    added = git("show", "--name-only", "--format=", "--diff-filter=A", newest, "--", "*/migrations/*.py").decode().split()
    folder.mkdir()
    subprocess.run(["tar", "--extract", f"--directory={folder}"], input=git("archive", f"{newest}^"), check=True)
    variables = {"VAR_DIR": str(folder / "var"), "RELEASE": "previous"}
    ours = [f"--ignore={name}" for name in FOREIGN_STATIC_FILES]
    stage.start("static", sys.executable, str(folder / "manage.py"), "collectstatic", "--noinput", *ours, **variables)
    stage.processes["static"].wait()
    stage.ports["previous"] = free_port()
    started = time.monotonic()
    serve = [sys.executable, "-m", "gunicorn", f"--chdir={folder}", "pydotorg.wsgi"]
    stage.start("previous", *serve, PORT=str(stage.ports["previous"]), WEB_CONCURRENCY="1", **variables)
    stage.until_ready("previous")
    took = time.monotonic() - started
    paths = (*PATHS, "/downloads/", "/jobs/", "/events/", "/success-stories/", "/api/v3/releases/")
    statuses = [ask(stage.url("previous", path))[0] for path in paths]
    saved = save(stage.url("previous", "/api/v2/downloads/os/"))
    stage.stop("previous")
    failures = len(statuses) - statuses.count(HTTPStatus.OK) + (saved != HTTPStatus.CREATED)
    summary = f"{newest[:7]}^ without {', '.join(added)}: pages got {sorted(set(statuses))}, a save {saved}"
    return Row("previous release on the new schema", len(statuses) + 1, failures, took, summary)


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
