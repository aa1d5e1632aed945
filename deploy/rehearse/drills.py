"""`make drills`: faults of every part behind the site, with real servers; prints a table and writes docs/drills.md.

Each drill makes a part fail while the site is asked for pages and for /health, repairs it, and counts in the database and at the
other server what was lost and what was done twice. `python -m deploy.rehearse.drills smtp redis` runs those whose names begin so.
"""

import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple, Self

import django
from django.core.management import call_command

from . import web
from .__main__ import fill_site, settings, start_worker
from .servers import Cluster, HangingServer, MailServer, start_redis, start_s3
from .stage import ROOT, Stage, ask, free_port

GUIDE = ROOT / "docs" / "drills.md"
PATHS = ("/", "/jobs/", "/downloads/", "/events/")
# Seconds: what a probe may wait for, and how often it asks.
MAX_HEALTH, PAUSE = 1.0, 0.1


class Outcome(NamedTuple):
    """Counts of a drill: what was lost, what was done twice, and how the site recovered and staff learn of it."""

    lost: int
    twice: int
    recovery: str
    learn: str
    seen: str = ""


@dataclass
class Watch:
    """Ask a site for /health and pages until the end of a `with` block."""

    url: Callable[[str], str]
    health: list[tuple[int, float]] = field(default_factory=list)
    pages: list[tuple[int, float]] = field(default_factory=list)
    without_sentence: int = 0

    def __enter__(self) -> Self:
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self.probe), *(threading.Thread(target=self.visit, args=(p,)) for p in PATHS)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join()

    def probe(self) -> None:
        while not self.done.wait(PAUSE):
            started = time.monotonic()
            status = ask(self.url("/health"), timeout=20)[0]
            self.health.append((status, time.monotonic() - started))

    def visit(self, path: str) -> None:
        while not self.done.wait(PAUSE * 2):
            started = time.monotonic()
            status, _, body = ask(self.url(path), timeout=40)
            self.pages.append((status, time.monotonic() - started))
            if status != HTTPStatus.OK and not (b"<h1" in body or b"Please try again" in body):
                self.without_sentence += 1

    @property
    def slowest_health(self) -> float:
        return max((seconds for _, seconds in self.health), default=0)

    @property
    def told(self) -> str:
        counts = Counter(status for status, _ in self.pages)
        slowest = max((seconds for _, seconds in self.pages), default=0)
        return ", ".join(f"{count} × {status}" for status, count in sorted(counts.items())) + f"; slowest {slowest:.1f} s"


class Row(NamedTuple):
    fault: str
    seen: str
    lost: int
    twice: int
    recovery: str
    learn: str
    health: float
    is_good: bool


@dataclass
class Site:
    """The parts of the site under test, for the drills in `faults`."""

    stage: Stage
    cluster: Cluster
    ports: dict[str, int]
    token: str
    smtp: MailServer
    name: str = "blue-1"

    def url(self, path: str) -> str:
        return self.stage.url(self.name, path)

    def post(self, slug: str) -> tuple[int, float]:
        """Save a row by API v2: the status, and the seconds until the answer."""
        body = f'{{"name": "{slug}", "slug": "{slug}"}}'.encode()
        headers = {"Authorization": f"Token {self.token}", "Content-Type": "application/json"}
        started = time.monotonic()
        status = ask(self.url("/api/v2/downloads/os/"), data=body, headers=headers, method="POST", timeout=40)[0]
        return status, time.monotonic() - started

    def restart_worker(self) -> None:
        if self.stage.processes.get("worker") is None or self.stage.processes["worker"].poll() is not None:
            start_worker(self.stage, FETCH_FROM_LOOPBACK="true", EMAIL_TIMEOUT="2")


@contextmanager
def parts() -> Iterator[Site]:
    """Start everything on free ports, in a folder that is deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="drills-") as name, HangingServer() as cache:
        folder = Path(name)
        folder.chmod(0o755)
        ports = {part: free_port() for part in ("redis", "s3", "smtp")}
        cluster = Cluster(folder / "postgresql")
        cluster.make()
        environment = settings(folder, cluster, ports, cache) | {"CDN_BACKEND": "none", "FETCH_FROM_LOOPBACK": "true"}
        os.environ.update(environment)
        smtp = MailServer(ports["smtp"])
        try:
            with Stage(folder, environment) as stage:
                start_redis(stage, ports["redis"])
                start_s3(stage, ports["s3"])
                django.setup()
                call_command("migrate", verbosity=0)
                call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=web.FOREIGN_STATIC_FILES)
                site = Site(stage, cluster, ports, fill_site(), smtp)
                forget_tasks()
                site.restart_worker()
                stage.start_web(site.name, "1")
                stage.until_ready(site.name)
                yield site
        finally:
            smtp.close()
            cluster.control("stop")


def forget_tasks() -> None:
    """Empty the queue: hundreds of tasks that index the demo would stand before those of the drills."""
    import django_rq

    from cms.platform.models import PendingTask

    django_rq.get_connection().flushall()
    PendingTask.objects.all().delete()


def run(site: Site, fault: str, drill: Callable[[Site], Outcome]) -> Row:
    from django.db import connections

    site.restart_worker()
    for path in PATHS:
        ask(site.url(path))
    with Watch(site.url) as watch:
        try:
            outcome = drill(site)
        except Exception as error:  # noqa: BLE001 -- one drill that breaks must not hide the others.
            traceback.print_exc()
            outcome = Outcome(1, 0, f"the drill broke: {type(error).__name__}: {str(error)[:100]}", "–")
        finally:
            connections.close_all()
        time.sleep(0.5)
    is_good = outcome.lost == 0 and outcome.twice == 0 and watch.slowest_health < MAX_HEALTH and watch.without_sentence == 0
    seen = f"{outcome.seen}; pages {watch.told}" if outcome.seen else f"pages {watch.told}"
    if watch.without_sentence:
        seen += f"; {watch.without_sentence} without a sentence"
    return Row(fault, seen, outcome.lost, outcome.twice, outcome.recovery, outcome.learn, watch.slowest_health, is_good)


def as_table(rows: list[Row]) -> str:
    lines = [
        "# Failure tests",
        "",
        "Made by `make drills`: one set of gunicorn (2 processes) and a worker under the production settings, with a PostgreSQL,",
        "Redis, store of files and mail server of their own. Meanwhile five clients keep asking for pages and `/health`.",
        f"{datetime.now(UTC):%b %-d, %Y}, {os.cpu_count()} cores, with the clients on the same machine. “Repeated” emails keep",
        "their Message-ID and are counted; “twice” counts effects that people notice. ✓: nothing lost or done twice, a sentence",
        f"on each page that failed, and `/health` below {MAX_HEALTH:.0f} s.",
        "",
        "| fault | what people see | lost | twice | recovery | how staff learn | slowest `/health` | |",
        "|---|---|---:|---:|---|---|---:|---|",
        *(
            f"| {row.fault} | {row.seen} | {row.lost} | {row.twice} | {row.recovery} | {row.learn} | {row.health:.2f} s "
            f"| {'✓' if row.is_good else '✗'} |"
            for row in rows
        ),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    wanted = tuple(sys.argv[1:])
    # What was started is stopped, however the drills end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("The drills were stopped."))
    with parts() as site:
        from .faults import DRILLS

        rows = []
        for fault, drill in DRILLS.items():
            if not wanted or fault.lower().startswith(wanted):
                print(f"{fault} …", flush=True)
                rows.append(run(site, fault, drill))
                print(f"    {rows[-1]}", flush=True)
    table = as_table(rows)
    if not wanted:
        GUIDE.write_text(table, encoding="utf-8")
    print(table)
    if bad := [row.fault for row in rows if not row.is_good]:
        sys.exit(f"These drills failed: {', '.join(bad)}.")


if __name__ == "__main__":
    main()
