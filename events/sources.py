"""Parser of remote calendars: each event of an iCalendar file as plain data, whichever program wrote it."""

import html
import json
import re
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from icalendar import Calendar as Component

from cms.content import markup
from cms.platform.text import clean_text

from . import zones
from .models import Event
from .recurrence import DATE_FORMAT, TIME_FORMAT

STATUS = {"CANCELLED": Event.Status.CANCELLED, "TENTATIVE": Event.Status.POSTPONED}
# No calendar of conferences and meetups comes near to these.
MAX_EVENTS, MAX_ENTRIES, MAX_INSTANCES = 5_000, 10_000, 500
TAG = re.compile(r"<[a-zA-Z/][^>]*>")


class UnreadableError(Exception):
    """Calendar or event that cannot be imported, with the reason as a sentence."""


@dataclass
class Times:
    """Local start and end; without times for whole days, whose last day is `end_date`."""

    start_date: date
    start_time: str | None
    end_date: date
    end_time: str | None


@dataclass
class Instance:
    """Override of one date of the rule."""

    original: str
    title: str
    cancelled: bool
    times: Times | None


@dataclass
class ParsedEvent:
    """Event as its source describes it."""

    uid: str
    title: str
    text: str
    times: Times
    time_zone: str
    rrule: str = ""
    rdates: list[str] = field(default_factory=list)
    exdates: list[str] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    place: str = ""
    position: list[float] | None = None
    url: str = ""
    organiser: str = ""
    status: str = Event.Status.SCHEDULED

    @property
    def digest(self) -> str:
        return sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()


def parse_calendar(content: bytes, default_zone: str) -> tuple[list[ParsedEvent], list[str], set[str]]:
    """Return the events of a file, a sentence for each invalid one, and the UIDs of all. Raises UnreadableError."""
    calendars = _read(content)
    entries: dict[str, list[Any]] = defaultdict(list)
    problems = []
    for calendar in calendars:
        shown_in = str(calendar.get("X-WR-TIMEZONE", ""))
        entry: Any
        for entry in calendar.walk("VEVENT"):
            uid = str(entry.get("UID", "")).strip()
            if not uid:
                problems.append(f"“{str(entry.get('SUMMARY', ''))[:80]}” has no UID.")
                continue
            entry.shown_in = shown_in if shown_in in zones.names() else ""
            entries[uid[:255]].append(entry)
    if len(entries) > MAX_EVENTS:
        raise UnreadableError(f"The calendar has more than {MAX_EVENTS:,} events.")
    found = []
    for uid, group in entries.items():
        try:
            found.append(_parse_event(uid, group, default_zone))
        except UnreadableError as error:
            problems.append(f"“{str(group[0].get('SUMMARY', uid))[:80]}”: {error}")
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            problems.append(f"“{str(group[0].get('SUMMARY', uid))[:80]}” cannot be read ({type(error).__name__}).")
    return found, problems, set(entries)


def _read(content: bytes) -> list[Any]:
    """Return the calendars of a file. Raises UnreadableError."""
    if not content.lstrip(b"\xef\xbb\xbf \r\n\t")[:15].upper().startswith(b"BEGIN:VCALENDAR"):
        raise UnreadableError("This is not an iCalendar file: it does not start with BEGIN:VCALENDAR.")
    if content.upper().count(b"BEGIN:VEVENT") > MAX_ENTRIES:
        raise UnreadableError(f"The calendar has more than {MAX_ENTRIES:,} entries.")
    try:
        return Component.from_ical(clean_text(content.decode("utf-8-sig", errors="replace")), multiple=True)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise UnreadableError(f"The calendar cannot be read: {str(error)[:200]}.") from error


def _parse_event(uid: str, group: list[Any], default_zone: str) -> ParsedEvent:
    masters = [entry for entry in group if "RECURRENCE-ID" not in entry]
    instances = [entry for entry in group if "RECURRENCE-ID" in entry]
    # Some programs send a moved occurrence without its series: treat it as an event.
    entry = max(masters, key=_sequence) if masters else instances.pop(0)
    start = _start_of(entry)
    if any(name in {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE"} for name, _ in entry.errors):
        raise UnreadableError("it has an invalid date or recurrence rule.")
    zone = _zone_of(entry, start, default_zone)
    all_day = not isinstance(start, datetime)
    if len(instances) > MAX_INSTANCES:
        raise UnreadableError(f"more than {MAX_INSTANCES} of its dates are moved or canceled.")
    title = " ".join(str(entry.get("SUMMARY", "")).split())
    geo = entry.get("GEO")
    rule = entry.get("RRULE")
    if isinstance(rule, list):
        raise UnreadableError("it has more than one recurrence rule.")
    organiser = entry.get("ORGANIZER")
    url = str(entry.get("URL", "")).strip()
    return ParsedEvent(
        uid=uid,
        title=(title or "Untitled event")[:200],
        text=_text(str(entry.get("DESCRIPTION", ""))),
        times=_times(entry, start, zone),
        time_zone=zone,
        rrule=rule.to_ical().decode() if rule else "",
        rdates=_moments(entry.get("RDATE"), zone, all_day=all_day),
        exdates=_moments(entry.get("EXDATE"), zone, all_day=all_day),
        instances=sorted((_instance(one, zone, title, all_day=all_day) for one in instances), key=lambda one: one.original),
        place=" ".join(str(entry.get("LOCATION", "")).split())[:255],
        position=[float(geo.latitude), float(geo.longitude)] if geo is not None and hasattr(geo, "latitude") else None,
        url=url if re.match(r"https?://", url) and len(url) <= 500 else "",  # noqa: PLR2004 -- the length of the column.
        organiser=str(entry.get("X-ORGANISER", "") or (organiser.params.get("CN", "") if organiser else ""))[:200],
        status=STATUS.get(str(entry.get("STATUS", "")).upper(), Event.Status.SCHEDULED),
    )


def _sequence(entry: Any) -> int:
    return int(entry.get("SEQUENCE", 0))


def _start_of(entry: Any) -> date:
    start = entry.get("DTSTART")
    if start is None or isinstance(start, list) or not hasattr(start, "dt"):
        raise UnreadableError("it has no valid start.")
    return start.dt


def _zone_of(entry: Any, start: date, default_zone: str) -> str:
    if not isinstance(start, datetime) or start.tzinfo is None:
        return default_zone
    key = getattr(start.tzinfo, "key", "") or str(entry["DTSTART"].params.get("TZID", ""))
    if start.utcoffset() == timedelta(0) and key in {"UTC", ""}:
        # Some programs write all times in UTC and name the zone once. A rule in UTC would not follow daylight saving time.
        return "UTC" if "RRULE" in entry else entry.shown_in or "UTC"
    return key if key in zones.names() else default_zone


def _wall(moment: date, zone: str) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, datetime.min.time())
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(zones.zone(zone)).replace(tzinfo=None)


def _times(entry: Any, start: date, zone: str) -> Times:
    end = entry.get("DTEND")
    duration = entry.get("DURATION")
    begins = _wall(start, zone)
    if end is not None:
        if isinstance(end.dt, datetime) != isinstance(start, datetime):
            raise UnreadableError("it starts on a date without a time but ends at a time.")
        ends = _wall(end.dt, zone)
    else:
        ends = begins + duration.dt if duration is not None else begins
    if ends < begins:
        raise UnreadableError("it ends before it starts.")
    if not isinstance(start, datetime):
        # DTEND of whole days is the day after the last one.
        last = max(ends.date() - timedelta(days=1), begins.date())
        return Times(begins.date(), None, last, None)
    return Times(begins.date(), f"{begins:%H:%M:%S}", ends.date(), f"{ends:%H:%M:%S}" if ends > begins else None)


def _moments(values: Any, zone: str, *, all_day: bool) -> list[str]:
    groups = values if isinstance(values, list) else [values] if values is not None else []
    found = set()
    for group in groups:
        for one in group.dts:
            # Of a period only the start counts.
            moment = one.dt[0] if isinstance(one.dt, tuple) else one.dt
            whole = all_day or not isinstance(moment, datetime)
            found.add(_wall(moment, zone).strftime(DATE_FORMAT if whole else TIME_FORMAT))
    return sorted(found)


def _instance(entry: Any, zone: str, title: str, *, all_day: bool) -> Instance:
    original = _wall(entry["RECURRENCE-ID"].dt, zone)
    own = " ".join(str(entry.get("SUMMARY", "")).split())[:200]
    return Instance(
        original.strftime(DATE_FORMAT if all_day else TIME_FORMAT),
        own if own != title else "",
        str(entry.get("STATUS", "")).upper() == "CANCELLED",
        _times(entry, entry["DTSTART"].dt, zone) if "DTSTART" in entry else None,
    )


def _text(description: str) -> str:
    """Return a description, HTML or plain text, as safe HTML."""
    text = description.strip()
    if not text:
        return ""
    if TAG.search(text):
        return str(markup.clean(text))
    paragraphs = re.split(r"\n\s*\n", html.escape(text, quote=False))
    return str(markup.clean("".join(f"<p>{paragraph.strip().replace(chr(10), '<br>')}</p>" for paragraph in paragraphs)))
