"""Caches in front of the site that purge by surrogate key: Fastly and Varnish."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

import requests
from django.conf import settings

from cms.platform.logs import request_id


class PurgingBackend(ABC):
    """Purge surrogate keys from one type of cache, in requests of at most `max_keys` keys and `max_length` characters."""

    method: ClassVar[str]
    max_keys: ClassVar[int] = 256
    max_length: ClassVar[int] = 7000

    @abstractmethod
    def get_url(self) -> str:
        """Return the URL that purge requests go to."""

    @abstractmethod
    def get_headers(self) -> dict[str, str]:
        """Return the headers that authorize a purge."""

    def get_front(self) -> tuple[str, dict[str, str]]:
        """Return the URL and headers with which the site itself requests pages through the cache."""
        return settings.BASE_URL, {}

    def purge(self, keys: list[str]) -> None:
        """Remove all responses that carry one of the keys from the cache.

        Raises requests.RequestException if the cache fails to respond, rejects a purge, or takes longer than CDN_TIMEOUT seconds.
        """
        with requests.Session() as session:
            for batch in self.get_batches(keys):
                headers = self.get_headers() | {"Surrogate-Key": " ".join(batch), "X-Request-ID": request_id.get()}
                response = session.request(self.method, self.get_url(), headers=headers, timeout=settings.CDN_TIMEOUT)
                response.raise_for_status()

    def get_batches(self, keys: list[str]) -> Iterator[list[str]]:
        batch: list[str] = []
        length = 0
        for key in keys:
            if batch and (len(batch) == self.max_keys or length + len(key) > self.max_length):
                yield batch
                batch, length = [], 0
            batch.append(key)
            length += len(key) + 1
        if batch:
            yield batch


class FastlyBackend(PurgingBackend):
    """Soft-purge a Fastly service, which can then serve stale responses if the origin is down.

    Source: https://www.fastly.com/documentation/reference/api/purging/
    """

    method = "POST"

    def get_url(self) -> str:
        return f"{settings.CDN_URL or 'https://api.fastly.com'}/service/{settings.CDN_SERVICE_ID}/purge"

    def get_headers(self) -> dict[str, str]:
        return {"Fastly-Key": settings.CDN_API_TOKEN, "Fastly-Soft-Purge": "1", "Accept": "application/json"}


class VarnishBackend(PurgingBackend):
    """Purge a Varnish server that accepts the method PURGE with a token (`deploy/varnish`)."""

    method = "PURGE"

    def get_url(self) -> str:
        return settings.CDN_URL

    def get_headers(self) -> dict[str, str]:
        return {"X-Purge-Token": settings.CDN_API_TOKEN}

    def get_front(self) -> tuple[str, dict[str, str]]:
        """Return the server that is purged, which workers reach by its internal name, also where they cannot reach BASE_URL."""
        public = urlsplit(settings.BASE_URL)
        return settings.CDN_URL.rstrip("/"), {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}


BACKENDS: dict[str, type[PurgingBackend]] = {"fastly": FastlyBackend, "http": VarnishBackend}


def get_backend() -> PurgingBackend:
    """Return the backend named in CDN_BACKEND. Raises KeyError for "none", which has nothing to purge."""
    return BACKENDS[settings.CDN_BACKEND]()


def request_page(path: str) -> requests.Response:
    """Request a public path as visitors do, through the cache in front if there is one. The body is not read yet.

    Raises requests.RequestException.
    """
    url, headers = (settings.BASE_URL, {}) if settings.CDN_BACKEND == "none" else get_backend().get_front()
    return requests.get(f"{url}{path}", headers=headers, timeout=settings.CDN_TIMEOUT, allow_redirects=False, stream=True)
