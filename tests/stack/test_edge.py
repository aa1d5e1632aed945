"""Compressed text and one cached copy for each page, from the edge of the running stack."""

import socket
import threading
import time

import pytest
import requests

from tests.stack.site import until

ADDRESSES = [
    *("/", "/downloads/", "/downloads/windows/", "/about/", "/psf/", "/events/", "/jobs/", "/blogs/", "/success-stories/"),
    *("/downloads/feed.rss", "/events/feed.ics", "/sitemap.xml"),
    *("/api/v1/downloads/release/", "/api/v2/downloads/release/", "/api/v2/downloads/release_file/"),
]


def bytes_on_the_wire(url: str, encoding: str) -> tuple[int, requests.Response]:
    response = requests.get(url, headers={"Accept-Encoding": encoding}, timeout=30, stream=True)
    return len(response.raw.read()), response


@pytest.mark.parametrize("path", ADDRESSES)
def test_text_arrives_compressed_and_from_the_cache(stack, path):
    """Print the bytes on the wire without compression, with gzip and with Brotli."""
    url = stack.url(path)
    sizes = {}
    for encoding in ("identity", "gzip", "br"):
        bytes_on_the_wire(url, encoding)
        sizes[encoding], response = bytes_on_the_wire(url, encoding)
        assert response.status_code == 200
        assert response.headers.get("Content-Encoding", "identity") == encoding
        assert "Accept-Encoding" in response.headers["Vary"]
        assert response.headers["X-Cache"] == "HIT"
    print(f"{path:34}", *(f"{size:8,}" for size in sizes.values()), response.headers["Cache-Control"])
    assert sizes["br"] < sizes["gzip"] < sizes["identity"] / 2


def test_invented_parameters_make_no_other_page(stack):
    hits = 0
    with requests.Session() as session:
        for path in ADDRESSES[:9]:
            session.get(stack.url(path), timeout=30)
        for number in range(500):
            junk = f"?x={number}&utm_source=letter" if number % 5 == 0 else ""
            hits += session.get(f"{stack.url(ADDRESSES[number % 9])}{junk}", timeout=30).headers["X-Cache"] == "HIT"
    print(f"{hits} of 500 requests from the cache, 100 of them with invented parameters")
    assert hits >= 475


def test_a_plain_visit_and_a_secure_one_have_a_copy_each(stack):
    """A page that was cached for HTTP must not be served over HTTPS, and vice versa."""
    url = stack.url("/about/")
    plain, secure = {}, {"X-Forwarded-Proto": "https"}
    for headers in (plain, secure):
        requests.get(url, headers=headers, timeout=30)
    for headers, is_secure in ((plain, False), (secure, True)) * 2:
        response = requests.get(url, headers=headers, timeout=30, allow_redirects=False)
        assert (response.status_code, response.headers["X-Cache"]) == (200, "HIT")
        assert ("Strict-Transport-Security" in response.headers) == is_secure


def test_a_page_purged_during_an_outage_is_served_until_the_site_is_back(stack):
    url, key = stack.url("/about/"), {"Surrogate-Key": "about", "X-Purge-Token": stack.settings()["CDN_API_TOKEN"]}
    kept = requests.get(url, timeout=30)
    assert kept.status_code == 200
    containers = [stack.container(service) for service in stack.WEB]
    for container in containers:
        stack.engine.engine("pause", container, capture_output=True)
    try:
        for service in stack.WEB:
            until(f"{service} found sick", lambda s=service: not stack.is_healthy(s))
        assert requests.request("PURGE", url, headers=key, timeout=30).status_code == 200
        stale = requests.get(url, timeout=30)
        assert (stale.status_code, stale.content) == (200, kept.content)
        assert requests.get(stack.url("/authenticated"), timeout=60).status_code == 503, "This is never cached."
    finally:
        for container in containers:
            stack.engine.engine("unpause", container, capture_output=True)
    for service in stack.WEB:
        until(f"{service} healthy", lambda s=service: stack.is_healthy(s))
    until("A fresh copy", lambda: int(requests.get(url, timeout=30).headers.get("Age", 0)) < 30)


def test_fifty_slow_posts_leave_the_site_quick(stack):
    """Fifty clients send the body of a form one byte at a time. Varnish and the site continue to serve others."""
    port, done = int(stack.url("").rsplit(":", 1)[1].strip("/")), threading.Event()

    def trickle() -> None:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"POST /report-a-problem/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10000\r\n")
            client.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n\r\n")
            while not done.wait(1):
                try:
                    client.sendall(b"x")
                except OSError:
                    return

    threads = [threading.Thread(target=trickle) for _ in range(50)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(3)
        seconds = []
        for path in ("/health", "/about/", "/search/?q=python", "/accounts/login/") * 3:
            started = time.monotonic()
            assert requests.get(stack.url(path), timeout=30).status_code == 200, path
            seconds.append(time.monotonic() - started)
        print(f"With 50 slow requests, others took {min(seconds):.2f} to {max(seconds):.2f} s.")
        assert max(seconds) < 10
    finally:
        done.set()
        for thread in threads:
            thread.join()
