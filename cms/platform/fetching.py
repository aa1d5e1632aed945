"""Requests to other servers, for calendars and feeds whose URLs users entered.

Private addresses are never contacted, not even by redirects or host names that resolve to them. Time and size are limited.
"""

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from .text import parse_int

MEGABYTE = 1_000_000
MAX_REDIRECTS = 5
REDIRECTS = {301, 302, 303, 307, 308}
PERMANENT_REDIRECTS = {301, 308}
UNDECIDED = {401, 403, 405, 429, 501, 503}
TOO_SLOW = "The server took too long to respond."
NOT_PUBLIC = "{} is not on the public internet."
# Networks that Python calls global, or did in some versions, and that lead to addresses of another kind: NAT64, 6to4, Teredo,
# site-local addresses, protocol assignments.
REFUSED_NETWORKS = [
    ip_network(text)
    for text in (
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10", "::/96"),
        *("192.0.0.0/24", "192.88.99.0/24"),
    )
]
Reader = Callable[[Iterator[bytes]], bytes]
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
    # URL that responded, and the URL to use from now on if all redirects were permanent.
    url: str = ""
    moved_to: str = ""


def fetch(url: str, *, etag: str = "", last_modified: str = "", max_bytes: int = 10 * MEGABYTE, seconds: float = 30) -> Fetched:
    """Fetch a URL; given the last ETag or date, only if it has changed. Raises FetchError.

    `seconds` is the limit for everything: name resolution, redirects, handshakes, headers and content.
    """
    headers = {"User-Agent": USER_AGENT}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    with _session(url, seconds) as session:
        return _follow(session, url, headers, max_bytes)


def fetch_sha256(url: str, *, max_bytes: int = 1000 * MEGABYTE, seconds: float = 600) -> tuple[str, int]:
    """Return the SHA-256 checksum and the size of the content of a URL, read in parts. Raises FetchError."""
    size, digest = 0, hashlib.sha256()

    def read(parts: Iterator[bytes]) -> bytes:
        nonlocal size
        for part in parts:
            size += len(part)
            digest.update(part)
        return b""

    with _session(url, seconds) as session:
        _follow(session, url, {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}, max_bytes, read)
    return digest.hexdigest(), size


def check(url: str, *, seconds: float = 10) -> int | None:
    """Check that a URL responds, without reading the content. Return its size if the server reports it. Raises FetchError."""
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    with _session(url, seconds) as session:
        answer = session.head(url, headers=headers, timeout=seconds, allow_redirects=True)
    # Some servers reject HEAD requests or requests by programs; that says nothing about the page.
    if answer.status_code >= HTTPStatus.BAD_REQUEST and answer.status_code not in UNDECIDED:
        raise FetchError(f"The server responds with {answer.status_code}.")
    return parse_int(answer.headers.get("Content-Length", "")) if answer.ok else None


class _Deadline:
    """Close all connections of a fetch when its time is over. A socket timeout would start again with each byte."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.is_over = False
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    @property
    def seconds_left(self) -> float:
        return max(self.end - time.monotonic(), 0.01)

    def watch(self, connection: socket.socket) -> None:
        # A copy, because the TLS wrapper detaches the original.
        self._sockets.append(connection.dup())
        if self.is_over:
            self._end()

    def _end(self) -> None:
        self.is_over = True
        for connection in self._sockets:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._timer.cancel()
        for connection in self._sockets:
            connection.close()


_deadline: ContextVar[_Deadline] = ContextVar("deadline of a fetch")


@contextmanager
def _session(url: str, seconds: float) -> Iterator[requests.Session]:
    """Yield a session that connects to public addresses only, for so many seconds. Raises FetchError."""
    deadline = _Deadline(seconds)
    token = _deadline.set(deadline)
    try:
        with requests.Session() as session:
            # No proxy from the environment, because it would connect to any address on our behalf.
            session.trust_env = False
            session.max_redirects = MAX_REDIRECTS
            session.mount("http://", _PublicAdapter())
            session.mount("https://", _PublicAdapter())
            yield session
        if deadline.is_over:
            # The content may have been cut off.
            raise FetchError(TOO_SLOW)
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise FetchError(
            TOO_SLOW if deadline.is_over else f"The server of {url[:200]} returned an invalid response: {type(error).__name__}."
        ) from error
    finally:
        _deadline.reset(token)
        deadline.close()


def _follow(session: requests.Session, url: str, headers: dict[str, str], max_bytes: int, read: Reader = b"".join) -> Fetched:
    first, is_permanent = url, True
    for _ in range(MAX_REDIRECTS + 1):
        if urlsplit(url).scheme not in {"http", "https"}:
            raise FetchError(f"Only http and https URLs are supported, not {url[:200]}.")
        timeout = min(_deadline.get().seconds_left, 15)
        with session.get(url, headers=headers, stream=True, allow_redirects=False, timeout=timeout) as answer:
            if answer.status_code in REDIRECTS and "Location" in answer.headers:
                url = urljoin(url, answer.headers["Location"])
                is_permanent = is_permanent and answer.status_code in PERMANENT_REDIRECTS
                continue
            if answer.status_code == HTTPStatus.NOT_MODIFIED:
                return Fetched(None)
            if answer.status_code != HTTPStatus.OK:
                raise FetchError(f"The server responds with {answer.status_code} for {url[:200]}.")
            return Fetched(
                read(_parts(answer, max_bytes)),
                answer.headers.get("Content-Type", "")[:100],
                answer.headers.get("ETag", "")[:200],
                answer.headers.get("Last-Modified", "")[:100],
                url,
                url if is_permanent and url != first else "",
            )
    raise FetchError(f"The URL redirects more than {MAX_REDIRECTS} times.")


def _parts(answer: requests.Response, max_bytes: int) -> Iterator[bytes]:
    too_large = FetchError(f"The file is larger than {max_bytes // MEGABYTE} MB.")
    length = answer.headers.get("Content-Length", "")
    if length.isdecimal() and parse_int(length, maximum=max_bytes) is None:
        raise too_large
    size = 0
    for part in answer.iter_content(65_536):
        size += len(part)
        if size > max_bytes:
            raise too_large
        yield part


def is_public(ip: str) -> bool:
    """Return whether an IP address, and any address that it embeds or translates to, is on the public internet."""
    parsed = ip_address(ip.partition("%")[0])
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    if settings.FETCH_FROM_LOOPBACK and parsed.is_loopback:
        return True
    is_refused = any(parsed in network for network in REFUSED_NETWORKS if network.version == parsed.version)
    return parsed.is_global and not (parsed.is_multicast or parsed.is_reserved or is_refused)


def _find_ips(host: str, port: int, seconds: float) -> list[str]:
    """Return the IP addresses of a host. The resolver itself has no time limit."""
    pool = ThreadPoolExecutor(1)
    try:
        found = pool.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM).result(timeout=seconds)
    finally:
        pool.shutdown(wait=False)
    return [str(entry[4][0]) for entry in found]


def _connect(host: str, port: int) -> socket.socket:
    """Connect to the checked IP address. Raises FetchError if it is not public."""
    deadline = _deadline.get()
    try:
        ips = _find_ips(host, port, deadline.seconds_left)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"There is no server named {host[:100]}.") from error
    if not all(is_public(ip) for ip in ips):
        raise FetchError(NOT_PUBLIC.format(host[:100]))
    connection = socket.create_connection((ips[0], port), timeout=deadline.seconds_left)
    if not is_public(str(connection.getpeername()[0])):
        connection.close()
        raise FetchError(NOT_PUBLIC.format(host[:100]))
    deadline.watch(connection)
    return connection


class _PublicHTTPConnection(HTTPConnection):
    def _new_conn(self) -> Any:
        return _connect(self.host.strip("[]"), self.port)


class _PublicHTTPSConnection(HTTPSConnection):
    def _new_conn(self) -> Any:
        return _connect(self.host.strip("[]"), self.port)


class _PublicHTTPPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTPConnection


class _PublicHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPSConnection


class _PublicAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PublicHTTPPool, "https": _PublicHTTPSPool}
