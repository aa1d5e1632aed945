"""Responses to people and programs while a service behind the site is down, and their response times."""

import errno
import json
import os
import signal
import subprocess
import threading
import time

import boto3
import psycopg
import pytest
from botocore.config import Config
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from wagtail.images.tests.utils import get_test_image_file

from cms.platform import breaker, cache, outages, storage, timeouts
from deploy.drills.servers import HangingServer, listens
from deploy.drills.stage import free_port, until
from pydotorg import wsgi
from tests.factories.users import UserFactory
from tests.servers import database_url
from users.models import ServiceKey

pytestmark = pytest.mark.django_db
OPTIONS = {"bucket_name": "site", "location": "media", "querystring_auth": False, "file_overwrite": False}


@pytest.fixture(autouse=True)
def _closed_circuits():
    storage.store.reset()
    yield
    storage.store.reset()


@pytest.fixture
def browser():
    """Return a client that gets the error page."""
    return Client(raise_request_exception=False)


def use_s3(settings, url, **changed):
    config = Config(s3={"addressing_style": "path"}, connect_timeout=1, read_timeout=0.3, retries={"total_max_attempts": 1})
    options = OPTIONS | {"endpoint_url": url, "client_config": config, "access_key": "local", "secret_key": "local"} | changed
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "cms.platform.s3.WatchedS3Storage", "OPTIONS": options}}


def upload(client, **headers):
    client.force_login(UserFactory(role="Site admins"))
    picture = SimpleUploadedFile("snakes.png", get_test_image_file().file.getvalue(), "image/png")
    form = {"title": "Two snakes", "file": picture, "description": "Snakes"}
    return client.post("/admin/images/add/", form, headers={"Origin": "http://testserver"} | headers)


def test_an_upload_to_a_hanging_store_gets_a_sentence_in_time_and_the_next_one_at_once(browser, settings):
    with HangingServer() as server:
        use_s3(settings, server.url)
        started = time.monotonic()
        answer = upload(browser)
        first = time.monotonic() - started
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        page = answer.content.decode()
        assert str(outages.SENTENCES["storage"]) in page
        assert "Two snakes" in page, "The typed text is kept, and can be sent again."
        assert 'name="csrfmiddlewaretoken"' in page
        with pytest.raises(breaker.CircuitOpenError):
            default_storage.exists("a.txt")
        started = time.monotonic()
        for _ in range(20):
            with pytest.raises(breaker.CircuitOpenError):
                default_storage.save("a.txt", ContentFile(b"a"))
        assert time.monotonic() - started < 1, "Twenty refusals take milliseconds each."
        assert first < 5


def test_a_store_that_refuses_gets_the_same_sentence(browser, settings, amazon_server):
    use_s3(settings, os.environ["AWS_ENDPOINT_URL"], bucket_name="no-such-bucket")
    answer = upload(browser, **{"X-Requested-With": "XMLHttpRequest"})
    assert answer.status_code == 503
    assert answer.json()["error_message"] == str(outages.SENTENCES["storage"])


def test_the_circuit_closes_when_the_store_answers_again(settings, amazon_server):
    boto3.client("s3").create_bucket(Bucket="circuit")
    use_s3(settings, os.environ["AWS_ENDPOINT_URL"], bucket_name="circuit")
    storage.store.trip()
    with pytest.raises(breaker.CircuitOpenError):
        default_storage.exists("a.txt")
    storage.store._open_until = 0.001
    assert default_storage.save("a.txt", ContentFile(b"a"))
    assert not storage.store.is_open


def test_a_file_that_fills_the_disk_leaves_no_part_behind(tmp_path, monkeypatch):
    disk = storage.DiskStorage(location=tmp_path)
    write = FileSystemStorage._save

    def fill(self, name, content):
        write(self, name, ContentFile(b"x" * 1000))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", fill)
    with pytest.raises(OSError, match="No space"):
        disk.save("large.pdf", ContentFile(b"x" * 5000))
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert disk.save("large.pdf", ContentFile(b"x")) == "large.pdf"


@pytest.mark.parametrize(("kind", "status"), [("database", 503), ("disk", 507), ("storage", 503), ("other", 500)])
@pytest.mark.parametrize("prefix", ["", "api/v1/", "api/v2/", "api/v3/"])
def test_an_outage_is_temporary_for_pages_and_all_apis(browser, settings, kind, status, prefix):
    settings.ROOT_URLCONF = "tests.cms.failing_urls"
    answer = browser.get(f"/{prefix}fails/{kind}/")
    assert answer.status_code == status
    assert ("Retry-After" in answer) == (status == 503)
    sentence = str(outages.SENTENCES.get(kind, ""))
    assert (answer.json()["detail"] if prefix else answer.content.decode()).count(sentence)


def writer(scope, api):
    user = UserFactory(username="drill")
    user.is_superuser = True
    user.save()
    return ServiceKey.make(owner=user, name="Drill", scopes=[scope, "releases"], days=30, api=api)[1]


@pytest.mark.parametrize(
    ("url", "header", "api"),
    [
        ("/api/v1/downloads/os/", "ApiKey drill:{}", ServiceKey.API.V1),
        ("/api/v2/downloads/os/", "Token {}", ServiceKey.API.V2),
    ],
)
def test_a_body_that_is_too_deep_or_too_large_is_the_clients_mistake(browser, settings, url, header, api):
    headers = {"Authorization": header.format(writer("read", api))}
    deep = "[" * 200_000 + "]" * 200_000
    assert browser.post(url, deep, content_type="application/json", headers=headers).status_code == 400
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    large = json.dumps({"name": "x" * 5000})
    # For its own server name of tests, tastypie raises errors again instead of answering.
    answer = browser.post(url, large, content_type="application/json", headers=headers, SERVER_NAME="localhost")
    assert answer.status_code == 413


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="The locks are those of PostgreSQL.")
def test_a_locked_table_ends_the_wait_with_a_sentence(browser, monkeypatch):
    monkeypatch.setattr(timeouts, "STAFF_LIMITS", (300, 1000))
    with psycopg.connect(database_url()) as other:
        other.execute("LOCK TABLE jobs_job IN ACCESS EXCLUSIVE MODE")
        started = time.monotonic()
        answer = browser.get("/api/v3/jobs/")
        assert time.monotonic() - started < 3
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert answer.json()["detail"] == str(outages.SENTENCES["database"])
        other.rollback()
    assert browser.get("/api/v3/jobs/").status_code == 200


@pytest.fixture
def redis_server(tmp_path):
    """Start a separate Redis server that the test can stop."""
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    until(lambda: listens(port), "Redis listens", seconds=20)
    yield process, f"redis://127.0.0.1:{port}/0"
    process.send_signal(signal.SIGCONT)
    process.terminate()
    process.wait(timeout=10)


@pytest.mark.processes
def test_a_hung_redis_costs_one_timeout_and_then_nothing(settings, redis_server):
    process, url = redis_server
    options = {"socket_timeout": 0.4, "socket_connect_timeout": 0.4}
    settings.CACHES = settings.CACHES | {
        "default": {"BACKEND": "cms.platform.cache.ForgivingRedisCache", "LOCATION": url, "OPTIONS": options}
    }
    shared = caches.create_connection("default")
    shared.set("a", 1)
    assert shared.get("a") == 1
    process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    assert shared.get("a", "nothing") == "nothing"
    first = time.monotonic() - started
    for _ in range(200):
        assert shared.get("a", "nothing") == "nothing"
    assert first < 0.9
    assert time.monotonic() - started < 1.5
    process.send_signal(signal.SIGCONT)
    shared.breaker.reset()
    assert shared.get("a") == 1
    assert cache.PAUSE == 5


def test_probes_are_answered_while_all_requests_are_stuck():
    release = threading.Event()

    def application(environ, start_response):
        if environ["PATH_INFO"] != "/health":
            release.wait(20)
        start_response("200 OK", [])
        return [b"OK"]

    gate, statuses = wsgi.Gate(application), []

    def ask(name):
        gate({"PATH_INFO": name}, lambda status, _: statuses.append(status[:3]))

    threads = [threading.Thread(target=ask, args=("/jobs/",)) for _ in range(wsgi.MAX_REQUESTS)]
    for thread in threads:
        thread.start()
    until(lambda: gate.room._value == 0, "All requests are inside", seconds=10)
    started = time.monotonic()
    ask("/jobs/")
    ask("/jobs/")
    ask("/health")
    assert statuses == ["503", "503", "200"]
    assert time.monotonic() - started < wsgi.PATIENCE + 1
    release.set()
    for thread in threads:
        thread.join()
    ask("/jobs/")
    assert statuses[-1] == "200"
    assert not gate.is_stuck
