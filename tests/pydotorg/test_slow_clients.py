"""Slow and forged requests through HAProxy and gunicorn, both with the configuration that is deployed."""

import socket
import threading
import time

import pytest
from django.db import connection

from deploy.rehearse.stage import Stage, ask
from tests.databases import fill
from tests.servers import database_url

pytestmark = [
    pytest.mark.skipif(connection.vendor == "sqlite", reason="Several sets of processes stand in front of one server."),
    pytest.mark.django_db(transaction=True),
]
SLOW_CLIENTS = 50


@pytest.fixture
def stage(tmp_path, settings):
    fill(pages_only=True)
    environment = {
        "DJANGO_SETTINGS_MODULE": "pydotorg.settings.dev",
        "DEBUG": "false",
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": database_url(),
        "VAR_DIR": str(tmp_path),
        "LOG_LEVEL": "INFO",
        "TRUSTED_PROXIES": "127.0.0.1/32",
    }
    with Stage(tmp_path, environment) as stage:
        stage.start_web("blue-1", "1")
        stage.until_ready("blue-1", path="/health")
        stage.start_balancer()
        yield stage


def trickle(port: int, stop: threading.Event) -> None:
    """Send a POST one byte at a time."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"POST /report-a-problem/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10000\r\n")
        client.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n\r\n")
        while not stop.wait(1):
            try:
                client.sendall(b"x")
            except OSError:
                return


def test_fifty_slow_requests_leave_the_site_quick(stage):
    ask(stage.url("production", "/about/?warm=1"))
    stop = threading.Event()
    threads = [threading.Thread(target=trickle, args=(stage.ports["production"], stop)) for _ in range(SLOW_CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(3)
        for number, path in enumerate(("/health", "/about/", "/health", "/about/")):
            start = time.monotonic()
            status, _, _ = ask(stage.url("production", f"{path}?uncached={number}"))
            assert (status, time.monotonic() - start < 1) == (200, True), path
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_forged_forwarded_address_is_not_believed(stage):
    form = b"login=nobody&password=wrong"
    for number in range(25):
        forged = {"X-Forwarded-For": f"203.0.113.{number}", "X-Client-Address": f"203.0.113.{number}", "X-Edge-Secret": ""}
        ask(stage.url("production", "/accounts/login/"), data=form, headers=forged)
    log = (stage.folder / "blue-1.log").read_text()
    assert "203.0.113." not in "".join(line for line in log.splitlines() if " security " in line)
