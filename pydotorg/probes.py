"""Accept requests for `/health` and `/ready` with any host name.

A container runtime requests 127.0.0.1 and a load balancer the IP address of the task. Neither is in ALLOWED_HOSTS.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

PATHS = frozenset({"/health", "/_health", "/ready"})


class ProbeMiddleware:
    """Give probes a host name of this site, so that host validation and everything after it treats them like other requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info in PATHS and settings.ALLOWED_HOSTS:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].replace("*", "localhost").lstrip(".")
        return self.get_response(request)
