"""Events of a remote calendar as plain data, with a warning for each assumption."""

from collections import defaultdict
from hashlib import sha256

from django.core.exceptions import ValidationError

from .decoding import Component, Property, UnreadableError, parse_structure
from .entries import read_entry
from .local_times import Context
from .overrides import HIDDEN_CLASSES, version_of
from .parsed import Notice, ParsedCalendar
from .values import parse_date
from .zones import Resolver

MAX_EVENTS = 5_000


def read_calendar(content: bytes, default_zone: str, charset: str = "") -> ParsedCalendar:
    """Return the events of a file, with sentences about unreadable parts. Raises UnreadableError if it is not a calendar."""
    structure = parse_structure(content, charset)
    result = ParsedCalendar(warnings=structure.warnings, is_complete=structure.is_complete)
    result.is_damaged = structure.is_damaged or any(
        entry.broken_lines or len(entry.all("UID")) != 1 for calendar in structure.calendars for entry in _entries(calendar)
    )
    groups: dict[str, list[tuple[Component, Context]]] = defaultdict(list)
    for calendar in structure.calendars:
        context = _context_of(calendar, default_zone, result.warnings)
        for entry in _entries(calendar):
            groups[_uid_of(entry)].append((entry, context))
    if len(groups) > MAX_EVENTS:
        raise UnreadableError(f"The calendar has more than {MAX_EVENTS:,} events.")
    for uid, group in groups.items():
        _read_group(uid, group, result)
    return result


def _context_of(calendar: Component, default_zone: str, warnings: list[str]) -> Context:
    years: dict[str, tuple[int, int]] = {}
    for entry in _entries(calendar):
        for one in entry.properties:
            tzid, read = one.params.get("TZID", "").strip().lower(), parse_date(one.value.split(",")[0])
            if tzid and read:
                first, last = years.get(tzid, (read.moment.year, read.moment.year))
                years[tzid] = (min(first, read.moment.year), max(last, read.moment.year + (3 if entry.get("RRULE") else 0)))
    resolver = Resolver(calendar, default_zone, years, warnings)
    shown_in = calendar.text("X-WR-TIMEZONE") or calendar.text("TIMEZONE-ID")
    if shown_in:
        found = resolver.resolve(shown_in)
        shown_in = "" if "is unknown" in found.warning or found.table else found.name
        if not shown_in:
            warnings.append(found.warning)
    elif calendar.get("TZ"):
        # vCalendar 1.0: one offset for all local times.
        found = resolver.resolve(f"UTC{calendar.text('TZ')}")
        shown_in = "" if found.warning else found.name
    return Context(resolver, default_zone, shown_in or "", shown_in or "", calendar.text("METHOD").upper() == "CANCEL")


def _entries(calendar: Component) -> list[Component]:
    return [one for one in calendar.components if one.name == "VEVENT"]


def _uid_of(entry: Component) -> str:
    uid = entry.text("UID")
    if uid:
        return uid[:255]
    # The event gets the same identifier in the next import if its title and start do not change.
    start = entry.get("DTSTART")
    text = f"{entry.text('SUMMARY')}|{start.value if start else ''}"
    return f"without-uid-{sha256(text.encode()).hexdigest()[:32]}"


def _read_group(uid: str, group: list[tuple[Component, Context]], result: ParsedCalendar) -> None:
    title = " ".join(group[0][0].text("SUMMARY").split())[:80]
    masters = [pair for pair in group if pair[0].get("RECURRENCE-ID") is None]
    if any(entry.text("CLASS").upper() in HIDDEN_CLASSES for entry, _ in masters or group):
        result.private.add(uid)
        return
    result.uids.add(uid)
    instances = [entry for entry, _ in group if entry.get("RECURRENCE-ID") is not None]
    starts = {(entry.text("SUMMARY"), (entry.get("DTSTART") or Property("", {}, "")).value) for entry, _ in masters}
    titles = {one for one, _ in starts}
    if len(starts) > 1 and len(titles) == len(starts):
        # Some scripts give all events the same UID.
        _read_shared_uid(uid, masters, result)
        return
    # Some programs send a moved occurrence without its series, so treat it as an event.
    entry, context = max(masters, key=lambda pair: version_of(pair[0])) if masters else group[0]
    instances = [one for one in instances if one is not entry]
    _read_safely(uid, title, entry, instances, context, result)


def _read_shared_uid(uid: str, masters: list[tuple[Component, Context]], result: ParsedCalendar) -> None:
    for entry, context in masters:
        own = f"{uid[:200]}#{sha256((entry.text('SUMMARY') + str(entry.get('DTSTART'))).encode()).hexdigest()[:16]}"
        result.uids.add(own)
        before = len(result.events)
        _read_safely(own, entry.text("SUMMARY")[:80], entry, [], context, result)
        for event in result.events[before:]:
            event.warnings.append("Several events in the file have the same UID. They were distinguished by title and start.")


def _read_safely(
    uid: str, title: str, entry: Component, instances: list[Component], context: Context, result: ParsedCalendar
) -> None:
    try:
        events = read_entry(uid, entry, instances, context)
    except UnreadableError as error:
        result.problems.append(Notice(uid, title or uid[:80], str(error)))
    except ValidationError as error:
        result.problems.append(Notice(uid, title or uid[:80], " ".join(error.messages)))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        result.problems.append(Notice(uid, title or uid[:80], f"it cannot be read ({type(error).__name__})."))
    else:
        result.uids |= {event.uid for event in events}
        result.events += events
