"""Events as iCalendar, RSS and Atom: all events, those of a calendar or a category, and search results."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import SyndicationFeed
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cms.content.feeds import AtomFeed, RSSFeed
from cms.platform.dates import show_date

from .filters import EventFilter
from .ical import calendar_file, in_feed
from .models import Calendar, Category, Event, Occurrence
from .models.occurrences import OccurrenceQuerySet

SIZE = 50
FORMATS = {"rss": RSSFeed, "atom": AtomFeed}


@dataclass
class Scope:
    """Content of a feed: its events, and the page that shows them."""

    title: str
    occurrences: OccurrenceQuerySet
    url: str


def scope_of(request: HttpRequest, calendar: str = "", category: str = "") -> Scope:
    form = EventFilter(request.GET, with_calendar=not calendar)
    if not form.is_valid():
        raise Http404("This feed URL has invalid parameters.")
    occurrences = form.narrow(Occurrence.objects.visible())
    title, url = _("Python events"), "/events/"
    if calendar:
        row = get_object_or_404(Calendar, slug=calendar)
        occurrences, title, url = occurrences.filter(event__calendar=row), row.name, row.get_absolute_url()
    if category:
        category_row = get_object_or_404(Category.objects.filter(Q(calendar__slug=calendar) | Q(calendar=None)), slug=category)
        occurrences = occurrences.filter(event__categories=category_row)
        title, url = f"{title}: {category_row.name}", f"{url}categories/{category_row.slug}/"
    selected = dict(form.selected)
    if selected:
        title = f"{title}: {', '.join(_('online') if value is True else str(value) for value in selected.values())}"
        url = f"{url}?{form.query}"
    return Scope(title, occurrences, url)


@require_safe
def ics(request: HttpRequest, calendar: str = "", category: str = "") -> HttpResponse:
    scope = scope_of(request, calendar, category)
    events = in_feed(Event.objects.filter(pk__in=scope.occurrences.order_by().values("event")))
    return HttpResponse(calendar_file(scope.title, events), content_type="text/calendar; charset=utf-8")


class EventFeed(Feed):
    """Feed of the next events."""

    def __init__(self, feed_type: type[SyndicationFeed]) -> None:
        self.feed_type = feed_type

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().__call__(request, *args, **kwargs)

    def get_object(self, request: HttpRequest, calendar: str = "", category: str = "") -> Scope:
        scope = scope_of(request, calendar, category)
        self.path = request.get_full_path()
        return scope

    def title(self, scope: Scope) -> str:
        return scope.title

    def description(self, scope: Scope) -> str:
        return _("Upcoming events of the Python community.")

    def link(self, scope: Scope) -> str:
        return settings.BASE_URL + scope.url

    def items(self, scope: Scope) -> OccurrenceQuerySet:
        return scope.occurrences.not_over().with_events()[:SIZE]

    def item_title(self, occurrence: Occurrence) -> str:
        prefixes = {"cancelled": _("Canceled: "), "postponed": _("Postponed: "), "tentative": _("To be confirmed: ")}
        return prefixes.get(occurrence.status, "") + occurrence.title

    def item_description(self, occurrence: Occurrence) -> str:
        when = show_date(occurrence.starts_on, "DATE_FORMAT")
        if not occurrence.all_day:
            when += f", {time_format(occurrence.local_start, 'TIME_FORMAT')} ({occurrence.event.time_zone})"
        return ". ".join(part for part in [when, occurrence.event.place] if part)

    def item_link(self, occurrence: Occurrence) -> str:
        return settings.BASE_URL + occurrence.event.get_absolute_url()

    def item_guid(self, occurrence: Occurrence) -> str:
        return f"{self.item_link(occurrence)}#{occurrence.key}"

    item_guid_is_permalink = False

    def item_updateddate(self, occurrence: Occurrence) -> datetime:
        return occurrence.event.updated_at
