"""Cache of public pages in this process, for installations without a cache in front.

A response is cached with its surrogate keys and the number of the last purge before it was rendered. It is valid until one of
its keys is purged by any process, and for at most a minute. Requests with a cookie or an API key, forms, and responses that set
or vary by a cookie bypass the cache.
"""

import re
import time
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.core.cache import caches
from django.core.exceptions import MiddlewareNotUsed
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.autoreload import file_changed
from django.utils.cache import get_cache_key, get_conditional_response, has_vary_header, learn_cache_key
from django.utils.http import parse_http_date_safe

from . import cached
from .negotiation import normalize_accept
from .surrogate_keys import SITE_KEY

NAME = "pages"
# Limits of query length (characters) and response size (bytes); with MAX_ENTRIES they limit the memory used.
MAX_QUERY, MAX_BYTES = 200, 300_000
NOT_FOR_ALL = re.compile(r"\b(private|no-store|no-cache)\b")
AGES = (re.compile(r"\bs-maxage=(\d+)"), re.compile(r"\bmax-age=(\d+)"))


class Answer(NamedTuple):
    number: int
    drawn_at: float
    until: float
    headers: dict[str, str]
    content: bytes


class PageCacheMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.PAGE_CACHE:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.pages = caches[NAME]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = cached.generation() if is_for_everybody(request) else None
        if number is None:
            return self.get_response(request)
        normalize_accept(request)
        name = get_cache_key(request, cache=self.pages)
        answer = self.pages.get(name) if name else None
        if name and answer and self.holds(name, answer, number):
            return answer_again(request, answer)
        response = self.get_response(request)
        seconds = cache_seconds(request, response)
        if seconds > 0:
            now = time.time()
            name = learn_cache_key(request, response, seconds, cache=self.pages)
            self.pages.set(name, Answer(number, now, now + seconds, dict(response.items()), response.content), seconds)
        return response

    def holds(self, name: str, answer: Answer, number: int) -> bool:
        """Return whether no key of the cached response was purged. A response that stays valid is checked once per purge."""
        if answer.number != number:
            purged = cached.purged_between(answer.number, number)
            if purged is None or purged.intersection(answer.headers["Surrogate-Key"].split()):
                return False
            self.pages.set(name, answer._replace(number=number), answer.until - time.time())
        return True


def is_for_everybody(request: HttpRequest) -> bool:
    return (
        request.method in {"GET", "HEAD"}
        and not request.COOKIES
        and "Authorization" not in request.headers
        and "X-API-Key" not in request.headers
        and len(request.META.get("QUERY_STRING", "")) <= MAX_QUERY
        and not getattr(request, "is_preview", False)
    )


def cache_seconds(request: HttpRequest, response: HttpResponseBase) -> int:
    """Return how many seconds a response may be cached; 0 if it is not the same for all visitors."""
    cache_control = response.get("Cache-Control", "")
    if (
        request.method != "GET"
        or response.status_code != 200  # noqa: PLR2004
        or not isinstance(response, HttpResponse)
        or response.cookies
        or has_vary_header(response, "Cookie")
        or NOT_FOR_ALL.search(cache_control)
        or getattr(request, "_csp_nonce", None)
        or len(response.content) > MAX_BYTES
    ):
        return 0
    ages = [int(found[1]) for found in (age.search(cache_control) for age in AGES) if found]
    return min([*ages[:1], cached.CACHED_SECONDS])


def answer_again(request: HttpRequest, answer: Answer) -> HttpResponse:
    response = HttpResponse(answer.content, headers=answer.headers)
    response["Age"] = str(int(time.time() - answer.drawn_at))
    changed = parse_http_date_safe(response.get("Last-Modified", ""))
    return cast("HttpResponse", get_conditional_response(request, response.get("ETag"), changed, response))


@receiver(file_changed)
def forget(**kwargs: Any) -> None:
    """Clear the page cache and all cached parts when a template changes during development."""
    caches[NAME].clear()
    cached.record_purge([SITE_KEY])
