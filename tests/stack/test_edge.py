"""Compressed text and one cached copy for each page, from the edge of the running stack."""

import pytest
import requests

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
