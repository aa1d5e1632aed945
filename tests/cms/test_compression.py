"""Public text is compressed; responses that may contain a secret are not."""

import gzip

import brotli
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from cms.delivery.compression import MAX_KEPT, CompressionMiddleware, best_encoding, compress_once

TEXT = "Python is a programming language. " * 100


def compressed(response: HttpResponse, accepted: str = "gzip, deflate, br, zstd") -> HttpResponse:
    return CompressionMiddleware(lambda _: response)(RequestFactory().get("/", headers={"Accept-Encoding": accepted}))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip;q=1.0, br;q=0.5", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.0, *", "gzip"),
        ("*", "br"),
        ("GZIP", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_the_best_encoding_that_is_accepted(accepted, encoding):
    assert best_encoding(accepted) == encoding


@pytest.mark.parametrize(
    "content_type",
    [
        *("text/html; charset=utf-8", "text/calendar", "image/svg+xml"),
        *("application/json", "application/problem+json", "application/rss+xml"),
    ],
)
@pytest.mark.parametrize(("encoding", "decompress"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_text_is_compressed_and_keeps_its_meaning(content_type, encoding, decompress):
    response = compressed(HttpResponse(TEXT, content_type=content_type, headers={"ETag": '"7"'}), encoding)
    assert (response["Content-Encoding"], response["Vary"], response["ETag"]) == (encoding, "Accept-Encoding", 'W/"7"')
    assert int(response["Content-Length"]) == len(response.content) < len(TEXT) / 5
    assert decompress(response.content).decode() == TEXT


def with_cookie() -> HttpResponse:
    response = HttpResponse(TEXT)
    response.set_cookie("csrftoken", "secret")
    return response


@pytest.mark.parametrize(
    "response",
    [
        with_cookie(),
        HttpResponse(TEXT, headers={"Cache-Control": "private"}),
        HttpResponse(TEXT, headers={"Cache-Control": "max-age=0, no-store"}),
        HttpResponse(TEXT, content_type="image/png"),
        HttpResponse(TEXT, content_type="application/pdf"),
        HttpResponse(TEXT, headers={"Content-Encoding": "gzip"}),
        StreamingHttpResponse([TEXT]),
    ],
    ids=["a cookie", "private", "no-store", "an image", "a PDF", "compressed before", "a stream"],
)
def test_other_responses_stay_as_they_are(response):
    assert compressed(response).get("Content-Encoding") in {None, "gzip"}
    assert b"".join(response) == TEXT.encode()
    assert "Vary" not in response


def test_a_short_or_unwanted_one_stays_but_varies():
    for response in (compressed(HttpResponse("Short.")), compressed(HttpResponse(TEXT), "identity")):
        assert "Content-Encoding" not in response
        assert response["Vary"] == "Accept-Encoding"


@pytest.mark.django_db
def test_a_page_answers_a_repeated_request_without_a_body(client):
    first = client.get("/robots.txt", headers={"Accept-Encoding": "br"})
    assert client.get("/robots.txt", headers={"Accept-Encoding": "br", "If-None-Match": first["ETag"]}).status_code == 304


def test_an_answer_without_a_body_varies_like_the_copy_that_it_renews():
    """A cache uses the header of the new response, and would send the copy in one encoding to all clients."""
    assert compressed(HttpResponse(status=304, headers={"Vary": "Accept"}))["Vary"] == "Accept, Accept-Encoding"
    assert "Vary" not in compressed(HttpResponse(status=304))


def test_a_repeated_page_is_compressed_once():
    compress_once.cache_clear()
    page, long = "<p>Eggs and spam.</p>" * 100, "x" * (MAX_KEPT + 1)
    assert compressed(HttpResponse(page)).content == compressed(HttpResponse(page)).content
    compressed(HttpResponse(long))
    assert (compress_once.cache_info().hits, compress_once.cache_info().currsize) == (1, 1)
