from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.utils.cache import patch_cache_control

# Set by the link check, whose requests are not counted. Clients cannot set it, because their headers start with HTTP_.
BY_OURSELVES = "cms.by_ourselves"


class OldURLMiddleware:
    """Redirect old URLs that nothing else serves, return 410 for deleted ones, and count all other missing URLs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from cms.content import old_urls  # noqa: PLC0415 -- it imports models.

        response = self.get_response(request)
        if response.status_code != HTTPStatus.NOT_FOUND or request.method not in {"GET", "HEAD"}:
            return response
        if old_urls.is_gone(request.path):
            # The page for a missing URL stays the same: only programs read the status.
            response.status_code = HTTPStatus.GONE
            return response
        found = old_urls.find(request.path, request.META.get("QUERY_STRING", ""))
        if found is None:
            referrer = request.headers.get("Referer", "")
            # Previews of the editor try the links of unfinished pages.
            if BY_OURSELVES not in request.META and not urlsplit(referrer).path.startswith("/admin/"):
                old_urls.count_missing(request.path, referrer)
            return response
        target, permanent = found
        redirect = HttpResponsePermanentRedirect(target) if permanent else HttpResponseRedirect(target)
        patch_cache_control(redirect, public=True, max_age=3600)
        return redirect
