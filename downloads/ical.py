"""Release calendar: published and planned releases, and the ends of support of release series."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from icalendar import Calendar, Event

from cms.platform.text import clean_text

from .models import PlannedRelease, Release, ReleaseSeries


def entry(uid: str, day: date, summary: str, url: str, stamp: datetime) -> Event:
    """Return an entry for a whole day. Its `uid` does not change with the date, so that calendars move it."""
    event = Event()
    event.add("uid", f"{uid}@{settings.BASE_URL.split('//')[-1]}")
    event.add("dtstamp", stamp)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", summary)
    event.add("url", url)
    event.add("transp", "TRANSPARENT")
    return event


def entries(at: datetime) -> Iterator[Event]:
    downloads = f"{settings.BASE_URL}/downloads/"
    released = set()
    releases = Release.objects.visible().order_by("-release_date", "pk")
    for name, slug, released_at, updated_at in releases.values_list("name", "slug", "release_date", "updated_at"):
        # A release replaces its plan. If two rows have the same name, the newer one counts.
        uid = f"release-{name.removeprefix('Python ').replace(' ', '-')}"
        if uid not in released:
            released.add(uid)
            yield entry(uid, released_at.date(), name, f"{downloads}release/{slug}/", updated_at)
    for plan in PlannedRelease.objects.all():
        if f"release-{plan.name}" not in released:
            note = "expected" if plan.is_overdue(at) else "planned"
            yield entry(f"release-{plan.name}", plan.date, f"Python {plan.name} ({note})", downloads, at)
    for series in ReleaseSeries.objects.with_published().newest_first():
        note = "" if series.first_stable or series.is_followed else " (planned)"
        if series.end_of_bugfixes:
            summary = f"Python {series.name}: security fixes only from this day{note}"
            yield entry(f"bugfixes-{series.name}", series.end_of_bugfixes, summary, downloads, at)
        if series.end_of_security:
            yield entry(f"end-{series.name}", series.end_of_security, f"Python {series.name}: end of life{note}", downloads, at)


def release_calendar(at: datetime) -> bytes:
    """Return the release calendar as an iCalendar file (RFC 5545)."""
    calendar = Calendar()
    calendar.add("prodid", "-//python.org//Releases//EN")
    calendar.add("version", "2.0")
    calendar.add("name", "Python releases")
    calendar.add("x-wr-calname", "Python releases")
    calendar.add("refresh-interval", timedelta(hours=12), parameters={"VALUE": "DURATION"})
    for event in entries(at):
        calendar.add_component(event)
    return clean_text(calendar.to_ical().decode()).encode()
