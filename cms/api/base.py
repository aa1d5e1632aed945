"""Shared base of the three APIs: response format, caching and throttling."""

from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.db.models.functions import Collate
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.http import http_date
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, DjangoModelPermissionsOrAnonReadOnly
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from cms.platform.outages import status_of
from users.models import KeyRefusedError, ServiceKey, User
from users.security import record

if TYPE_CHECKING:
    # Django REST framework loads this module while it loads its views.
    from rest_framework.views import APIView


class CompactJSONRenderer(JSONRenderer):
    """Render JSON on one line, without spaces and without a charset, because scripts search it with grep."""

    compact = True
    charset = None


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return 413 for a body that is too large and 400 for one nested too deeply; leave other errors to REST framework."""
    status = status_of(error)
    if status in {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.BAD_REQUEST}:
        is_large = status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return Response({"detail": f"The request body is {'too large' if is_large else 'nested too deeply'}."}, status=status)
    # Django REST framework loads this module while it loads its views.
    from rest_framework.views import exception_handler  # noqa: PLC0415

    return exception_handler(error, context)


class KeyAuthentication(TokenAuthentication):
    """Sign in the owner of a service key for API v2, shown as `Authorization: Token key`."""

    def authenticate_credentials(self, text: str) -> tuple[User, ServiceKey]:
        try:
            key = ServiceKey.of(text, api=ServiceKey.API.V2)
        except KeyRefusedError as error:
            record("key_refused", reason=str(error))
            raise AuthenticationFailed(str(error)) from error
        return key.owner, key


class ReadOnlyOrModelPermission(DjangoModelPermissionsOrAnonReadOnly):
    """Allow everyone to read. Writing requires the permission of the model and a key with the matching scope."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        in_scope = request.method in SAFE_METHODS or (
            isinstance(request.auth, ServiceKey) and ServiceKey.Scope.RELEASES in request.auth.scopes
        )
        return bool(in_scope) and super().has_permission(request, view)


class WriteThrottle(SimpleRateThrottle):
    """Limit writes for each user or client address. Reading is not limited, because the cache in front handles most of it."""

    scope = "writes"

    def allow_request(self, request: Any, view: Any = None) -> bool:
        return request.method in SAFE_METHODS or super().allow_request(request, view)

    def get_cache_key(self, request: Any, view: Any = None) -> str:
        ident = f"user-{request.user.pk}" if request.user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}


def share(request: HttpRequest, response: HttpResponse, *, changed_at: datetime | None = None) -> None:
    """Let caches store a response that is the same for all clients; a response to a request with a key stays private."""
    keys = ["Authorization", "X-API-Key"] if request.path.startswith("/api/v3/") else ["Authorization"]
    patch_vary_headers(response, keys)
    if any(name in request.headers for name in keys):
        patch_cache_control(response, private=True)
    elif response.status_code == HTTPStatus.OK and request.method in {"GET", "HEAD"}:
        patch_cache_control(response, public=True, max_age=60, s_maxage=settings.API_SHARED_CACHE_SECONDS)
    if changed_at and response.status_code == HTTPStatus.OK:
        response["Last-Modified"] = http_date(changed_at.timestamp())


def by_code_points(field: str) -> Collate:
    """Order text by code point, as scripts expect and independently of the database: "Z" before "a"."""
    return Collate(field, "C" if connection.vendor == "postgresql" else "BINARY")
