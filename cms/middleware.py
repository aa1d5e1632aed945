"""What every answer of the site carries."""

import time
from http import HTTPStatus

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponsePermanentRedirect, HttpResponseRedirect
from django.utils.cache import patch_cache_control, patch_vary_headers

from . import cdn, logs, tracing

PRIVATE_PREFIXES = ("/admin", "/accounts", "/authenticated", "/users")
# Set by the check of links, which is no visitor. No client can set it: their headers start with HTTP_.
BY_OURSELVES = "cms.by_ourselves"


class RequestIDMiddleware:
    """Give each request an id, and write it into the log and the answer (`cms.tracing`)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request_id = tracing.id_of(request)
        token = logs.request_id.set(request_id)
        start = time.perf_counter()
        try:
            with tracing.request_span(request) as span:
                response = self.get_response(request)
                span.set_attribute("http.response.status_code", response.status_code)
            tracing.log_request(request, response.status_code, time.perf_counter() - start)
        finally:
            logs.request_id.reset(token)
        response["X-Request-ID"] = request_id
        return response


class HeadersMiddleware:
    """Permissions policy, surrogate keys, and no shared cache for what belongs to one person."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with cdn.one_generation():
            number = cdn.generation() if settings.CDN_BACKEND != "none" else None
            response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        response["Surrogate-Key"] = cdn.surrogate_key_header(request, response)
        if request.path.startswith("/api/") and (notice := cache.get("api-notice")):
            response["X-API-Notice"] = notice
        if request.path.startswith(PRIVATE_PREFIXES):
            patch_cache_control(response, private=True)
            patch_vary_headers(response, ["Cookie"])
        elif settings.CDN_BACKEND != "none" and cdn.has_purged_since(number):
            # It may show what was so before a purge, and reach the cache in front after it.
            patch_cache_control(response, private=True, no_cache=True)
        return response


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """The site's strict policy; the admin has one of its own."""

    def get_policy_parts(self, request, response, report_only=False):  # noqa: FBT002 -- the parent's signature.
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith("/admin/"):
            parts.replace = settings.ADMIN_CONTENT_SECURITY_POLICY
        return parts


class OldAddressMiddleware:
    """Where nothing answers, an address of an earlier site leads on; any other is counted."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        from . import old_addresses  # noqa: PLC0415 -- it imports models.

        response = self.get_response(request)
        if response.status_code != HTTPStatus.NOT_FOUND or request.method not in {"GET", "HEAD"}:
            return response
        found = old_addresses.find(request.path, request.META.get("QUERY_STRING", ""))
        if found is None:
            if BY_OURSELVES not in request.META:
                old_addresses.count_missing(request.path, request.headers.get("Referer", ""))
            return response
        target, permanent = found
        redirect = HttpResponsePermanentRedirect(target) if permanent else HttpResponseRedirect(target)
        patch_cache_control(redirect, public=True, max_age=3600)
        return redirect
