"""One event of a calendar with its recurrence rule and its overrides."""

import re

from icalendar import vRecur

from events.models.events import Event
from events.recurrence import parts_of, rule_dates, until_of

from .decoding import Component, UnreadableError
from .local_times import MAX_DATES, Context, LocalTimes
from .overrides import YEARS_OF_DATES, Overrides, status_of
from .parsed import ParsedEvent
from .texts import clean_url, describe, find_place
from .values import modern_rule, parse_date, years_later


def read_entry(uid: str, entry: Component, instances: list[Component], context: Context) -> list[ParsedEvent]:
    """Return an event, and those that continue it where an override changes all later dates.

    Raises UnreadableError or ValidationError if it cannot be imported.
    """
    times = LocalTimes(entry, context)
    _warn_of_damage(times)
    times.read_start()
    event = _event_of(uid, times)
    _apply_exception_rules(event, times)
    if "\ufffd" in event.title + event.text + event.place:
        times.warn("Some characters were invalid and were replaced.")
    later = Overrides(uid, instances, times).apply(event)
    for one in [event, *later]:
        one.warnings = [*times.warnings]
    return [event, *later]


def _warn_of_damage(times: LocalTimes) -> None:
    for sentence in times.entry.broken_lines:
        times.warn(sentence)
    if len(times.entry.all("UID")) > 1:
        times.warn("It has more than one UID: two events of the file may have become one.")
    if not times.entry.text("UID"):
        times.warn("It has no UID. It is recognized by its title and start.")


def _event_of(uid: str, times: LocalTimes) -> ParsedEvent:
    entry = times.entry
    own_times, rule = times.of_entry(entry, is_master=True), _rule(times)
    place, online_url = find_place(entry)
    organiser = entry.get("ORGANIZER")
    return ParsedEvent(
        uid=uid,
        title=(" ".join(entry.text("SUMMARY").split()) or "Untitled event")[:200],
        text=describe(entry),
        times=own_times,
        time_zone=times.zone,
        rrule=rule,
        rdates=[one for one in times.moments("RDATE") if one != times.format(times.start, whole=times.all_day)],
        exdates=times.moments("EXDATE"),
        place=place,
        position=_position(entry),
        url=clean_url(entry.text("URL")),
        online_url=online_url,
        organiser=(entry.text("X-ORGANISER") or (organiser.params.get("CN", "") if organiser else ""))[:200],
        status=Event.Status.CANCELLED if times.context.is_cancelled else status_of(entry),
    )


def _position(entry: Component) -> list[float] | None:
    parts = re.split(r"[;,]", entry.text("GEO"))
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError:
        return None
    return [latitude, longitude] if abs(latitude) <= 90 and abs(longitude) <= 180 else None  # noqa: PLR2004


def _rule(times: LocalTimes) -> str:
    lines = times.entry.all("RRULE")
    rules = list(dict.fromkeys(filter(None, (modern_rule(line.text) for line in lines))))
    if not rules:
        return ""
    if len(rules) > 1:
        raise UnreadableError("it has more than one recurrence rule.")
    parts = parts_of(rules[0])
    if "UNTIL" in parts and parse_date(parts["UNTIL"]) is None:
        raise UnreadableError(f"the end of its recurrence rule cannot be read: {parts['UNTIL'][:40]}.")
    try:
        # Order in which the parts of a rule are written.
        rule = vRecur.from_ical(";".join(f"{name}={value}" for name, value in parts.items())).to_ical().decode()
    except ValueError as error:
        raise UnreadableError(f"its recurrence rule cannot be read: {rules[0][:80]}.") from error
    if len(rule) > 500:  # noqa: PLR2004 -- the length of the column.
        raise UnreadableError("its recurrence rule is too long.")
    if "UNTIL" in parts and until_of(parts["UNTIL"], times.zone) < times.start:
        times.warn("Its recurrence rule ends before the event starts. Only the first date is shown.")
        return ""
    first = next(rule_dates(rule, times.start, times.zone, years_later(times.start, 9)), None)
    if first is not None and first != times.start:
        times.warn("Its first date does not match its recurrence rule. It is shown as an additional date.")
    return rule


def _apply_exception_rules(event: ParsedEvent, times: LocalTimes) -> None:
    """Exclude the dates of EXRULE, which RFC 5545 has deprecated."""
    for line in times.entry.all("EXRULE")[:5]:
        rule = modern_rule(line.text)
        until = years_later(times.start, YEARS_OF_DATES)
        dates = [times.format(moment, whole=times.all_day) for moment in rule_dates(rule, times.start, times.zone, until)]
        count = parts_of(rule).get("COUNT")
        dates = dates[: int(count)] if count else dates
        event.exdates = sorted({*event.exdates, *dates})[:MAX_DATES]
        times.warn(f"It excludes dates by a rule (EXRULE). The dates of the first {YEARS_OF_DATES} years were excluded.")
