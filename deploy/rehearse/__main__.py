"""`make rehearse`: what may go wrong on a day of release, on this machine, with real servers; prints a table and writes it down.

Everything is of this rehearsal's own, on free ports of the loopback, in a folder that is deleted afterwards: a PostgreSQL with an
archive, Redis, a store of files (moto), a mail server, a cache that hangs, HAProxy as it is deployed, four sets of gunicorn under
the production settings, a worker. Takes about four minutes; `python -m deploy.rehearse switch redis` does some drills alone.
"""

import os
import secrets
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
from .stage import ROOT, Row, Stage

GUIDE = ROOT / "docs" / "rehearsals.md"
# Visitors are away while the database is; a process that dies takes along what it was about to answer; times differ by machine.
MAY_FAIL = ("PostgreSQL restarted", "green-1 killed")
FIGURES = ("simple GET", "complex GET", "saves", "tasks")
LONG = 20
# MB of the smallest task of deploy/terraform.
LARGEST = 512


def main() -> None:
    # PostgreSQL runs as another user, who must be able to enter.
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as name, HangingServer() as cache:
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
                rows = list(rehearse(stage, cluster, ports))
        finally:
            cluster.control("stop")
    table = as_table(rows)
    if not sys.argv[1:]:
        GUIDE.write_text(table, encoding="utf-8")
    print(table)
    if bad := [row.drill for row in rows if row.failures and not row.drill.startswith((*MAY_FAIL, *FIGURES))]:
        sys.exit(f"These drills failed: {', '.join(bad)}.")


def settings(folder: Path, cluster: Cluster, ports: dict[str, int], cache: HangingServer) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "pydotorg.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "false",
        "DATABASE_URL": cluster.url(),
        "REDIS_URL": f"redis://127.0.0.1:{ports['redis']}/0",
        "AWS_STORAGE_BUCKET_NAME": "pydotorg",
        "AWS_S3_ENDPOINT_URL": f"http://127.0.0.1:{ports['s3']}",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "EMAIL_URL": f"smtp://127.0.0.1:{ports['smtp']}",
        "CDN_BACKEND": "http",
        "CDN_URL": cache.url,
        "CDN_TIMEOUT": "1",
        "VAR_DIR": str(folder / "var"),
        "API_WRITE_RATE": "100000/hour",
        "LOG_LEVEL": "WARNING",
    }


def rehearse(stage: Stage, cluster: Cluster, ports: dict[str, int]) -> Iterator[Row]:
    start_redis(stage, ports["redis"])
    start_s3(stage, ports["s3"])
    say("Migrating and filling the site …")
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=web.FOREIGN_STATIC_FILES)
    token = fill_site()
    start_worker(stage)
    say("Starting two colours behind HAProxy …")
    web.prepare(stage)
    for drill, act in {
        "switch": lambda: web.switch(stage, "green", seconds=6),
        "roll-back": lambda: web.switch(stage, "blue", seconds=6),
        "rolling": lambda: web.rolling(stage, "blue", "3"),
        "stop": lambda: web.graceful_stop(stage, cluster.url(), "jobs_job", "/jobs/", seconds=LONG),
        "redis": lambda: outages.redis_gone(stage, ports["redis"], token),
        "mail": lambda: outages.mail_gone(stage, ports["smtp"], sender(stage)),
        "tasks": lambda: tasks.mails(stage, ports["smtp"], sender(stage), partial(start_worker, stage)),
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
            found = act()
            yield from [found] if isinstance(found, Row) else found


def fill_site() -> str:
    """Demo content, and the key of a program that may save."""
    from cms.delivery import purging
    from demo.content import fill
    from users.models import ServiceKey, User

    with purging.one_purge():
        fill()
    user = User.objects.create_superuser("drill", "drill@example.org")
    return ServiceKey.make(owner=user, name="Drill", scopes=["read", "releases"], days=30, api=ServiceKey.API.V2)[1]


def start_worker(stage: Stage, name: str = "worker", **environment: str) -> None:
    queues = ("purge", "mail", "default")
    formats = ("--serializer", "json", "--job-class", "django_tasks_rq.Job")
    stage.start(name, sys.executable, "manage.py", "rqworker", *queues, *formats, **environment)


def sender(stage: Stage):
    """What sends one mail. A worker that has lost its Redis ends: here we start it again, elsewhere compose or Kubernetes do."""
    from cms.email import registry, sending

    if stage.processes["worker"].poll() is not None:
        start_worker(stage)
    mail = next(mail for key, mail in registry.EMAIL_TYPES.items() if key.startswith("jobs."))
    return lambda: sending.send(mail, to=["drill@example.org"], variables=mail.example)


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
    """Nobody writes while it is counted what should be there."""
    stage.stop("worker")
    return data.point_in_time(cluster, stage.folder / "copy")


def as_table(rows: list[Row]) -> str:
    lines = [
        "# Rehearsals",
        "",
        "Made by `make rehearse`: two colours of two sets of gunicorn each behind HAProxy, under the production settings, with a",
        f"PostgreSQL, Redis and store of files of their own; visitors ask 100 times a second. {datetime.now(UTC):%-d %B %Y},",
        f"{os.cpu_count()} cores, with the visitors on the same machine.",
        "",
        "| drill | requests | failures | seconds | what came of it |",
        "|---|---:|---:|---:|---|",
        *(f"| {row.drill} | {row.requests} | {row.failures} | {row.seconds:.1f} | {row.told} |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
