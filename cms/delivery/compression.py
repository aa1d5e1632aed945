"""Compression of public responses with Brotli or gzip.

Varnish and HAProxy have no Brotli, so the site compresses, and the caches in front keep one copy for each encoding.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus

import brotli
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string

# Types of text that browsers, feed readers, calendars and API clients load.
TEXT = re.compile(r"text/|application/(?:.+\+)?(?:json|xml|yaml|javascript)\b|image/svg\+xml\b")
NOT_FOR_ALL = re.compile(r"\b(?:private|no-store)\b")
# Bytes below which compressing saves no packet, and up to which the result is cached for the next request.
MIN_LENGTH, MAX_KEPT = 500, 150_000
# Compressing a page of 60 KB takes two milliseconds at this level and a hundred at level 11.
BROTLI_LEVEL = 5
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda content: brotli.compress(content, quality=BROTLI_LEVEL),
    "gzip": compress_string,
}


class CompressionMiddleware:
    """Compress text with the best encoding that the client accepts.

    Only responses without cookies that shared caches may store are compressed. A personal page may contain a secret next to
    text from outside, and its compressed length would reveal the secret (BREACH, https://www.breachattack.com/).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            if response.has_header("Vary"):
                # Caches replace the header of their copy by this one: RFC 9111, 3.2.
                patch_vary_headers(response, ["Accept-Encoding"])
            return response
        if not may_compress(response):
            return response
        patch_vary_headers(response, ["Accept-Encoding"])
        encoding = best_encoding(request.headers.get("Accept-Encoding", ""))
        if encoding and len(response.content) >= MIN_LENGTH:
            is_kept = len(response.content) <= MAX_KEPT
            response.content = (compress_once if is_kept else compress)(encoding, response.content)
            response["Content-Length"] = str(len(response.content))
            response["Content-Encoding"] = encoding
            # Different bytes with the same strong ETag would break range requests: RFC 9110, 8.8.1.
            if response.get("ETag", "").startswith('"'):
                response["ETag"] = f"W/{response['ETag']}"
        return response


def compress(encoding: str, content: bytes) -> bytes:
    """Return the compressed content of a response."""
    return ENCODINGS[encoding](content)


# Compressing a page takes longer than finding it in the page cache. At most 20 MB for each process.
compress_once = lru_cache(maxsize=100)(compress)


def may_compress(response: HttpResponse) -> bool:
    return (
        not response.streaming
        and TEXT.match(response.get("Content-Type", "")) is not None
        and not response.has_header("Content-Encoding")
        and not response.cookies
        and not NOT_FOR_ALL.search(response.get("Cache-Control", ""))
    )


def best_encoding(accepted: str) -> str | None:
    """Return the first of ENCODINGS that an Accept-Encoding header allows. Source: RFC 9110, 12.5.3."""
    weights = {}
    for part in accepted.lower().split(","):
        name, _, parameter = part.partition(";")
        weight = re.search(r"q=([\d.]+)", parameter)
        weights[name.strip()] = weight is None or weight[1].strip("0.") != ""
    return next((name for name in ENCODINGS if weights.get(name, weights.get("*", False))), None)
