"""Site of a request, cached in this process until any process changes a site."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from wagtail.models import Site

# The number of the last change of a site.
KEY = "sites-changed-at"
_known: dict[str, tuple[int, Site | None]] = {}


class SiteMiddleware:
    """Set the site lazily in the attribute that Wagtail reads first."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request._wagtail_site = SimpleLazyObject(partial(site_of, request))  # type: ignore[attr-defined]  # Wagtail's own cache.
        return self.get_response(request)


def site_of(request: HttpRequest) -> Site | None:
    number = cache.get(KEY)
    if number is None:
        cache.add(KEY, time.time_ns(), None)
        number = cache.get(KEY)
    host = request.get_host()
    if number is None or _known.get(host, (None,))[0] != number:
        _known[host] = (number or 0, Site._find_for_request(request))
    return _known[host][1]


@receiver([post_save, post_delete], sender=Site)
def forget(**kwargs: Any) -> None:
    cache.set(KEY, time.time_ns(), None)
