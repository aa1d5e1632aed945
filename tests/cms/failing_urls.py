"""URLs of the site, and some whose views fail as if a service were down."""

import errno

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from pydotorg import urls

ERRORS = {
    "database": OperationalError("the connection is lost"),
    "disk": OSError(errno.ENOSPC, "No space left on device"),
    "storage": OSError(errno.EROFS, "Read-only file system"),
    "other": ValueError("A mistake"),
}


def fail(request: HttpRequest, kind: str) -> HttpResponse:
    raise ERRORS[kind]


handler500 = urls.handler500
urlpatterns = [
    *(path(f"{prefix}fails/<kind>/", fail) for prefix in ("", "api/v1/", "api/v2/", "api/v3/")),
    *urls.urlpatterns,
]
