"""Reads from a replica of the database at DATABASE_REPLICA_URL.

A GET or HEAD request of an anonymous visitor reads there, if the replica has replayed everything up to the last purge and the
last request that wrote. All other requests, tasks and commands use the primary. See
docs/decisions/0031-reading-from-a-replica.md.
"""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from cms.delivery import cached
from cms.delivery.middleware import PRIVATE_PREFIXES

logger = logging.getLogger(__name__)
ALIAS = "replica"
# Set by each request that has written, with or without a purge.
WRITTEN = "written"
# Seconds for which this process assumes that the replica is up to date, unless a write is announced.
CHECKED_SECONDS = 5
# Seconds without requests to a replica that has failed.
PAUSE = 5


@dataclass
class Visit:
    """Database of one request; it reads from one server until it writes."""

    alias: str | None = None
    has_written: bool = False
    has_failed: bool = False
    # Transactions opened before the request.
    depth: int = field(default_factory=lambda: len(connection.atomic_blocks))

    def place(self) -> str:
        if len(connection.atomic_blocks) > self.depth:
            return DEFAULT_DB_ALIAS
        if self.alias is None:
            self.alias = ALIAS if has_caught_up() else DEFAULT_DB_ALIAS
        return self.alias


class Seen(NamedTuple):
    """Last known replication state: marks of the last write, the position to reach, and until when this is valid."""

    marks: tuple
    position: str
    until: float = 0


_visit: ContextVar[Visit | None] = ContextVar("visit", default=None)
# State of the replica by alias, and the time until which a failed replica is not used.
_seen: dict[str, Seen] = {}
_away: dict[str, float] = {}


def watch(execute: Callable, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001 -- Django's signature.
    """Record an error of the replica, which may stop or cancel a query that delays its replay."""
    try:
        return execute(sql, params, many, context)
    except (InterfaceError, OperationalError):
        if visit := _visit.get():
            visit.has_failed = True
        raise


@receiver(connection_created)
def watch_queries(sender: Any, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if connection.alias == ALIAS and watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(watch)


class ReplicaRouter:
    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        visit = _visit.get()
        return visit.place() if visit else DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        if visit := _visit.get():
            visit.has_written, visit.alias = True, DEFAULT_DB_ALIAS
        return DEFAULT_DB_ALIAS

    def allow_relation(self, first: models.Model, second: models.Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


class ReplicaMiddleware:
    """Middleware that selects the database of each request, and repeats it on the primary if the replica fails."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        visit = Visit(alias=None if is_anybody(request) else DEFAULT_DB_ALIAS)
        token = _visit.set(visit)
        try:
            response = self.get_response(request)
            if visit.has_failed and visit.alias == ALIAS and response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                give_up("it refused a query.")
                visit.alias = DEFAULT_DB_ALIAS
                response = self.get_response(request)
        finally:
            _visit.reset(token)
        if visit.has_written:
            cache.set(WRITTEN, time.time_ns(), None)
        return response


def is_anybody(request: HttpRequest) -> bool:
    """Return whether the response is the same for all visitors and does not have to show a write by this visitor."""
    return (
        request.method in {"GET", "HEAD"}
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "Authorization" not in request.headers
        and "X-API-Key" not in request.headers
        and not request.path.startswith(PRIVATE_PREFIXES)
    )


def has_caught_up() -> bool:
    """Return whether the replica responds and has replayed everything up to the last write.

    The marks are read first: everything committed before them is below the position that the primary returns next.
    """
    marks, now = (cached.generation(), cache.get(WRITTEN)), time.monotonic()
    if marks[0] is None or now < _away.get(ALIAS, 0):
        return False
    seen = _seen.get(ALIAS)
    if seen is None or seen.marks != marks or 0 < seen.until <= now:
        seen = Seen(marks, position_of_primary())
    try:
        # Opening a cursor also reconnects a broken connection.
        with connections[ALIAS].cursor() as cursor:
            if not seen.until:
                cursor.execute("SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s::pg_lsn", [seen.position])
                if cursor.fetchone()[0]:
                    seen = seen._replace(until=now + CHECKED_SECONDS)
    except (InterfaceError, OperationalError) as error:
        give_up(error)
        return False
    _seen[ALIAS] = seen
    return bool(seen.until)


def position_of_primary() -> str:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
        return cursor.fetchone()[0]


def give_up(reason: object) -> None:
    logger.warning("The primary is read instead of the replica: %s", reason)
    _away[ALIAS] = time.monotonic() + PAUSE
