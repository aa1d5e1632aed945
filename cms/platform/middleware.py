"""Middleware for request ids and the content security policy."""

import time
from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from opentelemetry import trace

from . import logs, tracing


class RequestIDMiddleware:
    """Give each request an id, and write it into the log and the answer (`cms.platform.tracing`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = tracing.id_of(request)
        token = logs.request_id.set(request_id)
        start = time.perf_counter()
        try:
            trace.get_current_span().set_attribute("request.id", request_id)
            response = self.get_response(request)
            tracing.log_request(request, response.status_code, time.perf_counter() - start)
        finally:
            logs.request_id.reset(token)
        response["X-Request-ID"] = request_id
        return response


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """The site's strict policy; the admin has one of its own."""

    def get_policy_parts(self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False) -> Any:  # noqa: FBT001, FBT002 -- the parent's signature.
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith("/admin/"):
            parts.replace = settings.ADMIN_CONTENT_SECURITY_POLICY
        return parts
