"""The base of the three APIs: one answer format for scripts, one rule for caches, one limit for writers."""

from datetime import datetime
from http import HTTPStatus

from django.conf import settings
from django.db import connection
from django.db.models.functions import Collate
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import http_date
from rest_framework.permissions import SAFE_METHODS, DjangoModelPermissionsOrAnonReadOnly
from rest_framework.renderers import JSONRenderer
from rest_framework.throttling import SimpleRateThrottle


class CompactJSONRenderer(JSONRenderer):
    """JSON on one line without blanks and without a charset: scripts cut it with grep."""

    compact = True
    charset = None


class ReadOnlyOrModelPermission(DjangoModelPermissionsOrAnonReadOnly):
    """Everybody reads; writing needs the model's own permission."""


class WriteThrottle(SimpleRateThrottle):
    """Limits writes, for each user or client address. Reading is never limited: the cache in front answers most of it."""

    scope = "writes"

    def allow_request(self, request, view=None) -> bool:
        return request.method in SAFE_METHODS or super().allow_request(request, view)

    def get_cache_key(self, request, view=None) -> str:
        ident = f"user-{request.user.pk}" if request.user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}


def share(request: HttpRequest, response: HttpResponse, *, changed_at: datetime | None = None) -> None:
    """Let every cache keep an answer that is the same for all; what somebody's key has opened stays with them."""
    keys = ["Authorization", "X-API-Key"] if request.path.startswith("/api/v3/") else ["Authorization"]
    patch_vary_headers(response, keys)
    if any(name in request.headers for name in keys):
        patch_cache_control(response, private=True)
    elif response.status_code == HTTPStatus.OK and request.method in {"GET", "HEAD"}:
        patch_cache_control(response, public=True, max_age=60, s_maxage=settings.API_SHARED_CACHE_SECONDS)
    if changed_at and response.status_code == HTTPStatus.OK:
        response["Last-Modified"] = http_date(changed_at.timestamp())


def by_code_points(field: str) -> Collate:
    """Order text as scripts do, the same on every database: "Z" before "a"."""
    return Collate(field, "C" if connection.vendor == "postgresql" else "BINARY")
