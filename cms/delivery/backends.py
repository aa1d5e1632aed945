"""Caches in front of the site that understand a purge by surrogate key: Fastly, and Varnish over HTTP."""

from collections.abc import Iterator

import requests
from django.conf import settings

from cms.platform.logs import request_id

# What one purge may name: so many keys at Fastly, and so many characters in a header that Varnish takes.
MAX_KEYS, MAX_KEYS_LENGTH = 256, 7000


def send(keys: list[str]) -> None:
    """Tell the cache to forget all answers that carry one of these keys.

    Raises requests.RequestException when the cache does not answer, refuses, or takes longer than CDN_TIMEOUT seconds.
    """
    with requests.Session() as session:
        for some in batches(keys):
            send_some(session, some)


def batches(keys: list[str]) -> Iterator[list[str]]:
    """Return as many keys as the cache takes with one purge."""
    some: list[str] = []
    length = 0
    for key in keys:
        if some and (len(some) == MAX_KEYS or length + len(key) > MAX_KEYS_LENGTH):
            yield some
            some, length = [], 0
        some.append(key)
        length += len(key) + 1
    if some:
        yield some


def send_some(session: requests.Session, keys: list[str]) -> None:
    headers = {"Surrogate-Key": " ".join(keys), "X-Request-ID": request_id.get()}
    if settings.CDN_BACKEND == "fastly":
        # Soft: the old answer stays at hand, should the origin be down. https://www.fastly.com/documentation/reference/api/purging/
        headers |= {"Fastly-Key": settings.CDN_API_TOKEN, "Fastly-Soft-Purge": "1", "Accept": "application/json"}
        method, url = "POST", f"{settings.CDN_URL or 'https://api.fastly.com'}/service/{settings.CDN_SERVICE_ID}/purge"
    else:
        headers["X-Purge-Token"] = settings.CDN_API_TOKEN
        method, url = "PURGE", settings.CDN_URL
    session.request(method, url, headers=headers, timeout=settings.CDN_TIMEOUT).raise_for_status()
