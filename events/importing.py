"""Write, compare and restore the imported values of an event."""

import json
from collections.abc import Callable
from datetime import datetime, time
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from cms.content import markup

from . import recurrence
from .models import Calendar, Event, EventOverride, Location
from .models.events import LOCKABLE
from .reader import ParsedEvent, Times

TITLE, DATES, EXCEPTIONS, TEXT = "Title", "Dates", "Exceptions", "Text"
MAX_SHOWN = 300
# Columns that an import writes, for `snapshot` and `restore`.
COLUMNS = (
    *("title", "body", "status", "start_date", "start_time", "end_date", "end_time", "time_zone", "rrule", "rdates", "exdates"),
    *("venue", "url", "online_url", "organiser", "source_digest", "import_warnings", "imported_at"),
)
OVERRIDE_COLUMNS = (
    *("original_date", "original_time", "cancelled", "title", "start_date", "start_time", "end_date", "end_time"),
)


def check(calendar: Calendar, parsed: ParsedEvent) -> None:
    """Raise ValidationError if an event cannot be imported."""
    event = Event(calendar=calendar)
    _apply(event, parsed, None)
    recurrence.check(event, is_imported=True)


def write(calendar: Calendar, event: Event | None, parsed: ParsedEvent, at: datetime) -> Event:
    """Create or change an event, and publish it again if it was archived."""
    is_new = event is None
    event = event or Event(calendar=calendar, uid=parsed.uid, live=True, first_published_at=at, last_published_at=at)
    venue = _venue(calendar, parsed)
    draft = None
    if not is_new and event.latest_revision_id:
        # The admin form loads the newest revision, so the revision gets the imported values too.
        draft = event.get_latest_revision_as_object()
    for one in [event, *([draft] if draft else [])]:
        _apply(one, parsed, venue)
        one.imported_at, one.source_digest, one.import_warnings = at, parsed.digest, parsed.warnings
    recurrence.check(event, is_imported=True)
    if event.archived_at:
        event.live, event.archived_at = True, None
    _save(event, draft)
    return event


def _save(event: Event, draft: Event | None) -> None:
    event.save()
    if draft:
        revision = draft.save_revision(clean=False, changed=False)
        if not event.has_unpublished_changes:
            Event.objects.filter(pk=event.pk).update(live_revision=revision)


def archive(event: Event, at: datetime) -> None:
    """Unpublish an event that its source has removed or made private."""
    event.archived_at, event.live = at, False
    event.save()


def _apply(event: Event, parsed: ParsedEvent, venue: Location | None) -> None:
    """Set the values of the source, except for locked fields."""
    by_lock: dict[str, Callable[[], None]] = {
        "title": lambda: setattr(event, "title", parsed.title),
        "body": lambda: setattr(event, "body", [("text", parsed.text)] if parsed.text else []),
        "dates": lambda: _apply_dates(event, parsed),
        "venue": lambda: setattr(event, "venue", venue),
        "url": lambda: setattr(event, "url", parsed.url),
        "online_url": lambda: setattr(event, "online_url", parsed.online_url),
        "organiser": lambda: setattr(event, "organiser", parsed.organiser),
        "status": lambda: setattr(event, "status", parsed.status),
    }
    for name, apply in by_lock.items():
        if name not in event.locked_fields:
            apply()


def _apply_dates(event: Event, parsed: ParsedEvent) -> None:
    _apply_times(event, parsed.times)
    event.time_zone, event.rrule = parsed.time_zone, parsed.rrule
    event.rdates, event.exdates = "\n".join(parsed.rdates), "\n".join(parsed.exdates)
    overrides = []
    for instance in parsed.instances:
        original = datetime.fromisoformat(instance.original)
        override = EventOverride(
            original_date=original.date(),
            original_time=None if event.all_day else original.time(),
            title=instance.title,
            cancelled=instance.cancelled,
        )
        if instance.times:
            _apply_times(override, instance.times)
        overrides.append(override)
    event.overrides = overrides


def _apply_times(row: Event | EventOverride, times: Times) -> None:
    row.start_date, row.end_date = times.start_date, times.end_date
    row.start_time = time.fromisoformat(times.start_time) if times.start_time else None
    row.end_time = time.fromisoformat(times.end_time) if times.end_time else None


def _venue(calendar: Calendar, parsed: ParsedEvent) -> Location | None:
    if not parsed.place:
        return None
    venue, _ = Location.objects.get_or_create(calendar=calendar, name=parsed.place)
    if parsed.position and venue.position is None:
        venue.latitude, venue.longitude = (f"{number:.6f}" for number in parsed.position)
        venue.save()
    return venue


# Comparison


def dates_of(event: Event) -> str:
    """Return date, time, zone and rule of an event as a single text."""
    return _dates(event, event.time_zone, event.rrule, event.rdates.split(), event.exdates.split())


def _dates(row: Any, zone: str, rule: str, rdates: list[str], exdates: list[str]) -> str:
    first = f"{row.start_date:%b %-d, %Y}" + (f", {_time(row.start_time)}" if row.start_time else "")
    last = f"{row.end_date:%b %-d, %Y}" if row.end_date and row.end_date != row.start_date else ""
    end = ", ".join(part for part in (last, _time(row.end_time) if row.end_time else "") if part)
    parts = [f"{first} – {end}" if end else first, zone if row.start_time else "", rule]
    parts += [f"also {', '.join(rdates)}" if rdates else "", f"not {', '.join(exdates)}" if exdates else ""]
    return "; ".join(part for part in parts if part)


def _time(value: time | str) -> str:
    return str(value)[:5]


def _exceptions(rows: list[tuple[str, bool, str, Any]]) -> str:
    """Return moved, renamed and canceled dates as one string."""
    found = []
    for original, cancelled, title, times in sorted(rows, key=lambda row: row[0]):
        moved = _dates(times, "", "", [], []) if times is not None and times.start_date else ""
        found.append(f"{original}: {'canceled' if cancelled else ' '.join(part for part in (title, moved) if part)}")
    return "; ".join(found)


def differences(event: Event | None, parsed: ParsedEvent) -> list[tuple[str, str, str]]:
    """Return (label, old value, new value) for each field that the import changes and visitors see."""
    new = {
        "title": (TITLE, parsed.title),
        "dates": (DATES, _dates(parsed.times, parsed.time_zone, parsed.rrule, parsed.rdates, parsed.exdates)),
        "exceptions": (
            EXCEPTIONS,
            _exceptions([(one.original, one.cancelled, one.title, one.times) for one in parsed.instances]),
        ),
        "venue": (LOCKABLE["venue"], parsed.place),
        "status": (LOCKABLE["status"], str(Event.Status(parsed.status).label)),
        "url": (LOCKABLE["url"], parsed.url),
        "online_url": (LOCKABLE["online_url"], parsed.online_url),
        "organiser": (LOCKABLE["organiser"], parsed.organiser),
        "body": (TEXT, markup.plain_html(parsed.text)),
    }
    old = _values(event) if event else {}
    found = []
    for name, (label, value) in new.items():
        is_locked = event is not None and {"exceptions": "dates"}.get(name, name) in event.locked_fields
        if not is_locked and old.get(name, "") != value:
            found.append((str(label), old.get(name, "")[:MAX_SHOWN], value[:MAX_SHOWN]))
    return found


def _values(event: Event) -> dict[str, str]:
    overrides = [
        (recurrence.key_of(row.original_start, all_day=event.all_day), row.cancelled, row.title, row)
        for row in event.overrides.all()
    ]
    return {
        "title": event.title,
        "dates": dates_of(event),
        "exceptions": _exceptions(overrides),
        "venue": event.venue.name if event.venue else "",
        "status": str(event.get_status_display()),
        "url": event.url,
        "online_url": event.online_url,
        "organiser": event.organiser,
        "body": markup.plain_html(event.body.render_as_block()) if event.body else "",
    }


# Undo


def snapshot(event: Event) -> dict[str, Any]:
    """Return the imported values of an event as JSON."""
    data = event.serializable_data()
    values = {name: data[name] for name in COLUMNS}
    overrides = [{name: row[name] for name in OVERRIDE_COLUMNS} for row in data["overrides"]]
    values |= {"overrides": overrides, "live": event.live, "archived_at": data["archived_at"]}
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder))


def restore(event: Event, before: dict[str, Any]) -> None:
    """Restore imported values of an event, except for fields that staff have locked since."""
    draft = event.get_latest_revision_as_object() if event.latest_revision_id else None
    for one in [event, *([draft] if draft else [])]:
        data = one.serializable_data() | {name: before[name] for name in COLUMNS}
        data["overrides"] = [row | {"pk": None, "event": one.pk} for row in before["overrides"]]
        source = Event.from_serializable_data(data, check_fks=False)
        for name in COLUMNS:
            setattr(one, name, getattr(source, name))
        one.overrides = list(source.overrides.all())
    restored = Event.from_serializable_data(event.serializable_data() | {"archived_at": before["archived_at"]})
    event.live, event.archived_at = before["live"], restored.archived_at
    _save(event, draft)
