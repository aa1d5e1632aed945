from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers

from cms.delivery import cached, surrogate_keys

PRIVATE_PREFIXES = ("/admin", "/accounts", "/authenticated", "/users")


class HeadersMiddleware:
    """Set the permissions policy and surrogate keys, and keep personal responses out of shared caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with cached.one_generation():
            number = cached.generation() if settings.CDN_BACKEND != "none" else None
            response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response["Surrogate-Key"] = surrogate_keys.surrogate_key_header(request, response)
        if request.path.startswith("/api/") and (notice := cache.get("api-notice")):
            response["X-API-Notice"] = notice
        if request.path.startswith(PRIVATE_PREFIXES):
            patch_cache_control(response, private=True)
            patch_vary_headers(response, ["Cookie"])
        elif settings.CDN_BACKEND != "none" and cached.has_purged_since(number):
            # It may show what was so before a purge, and reach the cache in front after it.
            patch_cache_control(response, private=True, no_cache=True)
        if not response.has_header("Cache-Control"):
            set_default_cache_control(response)
        return response


def set_default_cache_control(response: HttpResponse) -> None:
    """Set the cache lifetime of responses whose view sets none: one hour for permanent redirects, revalidation for all others."""
    if response.status_code in {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}:
        patch_cache_control(response, max_age=3600)
    else:
        patch_cache_control(response, no_cache=True)
