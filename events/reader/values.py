"""Parse values of iCalendar properties: dates, durations, and recurrence rules of RFC 5545 and vCalendar 1.0."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import vDuration

DATE = re.compile(
    r"^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{1,2}):?(\d{2})(?::?(\d{2}))?(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?)?$", re.IGNORECASE
)
OLD_RULE = re.compile(r"^(D|W|MP|MD|YM|YD)(\d+)((?:\s+[A-Z0-9+-]+)*?)(?:\s+(#\d+|\d{8}(?:T\d{6}Z?)?))?$")
MAX_DURATION = timedelta(days=3650)
WEEKDAYS = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
HOURS_OF_DAY = 24


@dataclass(frozen=True)
class DateValue:
    """Date or local time as written. `offset` is set for times in UTC or with a UTC offset."""

    moment: datetime
    is_date: bool
    offset: timedelta | None = None


def parse_date(text: str) -> DateValue | None:
    """Return a date or time in any of the usual formats, or None."""
    found = DATE.match(text.strip().strip('"'))
    if not found:
        return None
    year, month, day = (int(found[index]) for index in (1, 2, 3))
    try:
        if found[4] is None:
            return DateValue(datetime(year, month, day), is_date=True)  # noqa: DTZ001 -- the zone is a parameter of the property.
        hour, minute, second = int(found[4]), int(found[5]), min(int(found[6] or 0), 59)
        days = timedelta(0)
        if hour == HOURS_OF_DAY:
            # 24:00 is the end of the day.
            hour, days = 0, timedelta(days=1)
        moment = datetime(year, month, day, hour, minute, second) + days  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None
    zone = (found[7] or "").upper()
    if zone == "Z":
        return DateValue(moment, is_date=False, offset=timedelta(0))
    if zone:
        sign = -1 if zone[0] == "-" else 1
        return DateValue(moment, False, sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])))
    return DateValue(moment, is_date=False)


def parse_duration(text: str) -> timedelta | None:
    """Return a non-negative duration, or None."""
    try:
        value = vDuration.from_ical(text.strip().upper())
    except (ValueError, TypeError, OverflowError):
        return None
    return value if timedelta(0) <= value <= MAX_DURATION else None


def modern_rule(text: str) -> str:
    """Return a recurrence rule in the format of RFC 5545: without spaces and empty parts, and translated from vCalendar 1.0."""
    rule = text.strip().upper().removeprefix("RRULE:")
    old = OLD_RULE.match(rule)
    if old:
        return _translate(old)
    parts = [part.strip().replace(" ", "") for part in rule.split(";")]
    return ";".join(dict.fromkeys(part for part in parts if part and not part.startswith("X-") and not part.endswith("=")))


def _translate(old: re.Match[str]) -> str:
    """Translate a rule such as "W2 TU TH #10": every other week on Tuesday and Thursday, ten times."""
    kind, interval, words, end = old[1], old[2], old[3].split(), old[4] or ""
    frequency = {"D": "DAILY", "W": "WEEKLY", "MP": "MONTHLY", "MD": "MONTHLY", "YM": "YEARLY", "YD": "YEARLY"}[kind]
    parts = [f"FREQ={frequency}", f"INTERVAL={int(interval)}"]
    if kind == "W" and words:
        parts.append("BYDAY=" + ",".join(word for word in words if word in WEEKDAYS))
    if kind == "MP":
        parts += _positions(words)
    if kind in {"MD", "YM", "YD"} and words:
        name = {"MD": "BYMONTHDAY", "YM": "BYMONTH", "YD": "BYYEARDAY"}[kind]
        days = [("-" if word.endswith("-") else "") + word.strip("+-") for word in words if word.strip("+-").isdecimal()]
        parts.append(f"{name}={','.join(days)}")
    if end.startswith("#"):
        # #0 means forever.
        parts += [f"COUNT={int(end[1:])}"] if int(end[1:]) else []
    elif end:
        parts.append(f"UNTIL={end}")
    return ";".join(part for part in parts if not part.endswith("="))


def _positions(words: list[str]) -> list[str]:
    days, position = [], ""
    for word in words:
        if word in WEEKDAYS:
            days.append(f"{position}{word}")
        elif word[:-1].isdecimal() and word[-1] in "+-":
            position = ("-" if word[-1] == "-" else "") + word[:-1]
    return [f"BYDAY={','.join(days)}"] if days else []


def years_later(moment: datetime, years: int) -> datetime:
    """Return about the same moment some years later, on a day that each month has."""
    return moment.replace(year=min(moment.year + years, 2199), day=min(moment.day, 28))
