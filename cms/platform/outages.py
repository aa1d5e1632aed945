"""Detection of errors caused by unavailable services, and the messages for users and programs."""

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from .storage import FULL, is_storage_error

RETRY_AFTER = {"Retry-After": "30", "Cache-Control": "no-store"}
SENTENCES = {
    "disk": _("The server has no storage space left, and your changes were not saved. Try again later."),
    "storage": _("Files cannot be read or saved at the moment. Everything else works. Try again in a minute."),
    "database": _("The database is not responding. Try again in 30 seconds."),
}


def outage_of(error: BaseException | None) -> str:
    """Return the service that caused an error: "disk", "storage" or "database"; empty for an error of the site itself."""
    if is_full(error):
        return "disk"
    if is_storage_error(error):
        return "storage"
    # SQLite reports a missing table or column as an operational error.
    is_fault = str(error).startswith("no such ")
    return "database" if isinstance(error, OperationalError | InterfaceError) and not is_fault else ""


def status_of(error: BaseException | None) -> HTTPStatus:
    """Return the HTTP status for an error: 503 or 507 for an outage, 4xx for a body that is nested too deeply or too large."""
    if isinstance(error, RequestDataTooBig):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if isinstance(error, RecursionError):
        return HTTPStatus.BAD_REQUEST
    outage = outage_of(error)
    if outage == "disk":
        return HTTPStatus.INSUFFICIENT_STORAGE
    return HTTPStatus.SERVICE_UNAVAILABLE if outage else HTTPStatus.INTERNAL_SERVER_ERROR


def headers_of(status: int) -> dict[str, str]:
    """Return the headers that mark an error response as temporary, so that caches and programs retry."""
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return RETRY_AFTER
    return {"Cache-Control": "no-store"} if status == HTTPStatus.INSUFFICIENT_STORAGE else {}


def is_full(error: BaseException | None) -> bool:
    """Return whether the error means a full disk, in the wording of SQLite, PostgreSQL or the operating system."""
    if isinstance(error, DatabaseError):
        return any(words in str(error) for words in ("disk is full", "No space left on device"))
    return isinstance(error, OSError) and error.errno in FULL
