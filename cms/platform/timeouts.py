"""Database time limits for each type of request, so that a lock or a slow query ends long before gunicorn's limit.

PostgreSQL keeps the limits for the connection, so a statement is needed only when the type changes. Tasks, commands and
migrations have no limits. Behind a pooler (DATABASE_POOLED) connections are shared: set the limits on the database role
instead.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

# lock_timeout and statement_timeout in milliseconds.
PAGE_LIMITS = (1_000, 5_000)
FORM_LIMITS = (3_000, 10_000)
STAFF_LIMITS = (3_000, 20_000)
NO_LIMITS = (0, 0)
STAFF_PREFIXES = ("/admin/", "/api/")

_limits: ContextVar[tuple[int, int]] = ContextVar("database_limits", default=NO_LIMITS)


class DatabaseLimitsMiddleware:
    """Set the limits for the type of a request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _limits.set(limits_of(request))
        try:
            return self.get_response(request)
        finally:
            _limits.reset(token)


def limits_of(request: HttpRequest) -> tuple[int, int]:
    if request.path.startswith(STAFF_PREFIXES):
        return STAFF_LIMITS
    return PAGE_LIMITS if request.method in {"GET", "HEAD"} else FORM_LIMITS


def limit(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: dict[str, Any]) -> Any:
    """Set the limits of the connection before the first statement of another type of request."""
    connection, wanted = context["connection"], _limits.get()
    # A rollback would also undo the limits.
    if connection.limits != wanted and not connection.in_atomic_block:
        with connection.connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {wanted[0]}; SET statement_timeout = {wanted[1]}")
        connection.limits = wanted
    return execute(sql, params, many, context)


@receiver(connection_created)
def watch_limits(sender: Any, connection: Any, **kwargs: Any) -> None:
    if connection.vendor == "postgresql" and not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS"):
        connection.limits = NO_LIMITS
        if limit not in connection.execute_wrappers:
            connection.execute_wrappers.append(limit)
