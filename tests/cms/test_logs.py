"""Each request has one ID in all logs, and no log line contains a secret."""

import json
import logging
import time

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import RequestFactory
from django_tasks.backends.immediate import ImmediateBackend

from cms.delivery import backends, sending
from cms.delivery.models import Purge
from cms.platform import tracing
from cms.platform.logs import MaskedJsonFormatter, PlainFormatter, mask, minimum_level, request_id
from cms.platform.threads import ThreadBackend
from tests.factories.users import UserFactory
from tests.servers import RecordingServer


@pytest.fixture
def requested():
    """As if a request with this id were under way."""
    token = request_id.set("requested-1")
    yield "requested-1"
    request_id.reset(token)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("GET /preview/abc_-1.def-2_/comment/ 200", "GET /preview/***/comment/ 200"),
        ("log in with password=hunter2 and go", "log in with password=*** and go"),
        ("{'new_password': 'hunter2', 'age': 3}", "{'new_password': '***', 'age': 3}"),
        ("Authorization: Token 0123456789abcdef", "Authorization: Token ***"),
        ("postgres://site:hunter2@db.example/site refused", "postgres://site:***@db.example/site refused"),
        ("the key sk_prod_AbC-123_x is old", "the key sk_*** is old"),
        ("Key (email)=(ada@example.org) already exists", "Key (email)=(***@example.org) already exists"),
        ("14 tokens were made in 3 ms", "14 tokens were made in 3 ms"),
    ],
)
@pytest.mark.proves("S2-53")
def test_secrets_and_email_addresses_are_masked(text, masked):
    assert mask(text) == masked


def test_both_formats_mask_what_they_log_and_what_they_trace():
    try:
        int("token=abc of ada@example.org")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "for %s", ("bob@example.org",), (type(error), error, None))
    record.api_key, record.count = "sk_test_abc", 3
    plain = PlainFormatter("%(message)s").format(record)
    line = MaskedJsonFormatter("%(levelname)s %(message)s").format(record)
    assert json.loads(line)["api_key"] == "***"
    assert json.loads(line)["count"] == 3
    for text in (plain, line):
        assert not [word for word in ("abc", "ada@", "bob@") if word in text]
        assert "***@example.org" in text


@pytest.mark.django_db
@pytest.mark.proves("S3-40", "S3-48")
def test_each_request_writes_one_line(client, caplog):
    user = UserFactory()
    client.force_login(user)
    with caplog.at_level(logging.INFO, "access"):
        client.get("/users/edit/?token=abc", headers={"X-Request-ID": "mine"})
        client.get("/no/such/page/")
    first, second = [record for record in caplog.records if record.name == "access"]
    assert (first.method, first.path, first.status, first.user_id) == ("GET", "/users/edit/", 200, user.pk)
    assert 0 < first.duration_ms < 60_000
    assert second.status == 404


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Request-ID": "abc-123", "X-Amzn-Trace-Id": "Root=1-aa-bb"}, "abc-123"),
        ({"X-Amzn-Trace-Id": "Self=1-x;Root=1-67891233-abcdef;Sampled=1"}, "1-67891233-abcdef"),
        ({"X-Request-ID": "*/ DROP TABLE"}, None),
        ({}, None),
    ],
)
@pytest.mark.proves("S2-52")
def test_the_id_of_the_caller_or_of_the_load_balancer_is_kept(headers, expected):
    found = tracing.id_of(RequestFactory().get("/", headers=headers))
    assert found == expected or (expected is None and len(found) == 32)


@pytest.mark.parametrize("path", ["500.html", "503.html", "507.html"])
def test_error_pages_name_the_request(path):
    assert "<code>requested-1</code>" in render_to_string(path, {"request_id": "requested-1"})


@pytest.mark.proves("S2-52")
def test_a_view_that_breaks_shows_the_id(client, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.delattr("pydotorg.views.site_settings_of")
    response = client.get("/humans.txt", headers={"X-Request-ID": "broken-7"})
    assert response.status_code == 500
    assert b"<code>broken-7</code>" in response.content


@pytest.mark.django_db
@pytest.mark.proves("S2-52")
def test_postgresql_receives_the_request(requested):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()")
            assert cursor.fetchone()[0].startswith("/* request requested-1 */ SELECT")
        else:
            cursor.execute("SELECT 1")
            assert tracing.name_request not in connection.execute_wrappers


def test_purges_name_the_request(requested, settings):
    with RecordingServer() as edge:
        settings.CDN_BACKEND, settings.CDN_URL = "http", edge.url
        backends.get_backend().purge(["downloads"])
    assert edge.requests[0].headers["X-Request-ID"] == "requested-1"


def test_a_task_in_a_thread_belongs_to_the_request(requested, monkeypatch):
    seen = []
    monkeypatch.setattr(ImmediateBackend, "_execute_task", lambda *_: seen.append(request_id.get()))
    ThreadBackend("aside", {"QUEUES": ["purge"]}).enqueue(sending.send_purge.using(backend="aside"), [1], {})
    for _ in range(100):
        if seen:
            break
        time.sleep(0.01)
    assert seen == ["requested-1"]


@pytest.mark.django_db
def test_the_end_of_a_task_is_a_line(caplog, settings):
    purge = Purge.objects.create(keys=["jobs"])
    settings.CDN_BACKEND, settings.CDN_URL = "http", "http://127.0.0.1:1/"
    with caplog.at_level(logging.INFO, "tasks"):
        sending.send_purge.using(backend="in_process").enqueue(purge.pk)
    (line,) = [record for record in caplog.records if record.name == "tasks"]
    assert (line.task, line.status) == ("cms.delivery.sending.send_purge", "done")


def test_a_command_omits_the_lines_of_each_change(caplog):
    logger = logging.getLogger("cms.test")
    with minimum_level("cms.test", logging.WARNING):
        logger.info("Page created.")
        logger.warning("A picture is missing.")
    logger.setLevel(logging.INFO)
    logger.info("Page edited.")
    assert caplog.messages == ["A picture is missing.", "Page edited."]
