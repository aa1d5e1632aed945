"""Reading from a copy, for real: PostgreSQL with a streaming replica, both of this test's own, and two processes of the site."""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from deploy.drills.servers import Cluster, start_redis
from deploy.drills.stage import ROOT, Stage, ask, free_port, until
from tests.databases import fill
from tests.factories.users import UserFactory, key_for
from tests.servers import database_url

# The replica logs its queries and waits for no lock.
STANDBY = "log_statement = 'all'\nlock_timeout = '200ms'\n"
PAGE = "/about/"


class Pair:
    """Primary with the rows of the test database, and its replica."""

    def __init__(self, folder: Path):
        self.primary, self.standby = Cluster(folder / "primary"), Cluster(folder / "standby")
        dump = folder / "dump.sql"
        subprocess.run(["pg_dump", "--no-owner", f"--file={dump}", database_url(past_pooler=True)], check=True)
        self.primary.make()
        subprocess.run(["psql", "--quiet", "--output=/dev/null", f"--file={dump}", self.primary.url()], check=True)
        self.standby.follow(self.primary, STANDBY)

    def stop(self) -> None:
        for cluster in (self.standby, self.primary):
            cluster.control("stop")

    @contextmanager
    def lagging(self):
        """While the copy replays nothing."""
        self.standby.execute("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            self.standby.execute("SELECT pg_wal_replay_resume()")

    def has_received(self, words: str) -> bool:
        """Return whether the log of the replica contains a string."""
        return words in self.standby.log.read_text(errors="replace")


class Site:
    """Site on a primary and its replica, with its clients."""

    def __init__(self, stage: Stage, pair: Pair):
        self.stage, self.pair, self.numbers = stage, pair, count()

    def get(self, path: str, **headers: str) -> tuple[int, str, bool]:
        """Return the status, the text, and whether the replica got any query other than the one for its position."""
        name = f"visit-{next(self.numbers)}"
        status, _, body = ask(self.stage.url("web", path), headers={"X-Request-ID": name} | headers)
        asked = self.pair.has_received(f'/* request {name} */ SELECT "')
        return status, body.decode(), asked

    def reads_the_copy(self) -> bool:
        return self.get(PAGE)[2]

    def add_os(self, slug: str, token: str) -> int:
        headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        body = json.dumps({"name": slug, "slug": slug}).encode()
        return ask(self.stage.url("web", "/api/v2/downloads/os/"), data=body, headers=headers, method="POST")[0]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="The copy is PostgreSQL's.")
@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("S2-45")
def test_visitors_read_from_the_copy_and_nobody_sees_an_old_state(client, settings):
    fill(pages_only=True)
    token = key_for(UserFactory(is_superuser=True), "v2")
    client.force_login(UserFactory())
    session = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
    # PostgreSQL runs as another user, who must be able to enter.
    with tempfile.TemporaryDirectory(prefix="replica-") as name:
        folder, redis = Path(name), free_port()
        folder.chmod(0o755)
        pair = Pair(folder)
        environment = {
            "DJANGO_SETTINGS_MODULE": "pydotorg.settings.dev",
            "DEBUG": "false",
            "SECRET_KEY": settings.SECRET_KEY,
            "DATABASE_URL": pair.primary.url(),
            "DATABASE_REPLICA_URL": pair.standby.url(),
            "REDIS_URL": f"redis://127.0.0.1:{redis}/0",
            "VAR_DIR": name,
            # Else it would answer, and no database.
            "PAGE_CACHE": "false",
            "LOG_LEVEL": "ERROR",
        }
        try:
            with Stage(folder, environment) as stage:
                start_redis(stage, redis)
                # Queues have tables of their own, where Redis is.
                subprocess.run(
                    [sys.executable, "manage.py", "migrate", "-v0"], env=os.environ | environment, cwd=ROOT, check=True
                )
                stage.start_web("web", "1")
                stage.until_ready("web")
                site = Site(stage, pair)
                until(site.reads_the_copy, "A visitor reads from the copy")
                assert site.get("/jobs/mine/", **session)[::2] == (200, False), "Who is signed in reads from the primary."
                assert site.get("/api/v2/downloads/os/", Authorization=f"Token {token}")[::2] == (200, False)
                check_lag(site, token)
                check_refusal(site)
                check_outage(site)
        finally:
            pair.stop()


def check_lag(site: Site, token: str) -> None:
    """Check that all visitors see a write at once while the replica lags, and that it is used again later."""
    with site.pair.lagging():
        assert site.add_os("plan-9", token) == 201
        for _ in range(6):
            status, text, asked = site.get("/api/v2/downloads/os/")
            assert (status, "plan-9" in text, asked) == (200, True, False)
        assert site.pair.standby.execute("SELECT count(*) FROM downloads_os WHERE slug = 'plan-9'") == [(0,)]
    until(site.reads_the_copy, "The copy has caught up and is read again")
    assert "plan-9" in site.get("/api/v2/downloads/os/")[1]


def check_refusal(site: Site) -> None:
    """Check that the primary responds if the replica cancels a query in the middle of a request."""
    with psycopg.connect(site.pair.primary.url()) as holder, ThreadPoolExecutor(1) as pool:
        holder.execute("LOCK TABLE wagtailcore_page IN ACCESS EXCLUSIVE MODE")
        held = "SELECT count(*) > 0 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
        until(lambda: site.pair.standby.execute(held) == [(True,)], "The copy holds the lock")
        answer = pool.submit(site.get, PAGE)
        until(lambda: site.pair.has_received("canceling statement due to lock timeout"), "The copy refuses")
        holder.rollback()
        status, text, _ = answer.result()
    assert (status, "<h1" in text) == (200, True)


def check_outage(site: Site) -> None:
    """Check that pages work while the replica is down, and that the health check reports it."""
    site.pair.standby.control("stop")
    for _ in range(4):
        assert site.get(PAGE)[0] == 200
    status, text, _ = site.get("/ready")
    assert (status, json.loads(text)) == (200, {"status": "ready", "without": ["replica"]})
    site.pair.standby.control("start")
    until(site.reads_the_copy, "The copy is back and is read again")
    assert json.loads(site.get("/ready")[1]) == {"status": "ready"}
