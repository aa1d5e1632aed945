import errno
import logging
import re
import time

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError, connection
from django.test import Client

from cms.delivery import surrogate_keys
from cms.platform import outages
from pydotorg import views


@pytest.mark.proves("S1-28", "S2-61", "S3-47")
def test_health_reads_nothing_and_names_what_runs(client, settings):
    settings.RELEASE, settings.COMMIT = "1.2.3", "0123abc"
    for path in ("/health", "/_health"):
        response = client.get(path)
        assert (response.status_code, response.json()) == (200, {"status": "OK", "version": "1.2.3", "commit": "0123abc"})
        assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("allowed", ["www.python.org", ".python.org"])
def test_probes_are_answered_for_any_host_and_without_tls(settings, allowed):
    """A container runtime requests 127.0.0.1, a load balancer the IP address of the task."""
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = [allowed], True
    settings.SECURE_REDIRECT_EXEMPT = [r"^_?health$", r"^ready$"]
    for host in ("127.0.0.1:8000", "10.0.3.7", "nowhere.example"):
        probe = Client(headers={"host": host})
        for path in ("/health", "/_health", "/ready"):
            assert probe.get(path).status_code == 200, (host, path)
        assert probe.post("/health").status_code == 405
        assert Client(headers={"host": host, "x-forwarded-proto": "https"}).get("/", secure=True).status_code == 400


@pytest.mark.django_db
def test_ready_when_every_part_answers(client):
    response = client.get("/ready")
    assert response.json() == {"status": "ready"}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.proves("S1-28", "S2-61", "S3-47")
def test_ready_names_the_part_and_keeps_the_reason_to_the_log(client, monkeypatch, caplog):
    def broken(*args):
        raise OSError("password=hunter2 refused")

    monkeypatch.setattr(default_storage, "exists", broken)
    response = client.get("/ready")
    assert response.status_code == 503
    assert response.json() == {"status": "unavailable", "failed": ["storage"]}
    assert "hunter2" in caplog.text


@pytest.mark.django_db
def test_ready_waits_for_the_migrations(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'home'")
    # In this thread: another connection would not see the transaction of the test.
    with pytest.raises(DatabaseError, match="have not run"):
        views.check_migrations()


def test_readiness_covers_every_part():
    assert list(views.READINESS_CHECKS) == ["database", "migrations", "cache", "queue", "storage", "static files"]


def test_ready_fails_when_a_page_would_have_no_style_sheet(monkeypatch):
    monkeypatch.setattr(finders, "find", lambda _: None)
    assert views.failing({"static files": views.check_static_files}) == ["static files"]


def test_ready_answers_within_its_time_when_a_service_hangs():
    start = time.monotonic()
    assert views.failing({"database": lambda: time.sleep(4), "cache": lambda: None}) == ["database"]
    assert time.monotonic() - start < views.READY_SECONDS + 1.5


def test_ready_writes_nothing(client, monkeypatch):
    for name in ("save", "delete"):
        monkeypatch.setattr(default_storage, name, None)
    assert views.failing({"cache": views.check_cache, "storage": views.check_storage}) == []


@pytest.mark.parametrize("name", ["favicon.ico", "apple-touch-icon.png"])
def test_the_icon_is_where_programs_look_for_it(client, name):
    response = client.get(f"/{name}")
    assert response.status_code == 302
    assert finders.find(response.url.removeprefix(settings.STATIC_URL))
    assert "public" in response["Cache-Control"]


def test_robots_keep_out_of_the_admin(client):
    assert b"Disallow: /admin/" in client.get("/robots.txt").content


@pytest.mark.django_db
def test_an_unknown_address_gets_a_page_that_helps(client):
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert b'action="/search/"' in response.content
    assert "max-age=300" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Strict-Transport-Security", "max-age=63072000; includeSubDomains; preload"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "SAMEORIGIN"),
        ("Referrer-Policy", "strict-origin-when-cross-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"),
    ],
)
@pytest.mark.parametrize("path", ["/health", "/robots.txt", "/no/such/page/", "/admin/", "/api/v2/downloads/os/"])
@pytest.mark.django_db
@pytest.mark.proves("S2-48c", "S2-48f", "S2-49a–e", "S4-02")
def test_every_answer_carries_the_security_headers(client, path, header, value):
    assert client.get(path, secure=True)[header] == value


@pytest.mark.django_db
@pytest.mark.proves("S2-48f", "S2-49a–e")
def test_the_public_policy_allows_no_foreign_host_and_no_inline_script(client):
    policy = client.get("/no/such/page/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "object-src 'none'" in policy


def test_the_admin_has_a_policy_of_its_own_without_foreign_hosts(client):
    policy = client.get("/admin/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-inline'" in policy
    assert "https:" not in policy


def test_a_request_keeps_the_id_it_came_with(client):
    assert client.get("/health", headers={"X-Request-ID": "abc-123"})["X-Request-ID"] == "abc-123"
    assert client.get("/health", headers={"X-Request-ID": "<script>"})["X-Request-ID"] != "<script>"


@pytest.mark.django_db
def test_the_account_menu_is_never_cached(client):
    response = client.get("/authenticated")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


OWN = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
TYPED = {"login": "ada <b>", "password": "a secret one", "next": "/jobs/"}


@pytest.mark.django_db
def test_a_form_with_a_stale_token_is_offered_again_with_its_text(caplog):
    client = Client(enforce_csrf_checks=True)
    with caplog.at_level(logging.INFO, "security"):
        response = client.post("/accounts/login/?next=/jobs/", TYPED, headers=OWN)
    html = response.content.decode()
    assert response.status_code == 403
    assert "The form was not sent" in html
    assert 'action="/accounts/login/?next=/jobs/"' in html
    assert "ada &lt;b&gt;" in html
    assert "a secret one" not in html
    assert "no-store" in response["Cache-Control"]
    assert [line.event for line in caplog.records if line.name == "security"] == ["csrf_failed"]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)[1]
    again = {"login": "ada <b>", "next": "/jobs/", "csrfmiddlewaretoken": token}
    assert client.post("/accounts/login/?next=/jobs/", again, headers=OWN).status_code == 200


@pytest.mark.django_db
def test_a_refused_form_shows_what_was_typed_and_no_technical_fields():
    form = {
        "job-0-job_title": "Engineer",
        "opened": "MTc5",
        "website_two": "x",
        "job-TOTAL_FORMS": "1",
        "action-publish": "publish",
    }
    page = BeautifulSoup(Client(enforce_csrf_checks=True).post("/jobs/create/", form, headers=OWN).content, "html.parser")
    texts = page.select_one(".typed-texts")
    assert texts.get_text(" ", strip=True) == "Job title Engineer"
    assert {field["name"] for field in page.select("form[method=post] [name]")} >= form.keys()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_of_another_site_is_never_offered_again(headers):
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", TYPED, headers=headers)
    html = response.content.decode()
    assert response.status_code == 403
    assert "csrfmiddlewaretoken" not in html
    assert "ada" not in html
    assert "reload the page" in html


@pytest.mark.django_db
def test_a_form_offered_again_has_no_files():
    file = SimpleUploadedFile("secret.txt", b"contents of the file")
    form = {"logo": file, "note": "hello"}
    html = Client(enforce_csrf_checks=True).post("/accounts/login/", form, headers=OWN).content.decode()
    assert "hello" in html
    assert "Files are not saved" in html
    assert "contents of the file" not in html


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("connection refused"), 503),
        (OperationalError("no such column"), 500),
        (OperationalError("could not extend file: No space left on device"), 507),
        (OSError(errno.ENOSPC, "No space left on device"), 507),
        (OSError(errno.EACCES, "Permission denied"), 503),
    ],
)
def test_an_outage_is_distinguished_from_a_fault(client, monkeypatch, error, status):
    def broken(request):
        raise error

    client.raise_request_exception = False
    monkeypatch.setattr(views, "site_settings_of", broken)
    response = client.get("/humans.txt", headers={"X-Request-ID": "mine"})
    assert response.status_code == status
    assert response.get("Retry-After") == ("30" if status == 503 else None)
    assert b"<code>mine</code>" in response.content
    assert f"Error {status}" in response.text


def test_programs_get_json(client, monkeypatch):
    def broken(request, *args):
        raise OSError(errno.ENOSPC, "No space left on device")

    client.raise_request_exception = False
    monkeypatch.setattr(surrogate_keys, "add_keys", broken)
    response = client.get("/api/v2/downloads/os/", headers={"X-Request-ID": "mine"})
    assert (response.status_code, response.json()) == (
        507,
        {"detail": outages.SENTENCES["disk"], "error_message": outages.SENTENCES["disk"], "request_id": "mine"},
    )


@pytest.mark.django_db
def test_the_url_of_a_form_explains_itself_to_people_only(client):
    response = client.get("/feedback/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "Go back to the form." in response.content.decode()
    assert client.get("/feedback/").content == b""
