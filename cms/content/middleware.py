from http import HTTPStatus

from django.http import HttpRequest, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.utils.cache import patch_cache_control

# Set by the check of links, which is no visitor. No client can set it: their headers start with HTTP_.
BY_OURSELVES = "cms.by_ourselves"


class OldURLMiddleware:
    """Where nothing answers, an address of an earlier site leads on; any other is counted."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        from cms.content import old_urls  # noqa: PLC0415 -- it imports models.

        response = self.get_response(request)
        if response.status_code != HTTPStatus.NOT_FOUND or request.method not in {"GET", "HEAD"}:
            return response
        found = old_urls.find(request.path, request.META.get("QUERY_STRING", ""))
        if found is None:
            if BY_OURSELVES not in request.META:
                old_urls.count_missing(request.path, request.headers.get("Referer", ""))
            return response
        target, permanent = found
        redirect = HttpResponsePermanentRedirect(target) if permanent else HttpResponseRedirect(target)
        patch_cache_control(redirect, public=True, max_age=3600)
        return redirect
