"""API v3: calendars, and occurrences of events between two dates."""

from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any, Literal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.decorators import decorate_view

from cms.api.base import share
from cms.api.routers import Page, Reader, after, bad_parameter, page, refuse_unknown
from cms.delivery import surrogate_keys

from .models import Calendar, Occurrence

events = Router(tags=["events"])
calendars = Router(tags=["calendars"])
ROUTERS = {"/events/": events, "/calendars/": calendars}
MAX_RANGE = timedelta(days=731)


class CalendarOut(Schema):
    slug: str
    name: str
    description: str
    time_zone: str
    url: str = Field(description="URL of the page on this site.")
    ics: str = Field(description="URL of the iCalendar file.")


class Calendars(Schema):
    count: int
    items: list[CalendarOut]


class OccurrenceOut(Schema):
    id: int = Field(description="ID of the event. The list contains a recurring event once for each date.")
    title: str
    calendar: str = Field(description="Slug of the calendar.")
    # Defined explicitly, because an enum named Status would replace that of release series in the OpenAPI document.
    status: Literal["scheduled", "tentative", "cancelled", "postponed"]
    all_day: bool
    starts_on: date = Field(description="First day, local to the event.")
    ends_on: date = Field(description="Last day, local to the event.")
    starts_at: datetime | None = Field(description="Null for all-day events, which have no time zone.")
    ends_at: datetime | None
    time_zone: str
    place: str
    country: str | None
    online: bool
    featured: bool
    url: str


class Occurrences(Schema):
    count: int
    items: list[OccurrenceOut]


class EventFilters(Page):
    since: date | None = Field(None, description="First day; defaults to today.")
    until: date | None = Field(None, description="Last day; defaults to one year after the first.")
    calendar: str | None = Field(None, max_length=100, description="Slug of a calendar.")
    country: str | None = Field(None, pattern="^[A-Z]{2}$", description="ISO 3166-1 country code, for example DE.")
    featured: bool | None = None


def set_cache_headers(request: HttpRequest, response: HttpResponse) -> None:
    surrogate_keys.add_keys(request, "events")
    share(request, response)
    if response.status_code == HTTPStatus.OK:
        # The set of upcoming days changes with time.
        response["Cache-Control"] = "public, max-age=60, s-maxage=300"


def describe(occurrence: Occurrence) -> dict:
    event = occurrence.event
    return {
        "id": event.pk,
        "title": occurrence.title,
        "calendar": event.calendar.slug,
        "status": occurrence.status,
        "all_day": occurrence.all_day,
        "starts_on": occurrence.starts_on,
        "ends_on": occurrence.ends_on,
        "starts_at": None if occurrence.all_day else occurrence.local_start,
        "ends_at": None if occurrence.all_day else occurrence.local_end,
        "time_zone": event.time_zone,
        "place": event.place,
        "country": (event.venue.country.code or None) if event.venue else None,
        "online": event.is_online,
        "featured": event.featured,
        "url": event.full_url,
    }


def describe_calendar(calendar: Calendar) -> dict:
    url = settings.BASE_URL + calendar.get_absolute_url()
    facts = {name: getattr(calendar, name) for name in ("slug", "name", "description", "time_zone")}
    return facts | {"url": url, "ics": f"{url}feed.ics"}


@events.get("/", response=Occurrences, auth=Reader(), summary="List occurrences of events between two days, in order")
@decorate_view(after(set_cache_headers))
def list_occurrences(request: HttpRequest, filters: Query[EventFilters]) -> dict[str, Any]:
    refuse_unknown(request, filters)
    first = filters.since or timezone.now().date()
    if first > date.max - MAX_RANGE:
        raise bad_parameter("since", "This date is too far in the future.")
    last = filters.until or first + timedelta(days=366)
    if not timedelta(0) <= last - first <= MAX_RANGE:
        raise bad_parameter("until", "The last day must not be before the first day or more than two years after it.")
    rows = Occurrence.objects.visible().with_events().between(first, last)
    if filters.calendar:
        rows = rows.filter(event__calendar__slug=filters.calendar)
    if filters.country:
        rows = rows.filter(event__venue__country=filters.country)
    if filters.featured is not None:
        rows = rows.filter(event__featured=filters.featured)
    return page(request, rows, filters, describe)


@calendars.get("/", response=Calendars, auth=Reader(), summary="List calendars")
@decorate_view(after(set_cache_headers))
def list_calendars(request: HttpRequest, filters: Query[Page]) -> dict[str, Any]:
    refuse_unknown(request, filters)
    return page(request, Calendar.objects.all(), filters, describe_calendar)


@calendars.get("/{slug}/", response=CalendarOut, auth=Reader(), summary="Get a calendar")
@decorate_view(after(set_cache_headers))
def get_calendar(request: HttpRequest, slug: str) -> dict[str, Any]:
    calendar = Calendar.objects.filter(slug=slug).first()
    if calendar is None:
        raise Http404("There is no such calendar.")
    return describe_calendar(calendar)
