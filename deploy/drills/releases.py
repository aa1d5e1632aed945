"""Drills of failures on a release day, with real servers (`make release-drills`). Writes docs/release-drills.md.

Each run starts its own servers on free loopback ports, in a temporary folder: PostgreSQL with WAL archiving, Redis, file
storage (moto), a mail server, a cache that hangs, HAProxy with the deployed configuration, four sets of gunicorn under the
production settings, and a worker. Takes about four minutes. `python -m deploy.drills.releases switch redis` runs only these
drills.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import django
from django.core.management import call_command

from . import data, database, figures, outages, tasks, web
from .servers import Cluster, HangingServer, free_port, start_redis, start_s3
from .site import fill_site, settings, start_worker
from .stage import ROOT, Row, Stage

GUIDE = ROOT / "docs" / "release-drills.md"
# Requests fail while the database is down, and a killed process loses its running requests. Times differ by machine.
MAY_FAIL = ("PostgreSQL restarted", "green-1 killed")
MEASUREMENTS = ("simple GET", "complex GET", "saves", "tasks")
LONG = 20
# Memory in MB of the smallest task in deploy/terraform.
LARGEST = 512


def main() -> None:
    # PostgreSQL runs as another user, who needs access to the folder.
    with tempfile.TemporaryDirectory(prefix="release-drills-") as name, HangingServer() as cache:
        folder = Path(name)
        folder.chmod(0o755)
        ports = {part: free_port() for part in ("redis", "s3", "smtp")}
        cluster = Cluster(folder / "postgresql")
        say("Starting PostgreSQL, Redis and a store of files …")
        cluster.make()
        environment = settings(folder, cluster, ports, cache)
        os.environ.update(environment)
        try:
            with Stage(folder, environment) as stage:
                rows = list(run_drills(stage, cluster, ports))
        finally:
            cluster.control("stop")
    table = as_table(rows)
    if not sys.argv[1:]:
        GUIDE.write_text(table, encoding="utf-8")
    print(table)
    if bad := [row.drill for row in rows if row.failures and not row.drill.startswith((*MAY_FAIL, *MEASUREMENTS))]:
        sys.exit(f"These drills failed: {', '.join(bad)}.")


def run_drills(stage: Stage, cluster: Cluster, ports: dict[str, int]) -> Iterator[Row]:
    start_redis(stage, ports["redis"])
    start_s3(stage, ports["s3"])
    say("Migrating and filling the site …")
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=web.FOREIGN_STATIC_FILES)
    token = fill_site()
    start_worker(stage)
    say("Starting two colors behind HAProxy …")
    web.prepare(stage)
    for drill, action in {
        "switch": lambda: web.switch(stage, "green", seconds=6),
        "roll-back": lambda: web.switch(stage, "blue", seconds=6),
        "rolling": lambda: web.rolling(stage, "blue", "3"),
        "stop": lambda: web.graceful_stop(stage, cluster.url(), "jobs_job", "/jobs/", seconds=LONG),
        "redis": lambda: outages.redis_gone(stage, ports["redis"], token),
        "mail": lambda: outages.email_server_stops(stage, ports["smtp"], sender(stage)),
        "tasks": lambda: tasks.measure_tasks(stage, ports["smtp"], sender(stage), partial(start_worker, stage)),
        "files": lambda: outages.store_gone(stage, ports["s3"], upload),
        "cdn": lambda: outages.cdn_hangs(stage, token),
        "disk": lambda: outages.disk_full(stage, stage.folder / "small"),
        "previous": lambda: web.previous_release(stage, stage.folder / "previous", partial(outages.save, token, "before")),
        "postgresql": lambda: outages.database_restarts(stage, cluster),
        "kill": lambda: kill_green(stage),
        "figures": lambda: measure(stage, cluster, token),
        "pooler": lambda: database.pooler(stage, cluster, token),
        "encryption": lambda: database.encryption(stage, cluster),
        "restore": lambda: data.restore(cluster, stage.folder / "backups", stage.environment),
        "point-in-time": lambda: go_back(stage, cluster),
    }.items():
        if not sys.argv[1:] or drill in sys.argv[1:]:
            say(f"Drill: {drill} …")
            found = action()
            yield from [found] if isinstance(found, Row) else found


def sender(stage: Stage):
    """Return a function that sends one email. Restarts the worker if it has exited after losing Redis."""
    from cms.email import registry, sending

    if stage.processes["worker"].poll() is not None:
        start_worker(stage)
    email = next(email for key, email in registry.EMAIL_TYPES.items() if key.startswith("jobs."))
    return lambda: sending.send(email, to=["drill@example.org"], variables=email.example)


def upload() -> None:
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    default_storage.delete(default_storage.save("drill.txt", ContentFile(b"drill")))


def kill_green(stage: Stage) -> Row:
    stage.switch("production", "green")
    return web.kill(stage, "green-1", seconds=6)


def measure(stage: Stage, cluster: Cluster, token: str) -> Iterator[Row]:
    yield from figures.times(stage, token, seconds=20)
    yield figures.queries(cluster)
    yield figures.memory(stage, "green-2", largest=LARGEST)


def go_back(stage: Stage, cluster: Cluster) -> Row:
    """Recover to a point in time. Writes are paused while the expected rows are counted."""
    stage.stop("worker")
    return data.point_in_time(cluster, stage.folder / "copy")


def as_table(rows: list[Row]) -> str:
    lines = [
        "# Release drills",
        "",
        "Made by `make release-drills`: two colors of two sets of gunicorn each behind HAProxy, under the production settings,",
        f"with their own PostgreSQL, Redis and file storage; visitors ask 100 times a second; {datetime.now(UTC):%b %-d, %Y},",
        f"{os.cpu_count()} cores, with the visitors on the same machine.",
        "",
        "| drill | requests | failures | seconds | what came of it |",
        "|---|---:|---:|---:|---|",
        *(f"| {row.drill} | {row.requests} | {row.failures} | {row.seconds:.1f} | {row.summary} |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
