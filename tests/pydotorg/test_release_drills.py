"""The drills of `make release-drills` that need web processes and the balancer alone, shortened."""

import pytest
from django.db import connection

from deploy.drills import web
from deploy.drills.stage import Stage, ask
from tests.databases import fill
from tests.factories.users import UserFactory
from tests.servers import database_url


@pytest.mark.skipif(connection.vendor == "sqlite", reason="Several sets of processes need one database server.")
@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("S0-08", "S1-17", "S2-34", "S3-06", "S3-07", "S4-15", on="HAProxy")
@pytest.mark.proves("S2-44", "S2-62")
def test_release_switch_roll_back_kill_and_stop(tmp_path, client, settings):
    fill(pages_only=True)
    environment = {
        "DJANGO_SETTINGS_MODULE": "pydotorg.settings.dev",
        "DEBUG": "false",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": database_url(),
        "VAR_DIR": str(tmp_path),
        "LOG_LEVEL": "WARNING",
    }
    with Stage(tmp_path, environment, rate=10) as stage:
        web.prepare(stage)
        client.force_login(UserFactory())
        signed_in = {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
        for name in ("blue-1", "blue-2", "green-1"):
            assert ask(stage.url(name, "/jobs/mine/"), headers=signed_in)[0] == 200, "Any process knows who is signed in."
        for row in (
            web.switch(stage, "green", seconds=1),
            web.switch(stage, "blue", seconds=1),
            web.rolling(stage, "blue", "3"),
        ):
            assert row.requests > 5
            assert row.failures == 0, row
        assert "the test port showed green" in web.switch(stage, "green", seconds=0.2).summary
        killed = web.kill(stage, "green-1", seconds=1)
        assert " 0 after;" in killed.summary, killed
        row = web.graceful_stop(stage, database_url(), "jobs_job", "/api/v3/jobs/", seconds=1)
        assert row.summary == "the long request got 200, new ones were refused"
