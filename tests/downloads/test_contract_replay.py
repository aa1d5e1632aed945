"""The contract of docs/importing.md over real HTTP, on a dump that gunicorn serves after its import.

CONTRACT_DUMP names a dump of the previous site to replay instead of the few rows here:

    CONTRACT_DUMP=dump.json .venv/bin/python -m pytest -n 0 -rP -m nightly tests/downloads/test_contract_replay.py
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import requests
from django.conf import settings
from django.core.management import call_command

from tests.downloads.replay import ROLES, accounts, replay
from tests.downloads.test_old_contract import ROWS
from tests.servers import database_url

DUMP = os.environ.get("CONTRACT_DUMP")


@pytest.fixture
def site(tmp_path):
    """Start gunicorn on the database of the test, and return its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "pydotorg.settings.test",
        "DATABASE_URL": database_url(),
        "VAR_DIR": str(tmp_path),
        "BASE_URL": url,
        "PORT": url.rpartition(":")[2],
        "WEB_CONCURRENCY": "1",
    }
    log = (tmp_path / "log").open("w")
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", "pydotorg.wsgi"], env=environment, stdout=log, stderr=log)
    try:
        for _ in range(150):
            try:
                requests.get(f"{url}/health", timeout=10).raise_for_status()
                break
            except requests.ConnectionError:
                time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=40)
        log.close()


@pytest.mark.django_db(transaction=True)
def test_each_answer_to_the_clients_of_the_old_apis_is_as_before_or_decided(site, tmp_path):
    rows = json.loads(Path(DUMP).read_text()) if DUMP else ROWS
    source, roles = tmp_path / "rows.json", tmp_path / "roles.csv"
    source.write_text(json.dumps([*rows, *accounts()]))
    roles.write_text(ROLES)
    call_command("import_pydotorg", source, roles=roles, verbosity=0)
    guide = (Path(settings.BASE_DIR) / "docs" / "importing.md").read_text()
    counts, decisions, different = Counter(), Counter(), []
    for exchange, outcome, reason in replay(rows, site):
        counts[exchange.group, outcome] += 1
        if outcome == "decided":
            decisions[reason] += 1
        if outcome == "different":
            different.append(f"{exchange.who} {exchange.method} {exchange.path}: {reason}")
    for group in sorted({group for group, _ in counts}):
        told = ", ".join(f"{counts[group, outcome]} {outcome}" for outcome in ("equal", "decided", "different"))
        print(f"{group}: {told}")
    for decision, number in decisions.items():
        print(f"{number}: {decision}")
        assert f"| {decision}" in guide
    assert not different, "\n".join(different)
