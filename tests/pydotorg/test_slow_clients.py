"""Slow and forged requests through HAProxy and gunicorn, both with the configuration that is deployed."""

import re
import socket
import threading
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from django.db import connection

from deploy.drills.stage import Stage, ask
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


def sign_in_from(address: str, port: int, forged: dict[str, str]) -> int:
    """Submit a wrong password from a loopback address, as a browser does, and return the status."""
    client = HTTPConnection("127.0.0.1", port, timeout=30, source_address=(address, 0))
    client.request("GET", "/accounts/login/", headers=forged)
    page = client.getresponse()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    assert token, page.status
    form = urlencode({"login": "nobody", "password": "wrong", "csrfmiddlewaretoken": token[1]})
    cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    client.request("POST", "/accounts/login/", form, headers | forged)
    status = client.getresponse().status
    client.close()
    return status


def test_a_forged_forwarded_address_is_not_believed(stage):
    """The client's IP address differs from that of HAProxy, which is trusted."""
    for number in range(15):
        named = f"203.0.113.{number}"
        forged = {"X-Forwarded-For": named, "X-Client-Address": named, "X-Edge-Secret": ""}
        sign_in_from("127.0.0.2", stage.ports["production"], forged)
    log = (stage.folder / "blue-1.log").read_text()
    addresses = re.findall(r" security \S+ .*\baddress=(\S+)", log)
    assert set(addresses) == {"127.0.0.2"}, log[-3000:]
