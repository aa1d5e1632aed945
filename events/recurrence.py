"""Compute the dates of an event by the rules of iCalendar: RRULE, RDATE, EXDATE and overrides.

Dates are computed in local time and converted to UTC at the end, so that a weekly 18:00 stays 18:00 across daylight saving
time.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from itertools import islice
from math import prod
from typing import Any, Protocol

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext

from cms.platform.dates import show_date
from cms.platform.text import parse_int

from . import zones

MONTHS_AHEAD = 24
# Limits: of longer rules only the last dates are kept, and imported rules may not have more dates or times than these.
MAX_DATES = 1500
MAX_EXPANDED = 50_000
MAX_TIMES_A_DAY = 48
MAX_INTERVAL = 1000
FIRST_YEAR, LAST_YEAR = 1900, 2200
# Number of years after which the calendar repeats, including weekdays and leap days.
GREGORIAN_CYCLE = 400
FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
PARTS = {
    "FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST",
    "BYHOUR", "BYMINUTE", "BYSECOND",
}  # fmt: skip
DATE_FORMAT, TIME_FORMAT = "%Y-%m-%d", "%Y-%m-%dT%H:%M"


class RecurringEvent(Protocol):
    """Attributes of an event that determine its dates. This is a protocol, because `events.models` imports this module."""

    start_date: date
    start_time: time | None
    end_date: date | None
    end_time: time | None
    time_zone: str
    rrule: str
    rdates: str
    exdates: str
    overrides: Any

    @property
    def all_day(self) -> bool: ...
    @property
    def wall_start(self) -> datetime: ...
    @property
    def wall_duration(self) -> timedelta: ...


class RecurringOverride(Protocol):
    """Attributes of an override that determine its dates."""

    start_date: date | None
    start_time: time | None
    end_date: date | None
    end_time: time | None
    title: str
    cancelled: bool

    @property
    def original_start(self) -> datetime: ...


@dataclass(frozen=True)
class Span:
    """Date of an event. `key` is the original date by the rule, as in RECURRENCE-ID."""

    key: str
    starts_on: date
    ends_on: date
    starts_at: datetime
    ends_at: datetime
    title: str = ""
    cancelled: bool = False


def key_of(wall: datetime, *, all_day: bool) -> str:
    return wall.strftime(DATE_FORMAT if all_day else TIME_FORMAT)


def parts_of(rule: str) -> dict[str, str]:
    """Return the parts of a rule by name. Raises ValidationError for invalid text."""
    parts = {}
    for part in rule.strip().removeprefix("RRULE:").split(";"):
        name, equals, value = part.strip().upper().partition("=")
        if not equals or not value or name in parts:
            raise ValidationError(gettext("Enter a rule such as FREQ=WEEKLY;BYDAY=TU, with each part only once."))
        parts[name] = value
    unknown = parts.keys() - PARTS
    if unknown:
        raise ValidationError(gettext("The rule has unknown parts: %(unknown)s.") % {"unknown": ", ".join(sorted(unknown))})
    if parts.get("FREQ") not in FREQUENCIES:
        raise ValidationError(gettext("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY."))
    for name, maximum in (("INTERVAL", MAX_INTERVAL), ("COUNT", MAX_EXPANDED)):
        if name in parts and parse_int(parts[name], minimum=1, maximum=maximum) is None:
            raise ValidationError(
                gettext("%(name)s must be a whole number from 1 to %(maximum)s.") % {"name": name, "maximum": f"{maximum:,}"}
            )
    times = prod(len(parts[name].split(",")) for name in ("BYHOUR", "BYMINUTE", "BYSECOND") if name in parts)
    if times > MAX_TIMES_A_DAY:
        raise ValidationError(
            gettext("An event can take place at most %(max_times_a_day)s times a day.") % {"max_times_a_day": MAX_TIMES_A_DAY}
        )
    return parts


def until_of(value: str, time_zone: str) -> datetime:
    """Return the UNTIL of a rule in local time. A date without a time includes the whole day."""
    if "T" not in value:
        return datetime.combine(datetime.strptime(value, "%Y%m%d").replace(tzinfo=UTC).date(), time.max.replace(microsecond=0))
    moment = datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- the zone comes on the next line.
    if value.endswith("Z"):
        return moment.replace(tzinfo=UTC).astimezone(zones.zone(time_zone)).replace(tzinfo=None)
    return moment


def rule_dates(rule: str, start: datetime, time_zone: str, until: datetime) -> Iterator[datetime]:
    """Yield the local dates of a rule from `start` up to a time, ignoring COUNT.

    Raises ValidationError for an invalid rule, or if it has more than MAX_EXPANDED dates.
    """
    parts = parts_of(rule)
    parts.pop("COUNT", None)
    # dateutil searches up to the year 9999, which takes 10 seconds for a rule without dates, such as each February 30.
    # The same rule in the last calendar cycle has the same days, and the search ends sooner.
    years = (MAXYEAR - LAST_YEAR) // GREGORIAN_CYCLE * GREGORIAN_CYCLE
    try:
        if "UNTIL" in parts:
            until = min(until, until_of(parts.pop("UNTIL"), time_zone))
        text = ";".join(f"{name}={value}" for name, value in parts.items())
        parsed = rrulestr(text, dtstart=start.replace(year=start.year + years))
        bounded = parsed.replace(until=until.replace(year=until.year + years))  # type: ignore[union-attr]
    except (ValueError, TypeError, OverflowError, AttributeError, IndexError) as error:
        raise ValidationError(gettext("This recurrence rule is invalid: %(rule)s.") % {"rule": rule[:100]}) from error
    number = 0
    dates = iter(bounded)
    while True:
        try:
            moment = next(dates, None)
        except (ValueError, TypeError, OverflowError, IndexError) as error:
            # Some rules fail only when their dates are computed.
            raise ValidationError(gettext("This recurrence rule is invalid: %(rule)s.") % {"rule": rule[:100]}) from error
        if moment is None:
            return
        number += 1
        if number > MAX_EXPANDED:
            raise ValidationError(
                gettext("This rule has more than %(max_expanded)s dates.") % {"max_expanded": f"{MAX_EXPANDED:,}"}
            )
        yield moment.replace(year=moment.year - years)


def moments_of(text: str) -> list[datetime]:
    """Return the stored dates of RDATE or EXDATE: one per line, 2026-11-20 or 2026-11-20T18:00."""
    moments = []
    lines = text.split()
    if len(lines) > MAX_DATES:
        raise ValidationError(gettext("Enter at most %(max_dates)s dates.") % {"max_dates": f"{MAX_DATES:,}"})
    for line in lines:
        try:
            moments.append(datetime.fromisoformat(line).replace(tzinfo=None))
        except ValueError as error:
            raise ValidationError(
                gettext("“%(line)s” is not a date. Enter one date per line, for example 2026-11-20 or 2026-11-20T18:00.")
                % {"line": line[:40]}
            ) from error
        check_year(moments[-1])
    return moments


def check_year(day: date | None) -> None:
    """Raise ValidationError for a day too far in the past, or so far in the future that its dates cannot be computed."""
    if day and not FIRST_YEAR <= day.year < LAST_YEAR:
        raise ValidationError(
            gettext("Enter a year from %(first_year)s to %(last_year)s.") % {"first_year": FIRST_YEAR, "last_year": LAST_YEAR - 1}
        )


def wall_starts(event: RecurringEvent, until: datetime) -> Iterator[datetime]:
    """Yield the local starts of an event by its rule, in order. The first date always counts."""
    start = event.wall_start
    yield start
    if not event.rrule:
        return
    count = parse_int(parts_of(event.rrule).get("COUNT"))
    later = (moment for moment in rule_dates(event.rrule, start, event.time_zone, until) if moment > start)
    yield from later if count is None else islice(later, count - 1)


def horizon(at: datetime | None = None) -> datetime:
    """Return the local time up to which dates are computed."""
    return (at or timezone.now()).replace(tzinfo=None) + relativedelta(months=MONTHS_AHEAD)


def spans(event: RecurringEvent, at: datetime | None = None) -> list[Span]:
    """Return all dates of an event up to 24 months ahead, in order."""
    until = max(horizon(at), event.wall_start)
    # Stored dates have no seconds.
    excluded = {moment.replace(second=0) for moment in moments_of(event.exdates)}
    excluded_days = {moment.date() for moment in excluded if moment.time() == time.min}
    starts = {
        start
        for start in [*wall_starts(event, until), *(_at_its_time(event, moment) for moment in moments_of(event.rdates))]
        if start.replace(second=0) not in excluded and start.date() not in excluded_days
    }
    overrides = {override.key: override for override in event.overrides.all()}
    found = []
    for start in sorted(starts)[-MAX_DATES:]:
        override = overrides.pop(key_of(start, all_day=event.all_day), None)
        found.append(_overridden(event, start, override) if override else _span(event, start, start + event.wall_duration))
    # A calendar may contain an override that does not match its rule. RFC 5545 adds it.
    found += [_overridden(event, override.original_start, override) for override in overrides.values() if not override.cancelled]
    return sorted(found, key=lambda span: (span.starts_at, span.key))


def _at_its_time(event: RecurringEvent, moment: datetime) -> datetime:
    """Return an additional date without a time at the start time of the event."""
    return datetime.combine(moment.date(), event.wall_start.time()) if moment.time() == time.min else moment


def _overridden(event: RecurringEvent, original: datetime, override: RecurringOverride) -> Span:
    start = datetime.combine(override.start_date or original.date(), override.start_time or original.time())
    end = start + event.wall_duration
    if override.end_date or override.end_time:
        end = datetime.combine(override.end_date or end.date(), override.end_time or end.time())
    return _span(
        event,
        start,
        max(end, start),
        key=key_of(original, all_day=event.all_day),
        title=override.title,
        cancelled=override.cancelled,
    )


def _span(event: RecurringEvent, start: datetime, end: datetime, *, key: str = "", **changed: Any) -> Span:
    """Return a span. For all-day events, `end` is the last day."""
    key = key or key_of(start, all_day=event.all_day)
    starts_at = zones.to_utc(start, event.time_zone)
    if event.all_day:
        return Span(key, start.date(), end.date(), starts_at, zones.end_of_day_everywhere(end.date()), **changed)
    if zones.is_skipped(start, event.time_zone) and end.date() == start.date():
        # The event begins an hour later than its local start time, and keeps its duration.
        ends_at = starts_at + (end - start)
    else:
        # If clocks are set back in between, the end would come before the start.
        ends_at = max(zones.to_utc(end, event.time_zone), starts_at)
    # An event that ends at midnight does not take place on the following day.
    last = (end - timedelta(microseconds=1)).date() if end > start else end.date()
    return Span(key, start.date(), last, starts_at, ends_at, **changed)


def check(event: RecurringEvent, *, is_imported: bool = False) -> None:
    """Validate the dates of an event. Raises ValidationError with a sentence for each invalid field.

    The first date of an imported event need not match its rule; it is shown in addition.
    """
    errors = _check_order(event)
    checks: dict[str, Callable[[], object]] = {
        "start_date": lambda: check_year(event.start_date),
        "end_date": lambda: check_year(event.end_date),
        "rdates": lambda: moments_of(event.rdates),
        "exdates": lambda: moments_of(event.exdates),
    }
    for field, check_field in checks.items():
        try:
            check_field()
        except ValidationError as error:
            errors[field] = error.messages
    if event.rrule and not errors:
        try:
            _check_rule(event, is_imported=is_imported)
        except ValidationError as error:
            errors["rrule"] = error.messages
    if event.exdates and not errors and not is_imported and (unknown := unknown_exceptions(event)):
        days = ", ".join(show_date(moment, "LONG_DATE") for moment in unknown)
        errors["exdates"] = [
            gettext("The event does not take place on %(days)s. Remove this date, or enter one of its dates.") % {"days": days}
        ]
    if errors:
        raise ValidationError(errors)


def unknown_exceptions(event: RecurringEvent) -> list[datetime]:
    """Return the excluded dates on which the event does not take place anyway."""
    excluded = moments_of(event.exdates)
    until = max([event.wall_start, *excluded]) + timedelta(days=1)
    additional = (_at_its_time(event, moment) for moment in moments_of(event.rdates))
    starts = {start.replace(second=0) for start in [*wall_starts(event, until), *additional]}
    days = {start.date() for start in starts}
    return [
        moment
        for moment in excluded
        if moment.replace(second=0) not in starts and (moment.time() != time.min or moment.date() not in days)
    ]


def _check_order(event: RecurringEvent) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if event.end_date and event.end_date < event.start_date:
        errors["end_date"] = [gettext("The event ends before it starts.")]
    is_one_day = (event.end_date or event.start_date) == event.start_date
    if event.end_time and event.start_time is None:
        errors["end_time"] = [gettext("Enter a start time too, or remove the end time.")]
    elif event.end_time and event.start_time and is_one_day and event.end_time < event.start_time:
        errors["end_time"] = [gettext("The event ends before it starts. If it continues after midnight, enter an end date too.")]
    if event.start_time is not None and event.end_date and event.end_date != event.start_date and event.end_time is None:
        errors["end_time"] = [gettext("Enter the time at which the event ends on its end date.")]
    return errors


def _check_rule(event: RecurringEvent, *, is_imported: bool) -> None:
    start = event.wall_start
    # February 29 has the longest gap between two dates of a realistic rule.
    first = next(rule_dates(event.rrule, start, event.time_zone, start + relativedelta(years=9)), None)
    if first is None:
        raise ValidationError(gettext("This rule has no dates from the first date on."))
    if first != start and not is_imported:
        raise ValidationError(
            gettext("The event starts on %(start)s, which is not a date of the rule. The first date of the rule is %(first)s.")
            % {"start": show_date(start, "WEEKDAY_DATE"), "first": show_date(first, "WEEKDAY_DATE")}
        )
    # A stored rule is expanded each night.
    deque(wall_starts(event, max(horizon(), start)), maxlen=0)
