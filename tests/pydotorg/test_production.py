import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from deploy.drills.stage import free_port
from tests.servers import database_url

COMPLETE = {
    "SECRET_KEY": secrets.token_urlsafe(60),
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "ALLOWED_HOSTS": "127.0.0.1,www.python.org",
    "BASE_URL": "https://www.python.org",
    "AWS_STORAGE_BUCKET_NAME": "none",
    "CDN_BACKEND": "none",
    "EMAIL_URL": "none",
    "DJANGO_SETTINGS_MODULE": "pydotorg.settings.production",
    "PYTHONWARNINGS": "error::DeprecationWarning:pydotorg",
}


def run(*command, **environment):
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run([sys.executable, *command], env=clean | environment, capture_output=True, text=True, check=False)


REQUIRED = [
    *("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"),
    *("BASE_URL", "AWS_STORAGE_BUCKET_NAME", "CDN_BACKEND", "EMAIL_URL"),
]


@pytest.mark.parametrize("missing", REQUIRED)
@pytest.mark.proves("S2-22", "S3-42")
def test_production_does_not_start_without_what_it_needs_and_names_it(missing, tmp_path):
    environment = COMPLETE | {"DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3", "VAR_DIR": str(tmp_path)}
    del environment[missing]
    answer = run("manage.py", "check", **environment)
    assert answer.returncode != 0
    assert f"Set these variables before starting under the production settings: {missing}." in answer.stderr


LOAD = """
import re, sys
import pydotorg.wsgi, pydotorg.urls, cms.management.commands.run_schedules, django_rq.management.commands.rqworker
if found := {"freezegun", "pytest"} & set(sys.modules):
    sys.exit(f"libraries of the tests: {found}")
from django.urls import reverse
loaded = set(sys.modules)
re.purge()
reverse("account_signup")
if sys.modules.keys() - loaded or len(re._cache) > 20:
    sys.exit(f"the first request would load {sys.modules.keys() - loaded} and compile {len(re._cache)} patterns")
"""


def test_processes_load_all_urls_before_the_first_request_and_no_library_of_the_tests(tmp_path):
    answer = run("-c", LOAD, **COMPLETE, DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3", VAR_DIR=str(tmp_path))
    assert answer.returncode == 0, answer.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("S0-05", "S1-29", "S2-51", "S3-28", "S3-48", "S3-64")
def test_gunicorn_serves_under_the_production_settings(tmp_path):
    environment = COMPLETE | {"DATABASE_URL": database_url(), "VAR_DIR": str(tmp_path), "RELEASE": "1.2.3", "COLOUR": "green"}
    # Our own files alone: to compress all of Wagtail's takes more than a minute.
    others = [
        f"--ignore={name}" for name in ("wagtail*", "admin", "rest_framework", "ninja", "django_*", "flags", "*table_block")
    ]
    answer = run("manage.py", "collectstatic", "--noinput", "--verbosity", "0", *others, **environment)
    assert answer.returncode == 0, answer.stderr
    server, port = start_gunicorn(environment)
    try:
        assert fetch(f"http://127.0.0.1:{port}/health")[0] == 200
        status, headers, body = fetch(f"http://127.0.0.1:{port}/no/such/page/")
        assert status == 404
        assert "/static/css/site." in body, "Static files have addresses that change with their content."
        assert headers["Strict-Transport-Security"].startswith("max-age=63072000")
    finally:
        server.terminate()
        _, log = server.communicate(timeout=40)
    lines = [json.loads(line) for line in log.decode().splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line.get("path") == "/no/such/page/"]
    assert line["request_id"] == headers["X-Request-ID"]
    told = (line["logger"], line["level"], line["method"], line["status"], line["release"], line["colour"], line["user_id"])
    assert told == ("access", "INFO", "GET", 404, "1.2.3", "green", None)
    assert line["duration_ms"] > 0
    asked = [line["path"] for line in lines if line["logger"] == "access"]
    assert asked.count("/downloads/") == asked.count("/api/v1/downloads/release/") == 1, "Asked for before there is a worker."


def start_gunicorn(environment):
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    command = [sys.executable, "-m", "gunicorn", "pydotorg.wsgi"]
    variables = clean | environment | {"PORT": str(port), "WEB_CONCURRENCY": "1"}
    return subprocess.Popen(command, env=variables, stderr=subprocess.PIPE), port


def test_gunicorn_starts_without_its_database(tmp_path):
    nowhere = f"postgres://nobody@127.0.0.1:{free_port()}/none"
    environment = COMPLETE | {"DATABASE_URL": nowhere, "VAR_DIR": str(tmp_path)}
    server, port = start_gunicorn(environment)
    try:
        assert fetch(f"http://127.0.0.1:{port}/health")[0] == 200
        assert fetch(f"http://127.0.0.1:{port}/")[0] == 503
    finally:
        server.terminate()
        server.communicate(timeout=40)


def fetch(url):
    """Status, headers and text; waits up to 30 seconds for the server to listen."""
    request = urllib.request.Request(url, headers={"X-Forwarded-Proto": "https"})  # noqa: S310 -- a server of this test.
    for _ in range(150):
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
                return response.status, response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()
        except urllib.error.URLError:
            time.sleep(0.2)
    pytest.fail("The server did not listen within 30 seconds.")
