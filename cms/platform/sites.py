"""Site of a request, read from the shared cache."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from wagtail.models import Site

KEY = "sites-by-host"


class SiteMiddleware:
    """Set the site lazily in the attribute that Wagtail reads first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request._wagtail_site = SimpleLazyObject(partial(site_of, request))  # type: ignore[attr-defined]  # Wagtail's own cache.
        return self.get_response(request)


def site_of(request: HttpRequest) -> Site | None:
    known = cache.get(KEY) or {}
    host = request.get_host()
    if host not in known:
        known[host] = Site._find_for_request(request)
        cache.set(KEY, known, 3600)
    return known[host]


@receiver([post_save, post_delete], sender=Site)
def forget(**kwargs: Any) -> None:
    cache.delete(KEY)
