"""Faults of PostgreSQL and its replica."""

import os
import signal
import time
from collections import Counter
from contextlib import suppress

import psycopg
from django.db import connections

from deploy.drills.servers import Cluster
from deploy.drills.site import Outcome, Site
from deploy.drills.stage import ask, until
from downloads.models import OS


def saves_after(site: Site, slug: str) -> tuple[int, int]:
    """Save after the recovery, and return the numbers of lost and duplicate rows."""
    until(lambda: site.post(slug)[0] in {201, 400}, "A save succeeds", seconds=40)
    count = OS.objects.filter(slug=slug).count()
    return int(count == 0), max(count - 1, 0)


def database_outcome(site: Site, slug: str, status: int, seconds: float) -> Outcome:
    started = time.monotonic()
    lost, twice = saves_after(site, slug)
    took = time.monotonic() - started
    # Refused saves were not acknowledged; accepted saves must be in the database.
    seen = f"a save gets {status} after {seconds:.1f} s"
    return Outcome(lost, twice, f"by itself, {took:.1f} s after the part", "error log, Sentry, /ready", seen)


def postgresql_restarts(site: Site) -> Outcome:
    connections.close_all()
    site.cluster.control("restart")
    status, seconds = site.post("restarted")
    return database_outcome(site, "restarted", status, seconds)


def postgresql_stops(site: Site) -> Outcome:
    connections.close_all()
    site.cluster.control("stop")
    time.sleep(1)
    status, seconds = site.post("stopped")
    time.sleep(2)
    site.cluster.control("start")
    return database_outcome(site, "stopped", status, seconds)


def postgresql_locks(site: Site) -> Outcome:
    with psycopg.connect(site.cluster.url()) as other:
        other.execute("LOCK TABLE jobs_job, downloads_os IN ACCESS EXCLUSIVE MODE")
        time.sleep(3)
        status, seconds = site.post("locked")
        other.rollback()
    return database_outcome(site, "locked", status, seconds)


def postgresql_is_full(site: Site) -> Outcome:
    """Occupy all connections and terminate those of the site."""
    connections.close_all()
    others: list[psycopg.Connection] = [psycopg.connect(site.cluster.url("postgres"), autocommit=True)]
    others[0].execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'pydotorg'")
    for _ in range(3):
        # The site may reconnect faster than this drill.
        with suppress(psycopg.OperationalError):
            while True:
                others.append(psycopg.connect(site.cluster.url("postgres")))
        others[0].execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'pydotorg'")
    with suppress(psycopg.OperationalError):
        while True:
            others.append(psycopg.connect(site.cluster.url("postgres")))
    time.sleep(1)
    status, seconds = site.post("connections")
    for other in others:
        other.close()
    return database_outcome(site, "connections", status, seconds)


def postgresql_is_slow(site: Site) -> Outcome:
    """Pause the PostgreSQL processes that serve the site for three seconds."""
    pids = [
        pid
        for (pid,) in site.cluster.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = 'pydotorg' AND pid <> pg_backend_pid()"
        )
    ]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(3)
    for pid in pids:
        os.kill(pid, signal.SIGCONT)
    status, seconds = site.post("slow")
    return database_outcome(site, "slow", status, seconds)


def replica_gone(site: Site) -> Outcome:
    folder = site.stage.folder / "standby"
    standby = Cluster(folder)
    standby.follow(site.cluster)
    site.stage.start_web("green-1", "1", DATABASE_REPLICA_URL=standby.url())
    site.stage.until_ready("green-1")
    before = Counter(ask(site.stage.url("green-1", "/jobs/?a=1"))[0] for _ in range(5))
    standby.control("stop")
    after = Counter(ask(site.stage.url("green-1", f"/jobs/?b={number}"))[0] for number in range(20))
    site.stage.stop("green-1")
    return Outcome(
        5 - before[200] + 20 - after[200],
        0,
        "reads go to the primary",
        "/ready names the replica, log",
        f"{after[200]} of 20 pages as usual",
    )
