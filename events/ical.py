"""Events as iCalendar (RFC 5545) with their recurrence rules."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone
from icalendar import Calendar as Component
from icalendar import Event as Entry
from icalendar import vRecur

from cms.platform.text import clean_text

from . import zones
from .models import Event, Occurrence
from .models.events import EventQuerySet
from .recurrence import moments_of, parts_of, until_of
from .vtimezones import build_vtimezone, last_year

# Calendars do not need events that ended earlier.
FEED_DAYS = 366
SEQUENCE_START = datetime(2020, 1, 1, tzinfo=UTC)
STATUS = {
    Event.Status.SCHEDULED: "CONFIRMED",
    Event.Status.TENTATIVE: "TENTATIVE",
    Event.Status.CANCELLED: "CANCELLED",
    # iCalendar has no such status; the description says it.
    Event.Status.POSTPONED: "TENTATIVE",
}


def in_feed(events: EventQuerySet, at: datetime | None = None) -> EventQuerySet:
    """Return the events of a feed with their relations: upcoming, in progress, or from the last year."""
    since = (at or timezone.now()) - timedelta(days=FEED_DAYS)
    recent = Occurrence.objects.filter(event=OuterRef("pk"), ends_at__gt=since)
    return (
        events.visible()
        .filter(Exists(recent))
        .select_related("calendar", "venue")
        .prefetch_related("overrides", "categories")
        .order_by("pk")
    )


def calendar_file(name: str, events: Iterable[Event]) -> bytes:
    """Return a calendar with its time zones. Times are local, with the name of their zone; all-day events have dates."""
    calendar = Component()
    calendar.add("prodid", "-//python.org//Events//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    # For Outlook and older programs, which do not read the standard property.
    calendar.add("x-published-ttl", "PT6H")
    entries = []
    # First year in which each zone is used.
    used: dict[str, int] = {}
    for event in events:
        if not event.all_day and event.time_zone != "UTC":
            used[event.time_zone] = min(event.start_date.year, used.get(event.time_zone, event.start_date.year))
        entries += entries_of(event)
    for tzid, first_year in sorted(used.items()):
        calendar.add_component(build_vtimezone(tzid, first_year, max(last_year(), first_year + 1)))
    for entry in entries:
        calendar.add_component(entry)
    return clean_text(calendar.to_ical().decode()).encode()


def entries_of(event: Event) -> list[Entry]:
    """Return the iCalendar entries for an event and its overrides."""
    entry = _entry(event, event.title, event.wall_start, event.wall_start + event.wall_duration)
    if event.rrule:
        entry.add("rrule", vRecur.from_ical(written_rule(event)))
    for name, text in (("rdate", event.rdates), ("exdate", event.exdates)):
        walls = [_full(event, moment) for moment in moments_of(text)]
        if name == "rdate" and walls and not event.rrule and event.wall_start not in walls:
            # Some programs treat the first date as one of the list.
            walls.insert(0, event.wall_start)
        moments = [_moment(event, wall) for wall in walls]
        if moments:
            entry.add(name, moments, parameters={"VALUE": "DATE"} if event.all_day else {})
    entries = [entry]
    for override in event.overrides.all():
        original = override.original_start
        start = datetime.combine(override.start_date or original.date(), override.start_time or original.time())
        end = start + event.wall_duration
        end = datetime.combine(override.end_date or end.date(), override.end_time or end.time())
        instance = _entry(event, override.title or event.title, start, end, cancelled=override.cancelled)
        _add_moment(event, instance, "recurrence-id", _full(event, original))
        entries.append(instance)
    return entries


def written_rule(event: Event) -> str:
    """Return the rule with UNTIL in the form of DTSTART, as RFC 5545 demands: a date, or a time in UTC."""
    parts = parts_of(event.rrule)
    if "UNTIL" in parts:
        until = until_of(parts["UNTIL"], event.time_zone)
        parts["UNTIL"] = f"{until:%Y%m%d}" if event.all_day else f"{zones.to_utc(until, event.time_zone):%Y%m%dT%H%M%SZ}"
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _full(event: Event, moment: datetime) -> datetime:
    """Return a stored date, completed with the event's start time or seconds if these are missing."""
    start = event.wall_start.time()
    at_midnight = moment.hour == moment.minute == moment.second == 0
    return datetime.combine(moment.date(), start) if at_midnight or moment.time() == start.replace(second=0) else moment


def _moment(event: Event, wall: datetime) -> date:
    if event.all_day:
        return wall.date()
    return wall.replace(tzinfo=UTC if event.time_zone == "UTC" else zones.zone(event.time_zone))


def _add_moment(event: Event, entry: Entry, name: str, wall: datetime) -> None:
    entry.add(name, _moment(event, wall))


def _entry(event: Event, title: str, start: datetime, end: datetime, *, cancelled: bool = False) -> Entry:
    entry = Entry()
    entry.add("uid", event.calendar_uid)
    entry.add("dtstamp", event.updated_at)
    entry.add("last-modified", event.updated_at)
    # It must increase with each change. Minutes fit into 32 bits.
    entry.add("sequence", max(0, int((event.updated_at - SEQUENCE_START).total_seconds() // 60)))
    if not (event.all_day or event.rrule):
        # Programs disagree about times skipped by daylight saving time, so write the time that clocks show then.
        start, end = (zones.to_utc(wall, event.time_zone).astimezone(zones.zone(event.time_zone)) for wall in (start, end))
    _add_moment(event, entry, "dtstart", start)
    # DTEND of all-day events is the day after the last one.
    _add_moment(event, entry, "dtend", end + timedelta(days=1) if event.all_day else end)
    entry.add("summary", title)
    entry.add("class", "PUBLIC")
    # A week-long conference should not mark its subscribers as busy for a week.
    entry.add("transp", "TRANSPARENT" if event.all_day else "OPAQUE")
    entry.add("status", "CANCELLED" if cancelled else STATUS[Event.Status(event.status)])
    url = settings.BASE_URL + event.get_absolute_url()
    facts = [event.summary, event.status_note, f"Join: {event.online_url}" if event.online_url else "", event.url]
    entry.add("description", "\n\n".join(fact for fact in facts if fact))
    entry.add("url", event.url or url)
    if event.venue:
        entry.add("location", event.venue.text)
        if event.venue.position:
            entry.add("geo", tuple(float(number) for number in event.venue.position))
    elif event.online_url:
        entry.add("location", event.online_url)
    if event.online_url:
        parameters = {"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": "Join online"}
        entry.add("conference", event.online_url, parameters=parameters)
    if event.organiser:
        entry.add("x-organiser", event.organiser)
    categories = [category.name for category in event.categories.all()]
    if categories:
        entry.add("categories", categories)
    return entry
