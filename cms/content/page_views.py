"""Page views without cookies: a script reports a view, the cache counts it, and a scheduled task saves the numbers per day.

A CDN handles most requests for pages, so that the server cannot count them. A report consists of the ID of the page and, for
visitors who come from the site search, the query. It contains nothing about the visitor, and the browser sends it without
cookies. The client address is used for the rate limit, as a keyed hash in the cache, for a minute.

Counting never uses the database. While the cache is unavailable, views are not counted; the cache logs each outage.
"""

import logging
import re
import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django_tasks import task
from wagtail.models import Page

from cms.platform.cache import ForgivingRedisCache
from cms.platform.schedules import FIRST_PERIOD, scheduled, since_last_done

from .models.page_views import MAX_QUERY, PageSearch, PageViews
from .public_forms import is_from_this_site

logger = logging.getLogger(__name__)
# Seconds that the cache keeps the numbers of a minute, so that a restart of the scheduler loses none.
SECONDS_KEPT = 7200
# Different pages and queries of one minute. Limits the keys that invented reports can create.
MAX_NAMES = 5000
MAX_PER_CLIENT = 60
# Email addresses and telephone numbers that a visitor has typed into the search.
PERSONAL = re.compile(r"@|\d[\d\s()/-]{5,}\d")
Name = tuple[int, str]
Numbers = Counter[tuple[date, int, str]]


class ViewForm(forms.Form):
    page = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    q = forms.CharField(required=False, max_length=1000)

    def clean_q(self) -> str:
        """Return the query as it is stored, or an empty text if it may contain personal data."""
        query = " ".join(self.cleaned_data["q"].lower().split())[:MAX_QUERY]
        return "" if PERSONAL.search(query) else query


@never_cache
@csrf_exempt
@require_POST
def report_view(request: HttpRequest) -> HttpResponse:
    """Count a view of a page, unless the browser asks not to be counted. The response is always empty."""
    if not is_from_this_site(request):
        raise PermissionDenied
    form = ViewForm(request.POST)
    wants_privacy = request.headers.get("DNT") == "1" or request.headers.get("Sec-GPC") == "1"
    if settings.PAGE_VIEWS_SAMPLE and not wants_privacy and form.is_valid() and not is_over_limit(request):
        count(form.cleaned_data["page"], form.cleaned_data["q"])
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _digest(text: str) -> str:
    return blake2b(text.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=16).hexdigest()


def _increase(key: str, seconds: int) -> int:
    """Add 1 to a number in the cache and return it."""
    if cache.add(key, 1, seconds):
        return 1
    try:
        return cache.incr(key)
    except ValueError:
        # It has expired, or the cache has just come back.
        return 1


def is_over_limit(request: HttpRequest) -> bool:
    return _increase(f"view-client:{_digest(request.META.get('REMOTE_ADDR', ''))}", 60) > MAX_PER_CLIENT


def count(page_id: int, query: str = "", *, at: float | None = None) -> None:
    """Count a view in the cache, for the current minute."""
    minute = int(at or time.time()) // 60
    if _increase(_number_key(minute, (page_id, query)), SECONDS_KEPT) == 1:
        index = _increase(f"views:{minute}", SECONDS_KEPT)
        if index <= MAX_NAMES:
            cache.set(f"views:{minute}:{index}", [page_id, query], SECONDS_KEPT)
    # Without Redis, the cache is the memory of this process, which a scheduler cannot read.
    if not settings.CACHE_URL and cache.add("views-saved", "yes", 300):
        save_page_views.enqueue()


def _number_key(minute: int, name: Name) -> str:
    return f"views:{minute}:{_digest(f'{name[0]}:{name[1]}')}"


def collect(minutes: Iterable[int], *, remove: bool = False) -> Numbers:
    """Return the numbers that the cache has for some minutes, by day, page and query."""
    numbers: Numbers = Counter()
    for minute in minutes:
        total = min(cache.get(f"views:{minute}") or 0, MAX_NAMES)
        if not total:
            continue
        index_keys = [f"views:{minute}:{index}" for index in range(1, total + 1)]
        names = {(page_id, query) for page_id, query in cache.get_many(index_keys).values()}
        found = cache.get_many(_number_key(minute, name) for name in names)
        day = timezone.localtime(datetime.fromtimestamp(minute * 60, UTC)).date()
        for name in names:
            numbers[day, *name] += found.get(_number_key(minute, name), 0)
        if remove:
            cache.delete_many([f"views:{minute}", *index_keys, *found])
    return numbers


@transaction.atomic
def save(numbers: Numbers) -> None:
    """Add numbers to those of their days. One reported view of a sample represents several."""
    pages = set(Page.objects.live().filter(pk__in={page_id for _day, page_id, _query in numbers}).values_list("pk", flat=True))
    views: Counter = Counter()
    searches: Counter = Counter()
    for (day, page_id, query), number in numbers.items():
        if page_id in pages:
            views[day, page_id] += number * settings.PAGE_VIEWS_SAMPLE
            if query:
                searches[day, page_id, query] += number * settings.PAGE_VIEWS_SAMPLE
    _add(PageViews, ["day", "page_id"], "views", views)
    _add(PageSearch, ["day", "page_id", "query"], "visits", searches)


def _add(model: type[models.Model], names: list[str], column: str, numbers: Counter) -> None:
    days, pages = {key[0] for key in numbers}, {key[1] for key in numbers}
    rows = {
        tuple(getattr(row, name) for name in names): row for row in model._default_manager.filter(day__in=days, page_id__in=pages)
    }
    for key, number in numbers.items():
        if row := rows.get(key):
            setattr(row, column, getattr(row, column) + number)
    model._default_manager.bulk_update([row for key, row in rows.items() if key in numbers], [column], batch_size=500)
    new: list[Any] = [
        model(**dict(zip(names, key, strict=True)), **{column: number}) for key, number in numbers.items() if key not in rows
    ]
    model._default_manager.bulk_create(new, batch_size=500)


@scheduled("*/5 * * * *")
@task()
def save_page_views() -> None:
    """Save the page views counted in the cache. While the cache is unavailable, the task fails and is retried later."""
    # The current minute is still being counted, and a request may have started in the minute before.
    until = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=1)
    if not settings.CACHE_URL:
        last = int(time.time()) // 60
        save(collect(range(last - SECONDS_KEPT // 60, last + 1), remove=True))
        return
    # Raises an error, so that the numbers of these minutes are not taken for zero.
    cast("ForgivingRedisCache", cache).server_stats()
    with since_last_done(save_page_views, until) as (since, _until):
        oldest = timezone.now() - timedelta(seconds=SECONDS_KEPT)
        # The first run looks at a whole period, and nothing was counted before it.
        if since < oldest and until - since != FIRST_PERIOD:
            logger.warning("Page views between %s and %s were not saved in time, and are lost.", since, oldest)
        first = int(max(since, oldest).timestamp()) // 60
        save(collect(range(first, int(until.timestamp()) // 60)))


@scheduled("25 3 * * *")
@task()
def delete_old_page_views() -> None:
    """Delete daily numbers of page views older than 13 months."""
    for model in (PageViews, PageSearch):
        model.objects.forgettable().delete()
