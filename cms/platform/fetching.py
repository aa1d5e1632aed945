"""Reading what stands elsewhere on the internet: calendars and feeds whose addresses people typed.

Nothing inside our own network is ever asked, not by a redirect and not by a name that points there; nothing is waited for
long, and nothing large is taken in.
"""

import socket
import time
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

MEGABYTE = 1_000_000
MAX_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
UNDECIDED = {401, 403, 405, 429, 501, 503}
USER_AGENT = "python.org (+https://www.python.org/)"


class FetchError(Exception):
    """Failed fetch, with the reason as a sentence."""


@dataclass(frozen=True)
class Fetched:
    """Response of a server. `content` is None if nothing has changed since the last fetch."""

    content: bytes | None
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""


def fetch(url: str, *, etag: str = "", last_modified: str = "", most_bytes: int = 10 * MEGABYTE, seconds: float = 30) -> Fetched:
    """Fetch a URL; given the last ETag or date, only if it has changed. Raises FetchError."""
    headers = {"User-Agent": USER_AGENT}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    deadline = time.monotonic() + seconds
    with requests.Session() as session:
        # No proxy of the environment: it would do the asking for us, wherever the address leads.
        session.trust_env = False
        session.mount("http://", _PublicAdapter())
        session.mount("https://", _PublicAdapter())
        try:
            return _follow(session, url, headers, most_bytes, deadline)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise FetchError(f"The server of {url[:200]} does not answer as it should: {type(error).__name__}.") from error


def check(url: str, *, seconds: float = 10) -> None:
    """Check that a URL responds, without reading the content. Raises FetchError."""
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", _PublicAdapter())
        session.mount("https://", _PublicAdapter())
        session.max_redirects = MAX_REDIRECTS
        try:
            answer = session.head(url, headers={"User-Agent": USER_AGENT}, timeout=seconds, allow_redirects=True)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise FetchError(f"The server does not answer: {type(error).__name__}.") from error
    # Some servers refuse HEAD requests or programs; that says nothing about the page.
    if answer.status_code >= HTTPStatus.BAD_REQUEST and answer.status_code not in UNDECIDED:
        raise FetchError(f"The server answers {answer.status_code}.")


def _follow(session: requests.Session, url: str, headers: dict[str, str], most_bytes: int, deadline: float) -> Fetched:
    for _ in range(MAX_REDIRECTS + 1):
        if urlsplit(url).scheme not in {"http", "https"}:
            raise FetchError(f"Only http and https are read, and not {url[:200]}.")
        left = max(deadline - time.monotonic(), 0.1)
        with session.get(url, headers=headers, stream=True, allow_redirects=False, timeout=min(left, 15)) as answer:
            if answer.status_code in REDIRECTS and "Location" in answer.headers:
                url = urljoin(url, answer.headers["Location"])
                continue
            if answer.status_code == HTTPStatus.NOT_MODIFIED:
                return Fetched(None)
            if answer.status_code != HTTPStatus.OK:
                raise FetchError(f"The server answers {answer.status_code} for {url[:200]}.")
            return Fetched(
                _body(answer, most_bytes, deadline),
                answer.headers.get("Content-Type", "")[:100],
                answer.headers.get("ETag", "")[:200],
                answer.headers.get("Last-Modified", "")[:100],
            )
    raise FetchError(f"The address leads from one to the next more than {MAX_REDIRECTS} times.")


def _body(answer: requests.Response, most_bytes: int, deadline: float) -> bytes:
    too_large = FetchError(f"The file is larger than {most_bytes // MEGABYTE} MB.")
    length = answer.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > most_bytes:
        raise too_large
    parts, size = [], 0
    for part in answer.iter_content(65_536):
        size += len(part)
        if size > most_bytes:
            raise too_large
        if time.monotonic() > deadline:
            raise FetchError("The server takes too long to send the file.")
        parts.append(part)
    return b"".join(parts)


def _connect(host: str, port: int, timeout: Any) -> socket.socket:
    """Connect to the IP address that was checked. Raises FetchError if it is not a public one."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"There is no server {host[:100]}.") from error
    ips = [str(entry[4][0]) for entry in found]
    for ip in ips:
        parsed = ip_address(ip.partition("%")[0])
        mapped = getattr(parsed, "ipv4_mapped", None) or parsed
        if not (mapped.is_global and not mapped.is_multicast) and not (settings.FETCH_FROM_LOOPBACK and mapped.is_loopback):
            raise FetchError(f"{host[:100]} is not on the public internet.")
    return socket.create_connection((ips[0], port), timeout=timeout)


class _PublicHTTPConnection(HTTPConnection):
    def _new_conn(self) -> Any:
        return _connect(self.host.strip("[]"), self.port, self.timeout)


class _PublicHTTPSConnection(HTTPSConnection):
    def _new_conn(self) -> Any:
        return _connect(self.host.strip("[]"), self.port, self.timeout)


class _PublicHTTPPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTPConnection


class _PublicHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPSConnection


class _PublicAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PublicHTTPPool, "https": _PublicHTTPSPool}
