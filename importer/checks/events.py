"""Checks of events."""

from collections.abc import Callable
from datetime import date, datetime

from events.models import Calendar, Category, Event, Location
from importer.core.comparison import Check, checked
from importer.sections.events import CALENDARS, CATEGORIES, EVENTS, LOCATIONS, OCCURRING, RECURRING


def first_day(name: str) -> Callable[[dict], date]:
    return lambda fields: datetime.fromisoformat(fields[name]).date()


def calendar_slug(pk: int) -> str:
    return Calendar.objects.filter(pk=pk).values_list("slug", flat=True).first() or ""


checked(
    CALENDARS,
    Check(Calendar, {"name": "name", "slug": "slug", "url": "url"}, paths=lambda fields: [f"/events/{fields['slug']}/"]),
)
checked(
    CATEGORIES,
    Check(
        Category,
        {"name": "name", "slug": "slug", "calendar_id": "calendar"},
        paths=lambda fields: [f"/events/{calendar_slug(fields['calendar'])}/categories/{fields['slug']}/"],
    ),
)
checked(
    LOCATIONS,
    Check(
        Location,
        {"name": "name", "address": "address", "url": "url"},
        paths=lambda fields: [f"/events/{calendar_slug(fields['calendar'])}/locations/{fields['pk']}/"],
    ),
)
checked(
    EVENTS,
    Check(
        Event,
        {"title": "title", "calendar_id": "calendar", "uid": "uid", "featured": "featured", "venue_id": "venue"},
        paths=lambda fields: (
            [f"/events/{calendar_slug(fields['calendar'])}/{fields['pk']}/"]
            if Event.objects.filter(pk=fields["pk"], live=True).exists()
            else []
        ),
        texts=(lambda fields: fields.get("_description_rendered") or "", lambda event: str(event.body)),
    ),
)
checked(OCCURRING, Check(Event, {"start_date": first_day("dt_start")}, key="event"))
checked(RECURRING, Check(Event, {"start_date": first_day("begin")}, key="event"))
