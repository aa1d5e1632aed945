"""Resolve time zone names in calendars to IANA zones: definitions in the file, Windows names, vendor prefixes and offsets."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from django.core.exceptions import ValidationError

# The table of the Unicode CLDR.
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from events import zones
from events.recurrence import rule_dates

from .decoding import Component
from .values import parse_date

MARGIN = timedelta(hours=26)
MAX_DEFINITIONS, MAX_SEARCHES, MAX_OBSERVANCES, MAX_YEARS = 200, 40, 500, 30
OFFSET = re.compile(r"^(?:UTC|GMT|Z)?\s*([+-])(\d{1,2})(?::?(\d{2}))?$", re.IGNORECASE)
TZOFFSET = re.compile(r"^([+-]?)(\d{2}):?(\d{2})(?::?(\d{2}))?$")
# (UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna
DISPLAY = re.compile(r"^\((?:UTC|GMT)\s*(?:([+-])(\d{1,2})[:.]?(\d{2})?)?\)\s*(.*)$", re.IGNORECASE)
# North American abbreviations that are not zone names. Other abbreviations are ambiguous.
ABBREVIATIONS = {
    **dict.fromkeys(("EDT", "ET"), "America/New_York"),
    **dict.fromkeys(("CDT", "CT"), "America/Chicago"),
    **dict.fromkeys(("MDT", "MT"), "America/Denver"),
    **dict.fromkeys(("PST", "PDT", "PT"), "America/Los_Angeles"),
    "CEST": "Europe/Berlin",
    "EEST": "Europe/Helsinki",
}
UTC_NAMES = {
    "utc",
    "z",
    "gmt",
    "etc/utc",
    "etc/gmt",
    "zulu",
    "coordinated universal time",
    "greenwich mean time",
    "utc+0",
    "gmt+0",
}


@dataclass
class Definition:
    """Offsets of a VTIMEZONE: times in UTC when an offset starts, and the offset before the first one."""

    tzid: str
    location: str
    observances: list[tuple[datetime, timedelta, timedelta, str, list[datetime]]] = field(default_factory=list)

    def transitions(self, first: int, last: int) -> list[tuple[datetime, datetime, timedelta, timedelta]]:
        """Return (moment in UTC, local time before, offset before, offset after) in the given years, in order."""
        found = set()
        for start, before, after, rule, extra in self.observances:
            walls = [start, *extra]
            if rule:
                begins = start
                if "INTERVAL" not in rule.replace("INTERVAL=1;", "").replace(";INTERVAL=1", "") and "COUNT" not in rule:
                    # The rule gives the same days each year; definitions start in 1601.
                    begins = max(start, start.replace(year=max(start.year, first - 2), day=min(start.day, 28)))
                try:
                    walls += rule_dates(_with_local_end(rule, before), begins, "UTC", datetime(last + 1, 12, 31))  # noqa: DTZ001
                except (ValidationError, ValueError, OverflowError):
                    continue
            found |= {(wall - before, wall, before, after) for wall in walls if wall.year <= last + 1 and wall.year > 1}
        return sorted(found)

    def has_rules(self) -> bool:
        return any(rule for *_, rule, _ in self.observances)


class OffsetTable:
    """Offsets of a definition in a range of years."""

    def __init__(self, definition: Definition, first: int, last: int) -> None:
        self.rows = definition.transitions(first, last)
        # Offset before the first transition. Definitions may have no transitions in these years.
        self.first = self.rows[0][2] if self.rows else definition.observances[0][2]
        self.moments = [row[0] for row in self.rows]
        self.walls = [row[1] for row in self.rows]

    def offset_at(self, moment: datetime) -> timedelta:
        """Return the offset at a naive time in UTC."""
        index = bisect_right(self.moments, moment)
        return self.rows[index - 1][3] if index else self.first

    def to_utc(self, wall: datetime) -> datetime:
        index = bisect_right(self.walls, wall)
        return wall - (self.rows[index - 1][3] if index else self.first)


@dataclass(frozen=True)
class Resolved:
    """Resolved zone of a name. Without a matching IANA zone, `table` converts local times to UTC."""

    name: str
    warning: str = ""
    table: OffsetTable | None = None

    def to_wall(self, wall: datetime) -> datetime:
        return self.table.to_utc(wall) if self.table else wall


def _with_local_end(rule: str, before: timedelta) -> str:
    """Return the rule of a zone with its UNTIL, which is in UTC, converted to local time."""
    return re.sub(
        r"UNTIL=(\d{8}T\d{6})Z",
        lambda found: f"UNTIL={datetime.strptime(found[1], '%Y%m%dT%H%M%S') + before:%Y%m%dT%H%M%S}",  # noqa: DTZ007
        rule,
    )


def parse_offset(text: str) -> timedelta | None:
    found = TZOFFSET.match(text.strip())
    if not found:
        return None
    value = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return None if value >= timedelta(days=1) else -value if found[1] == "-" else value


def read_definitions(calendar: Component, warnings: list[str]) -> dict[str, Definition]:
    """Return the usable time zones that a calendar defines, by their TZID in lower case."""
    found: dict[str, Definition] = {}
    for component in [one for one in calendar.components if one.name == "VTIMEZONE"][:MAX_DEFINITIONS]:
        tzid = component.text("TZID").strip('"')
        if not tzid:
            warnings.append("The file defines a time zone without a name (TZID), which was ignored.")
            continue
        definition = Definition(tzid, component.text("X-LIC-LOCATION"))
        for part in component.components[:MAX_OBSERVANCES]:
            observance = _observance(part)
            if observance:
                definition.observances.append(observance)
        if definition.observances:
            found.setdefault(tzid.lower(), definition)
        else:
            warnings.append(f"The file defines the time zone “{tzid[:60]}” without offsets; only its name was used.")
    return found


def _observance(part: Component) -> tuple[datetime, timedelta, timedelta, str, list[datetime]] | None:
    before, after = parse_offset(part.text("TZOFFSETFROM")), parse_offset(part.text("TZOFFSETTO"))
    start = parse_date(part.text("DTSTART"))
    if after is None or part.name not in {"STANDARD", "DAYLIGHT"}:
        return None
    wall = start.moment if start else datetime(1970, 1, 1)  # noqa: DTZ001 -- local time.
    rule = part.text("RRULE").upper()
    extra = [read.moment for one in part.all("RDATE") for text in one.value.split(",")[:200] if (read := parse_date(text))]
    return wall, after if before is None else before, after, rule if "FREQ=YEARLY" in rule else "", extra


class Resolver:
    """Resolver of the zone names in one calendar. Each name is resolved once."""

    def __init__(self, calendar: Component, default: str, years: dict[str, tuple[int, int]], warnings: list[str]) -> None:
        self.default = default
        self.years = years
        self.definitions = read_definitions(calendar, warnings)
        self.known: dict[str, Resolved] = {}
        self.searches = 0

    def resolve(self, tzid: str) -> Resolved:
        key = tzid.strip().strip('"').lower()
        if key not in self.known:
            self.known[key] = self._find(tzid.strip().strip('"'), key)
        return self.known[key]

    def _find(self, tzid: str, key: str) -> Resolved:
        definition = self.definitions.get(key)
        names = candidates(tzid)
        if definition is None:
            if names:
                return Resolved(names[0], _guess_warning(tzid, names[0]))
            return self._without_definition(tzid)
        if definition.location:
            names += candidates(definition.location)
        return self._match(definition, names)

    def _without_definition(self, tzid: str) -> Resolved:
        display = DISPLAY.match(tzid)
        found = OFFSET.match(tzid)
        if found:
            minutes = (int(found[2]) * 60 + int(found[3] or 0)) * (-1 if found[1] == "-" else 1)
            fixed = fixed_zone(minutes)
            if fixed:
                return Resolved(fixed)
        if display:
            minutes = (int(display[2] or 0) * 60 + int(display[3] or 0)) * (-1 if display[1] == "-" else 1)
            fixed = fixed_zone(minutes)
            if fixed:
                return Resolved(
                    fixed, f"The time zone “{tzid[:60]}” is unknown. Its offset was used, without daylight saving time."
                )
        return Resolved(
            self.default,
            f"The time zone “{tzid[:60]}” is unknown. {self.default}, the time zone of the calendar, was used instead.",
        )

    def _match(self, definition: Definition, names: list[str]) -> Resolved:
        """Return the zone whose offsets match the definition in the file during the years of the events."""
        first, last = self.years.get(definition.tzid.lower(), (2020, 2030))
        last = min(last, first + MAX_YEARS)
        table = OffsetTable(definition, first, last)
        samples = _samples(table, first, last, has_rules=definition.has_rules())
        for name in names:
            if _agrees(table, name, samples):
                return Resolved(name, "")
        self.searches += 1
        if self.searches <= MAX_SEARCHES:
            for name in _search_order(self.default):
                if _agrees(table, name, samples):
                    return Resolved(name, _match_warning(definition.tzid, name, bool(names)))
        return Resolved(
            "UTC",
            f"The file defines the time zone “{definition.tzid[:60]}” in a way that no place uses. "
            "The times were converted to UTC; dates of a recurring event after a clock change may be an hour off.",
            table,
        )


def _guess_warning(tzid: str, name: str) -> str:
    key = tzid.lower().replace(" ", "_")
    is_named = name.lower() in key or name.lower() in key.replace("-", "/") or tzid in WINDOWS_TO_OLSON
    if is_named or tzid.lower() in UTC_NAMES:
        return ""
    return f"The time zone “{tzid[:60]}” was read as {name}."


def _match_warning(tzid: str, name: str, is_known: bool) -> str:  # noqa: FBT001
    if is_known:
        return f"The file gives the time zone “{tzid[:60]}” unusual offsets. They match {name}, which was used."
    return f"The time zone “{tzid[:60]}” is unknown. {name} has the offsets that the file defines, and was used."


def _samples(table: OffsetTable, first: int, last: int, *, has_rules: bool) -> list[datetime]:
    """Return the times in UTC at which offsets are compared: twice a month, and before and after each transition.

    Times at the transitions are excluded, because some programs write them an hour too early or too late.
    """
    start, end = datetime(first, 1, 1), datetime(last, 12, 31)  # noqa: DTZ001 -- UTC without a zone, as in the table.
    moments = [start + timedelta(days=15 * number) for number in range((end - start).days // 15 + 1)]
    for moment in table.moments:
        if start <= moment <= end:
            moments += [moment - MARGIN, moment + MARGIN]
    if not has_rules and len(table.moments) > 1:
        # A definition by single dates does not cover the years before and after them.
        lower, upper = table.moments[0], table.moments[-1] + timedelta(days=60)
        within = [moment for moment in moments if lower <= moment <= upper]
        moments = within or moments
    return moments


def _agrees(table: OffsetTable, name: str, samples: list[datetime]) -> bool:
    zone = zones.zone(name)
    for moment in samples:
        local = moment.replace(tzinfo=UTC).astimezone(zone)
        if local.utcoffset() != table.offset_at(moment):
            return False
    return True


@cache
def _search_order(default: str) -> tuple[str, ...]:
    """Return all zones in search order: the calendar's own, representative zones of the CLDR, all others, fixed offsets."""
    places = [name for name, _ in zones.choices()]
    fixed = [f"Etc/GMT{-hours:+d}" for hours in range(-12, 15) if hours]
    return tuple(dict.fromkeys([default, *WINDOWS_TO_OLSON.values(), *places, *fixed]))


@cache
def _by_lower_name() -> dict[str, str]:
    return {name.lower(): name for name in zones.names()}


@cache
def _by_city() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, _ in zones.choices():
        found.setdefault(name.rpartition("/")[2].lower(), []).append(name)
    return found


def fixed_zone(minutes: int) -> str:
    """Return a zone with a fixed offset, or an empty string."""
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(minutes, 60)
    if not rest and -12 <= hours <= 14:  # noqa: PLR2004 -- the range of Etc/GMT.
        return f"Etc/GMT{-hours:+d}"
    return _half_hours().get(minutes, "")


@cache
def _half_hours() -> dict[int, str]:
    """Return zones whose offset is not a whole hour and is the same all year."""
    found: dict[int, str] = {}
    for name in [*WINDOWS_TO_OLSON.values(), *(name for name, _ in zones.choices())]:
        zone = zones.zone(name)
        offsets = {zone.utcoffset(datetime(2026, month, 1)) for month in (1, 4, 7, 10)}  # noqa: DTZ001
        offset = offsets.pop()
        if not offsets and offset and offset.total_seconds() % 3600:
            found.setdefault(int(offset.total_seconds() // 60), name)
    return found


def candidates(tzid: str) -> list[str]:
    """Return the IANA zones that a name may refer to, most likely first."""
    key = tzid.strip().lower()
    if key in UTC_NAMES:
        return ["UTC"]
    by_name = _by_lower_name()
    found = []
    if tzid in WINDOWS_TO_OLSON:
        found.append(WINDOWS_TO_OLSON[tzid])
    for text in (key, key.replace(" ", "_"), key.replace("-", "/", 1)):
        if text in by_name:
            found.append(by_name[text])
        # Vendor prefixes: /mozilla.org/20070129_1/America/Argentina/Buenos_Aires
        parts = text.strip("/").split("/")
        found += [by_name[tail] for size in (3, 2) if (tail := "/".join(parts[-size:])) in by_name and len(parts) > size]
    if key.upper() in ABBREVIATIONS and not found:
        found.append(ABBREVIATIONS[key.upper()])
    if not found:
        found += _of_display_name(tzid) or [name for word, name in _windows().items() if word == key]
    return list(dict.fromkeys(found))


@cache
def _windows() -> dict[str, str]:
    """Return variants of Windows zone names: in lower case, and for daylight saving time."""
    found = {}
    for name, place in WINDOWS_TO_OLSON.items():
        found[name.lower()] = place
        found[name.lower().replace(" standard ", " daylight ")] = place
        found[name.lower().replace(" standard time", " time")] = place
    return found


def _of_display_name(tzid: str) -> list[str]:
    """Return the zones for a Windows display name, by its cities and its standard offset."""
    display = DISPLAY.match(tzid.strip())
    if not display:
        return []
    minutes = (int(display[2] or 0) * 60 + int(display[3] or 0)) * (-1 if display[1] == "-" else 1)
    found = []
    text = re.sub(r"\s*\(.*\)", "", display[4])
    for city in re.split(r"[,/]", text):
        for name in _by_city().get(city.strip().lower().replace(" ", "_"), []):
            offsets = [zones.zone(name).utcoffset(datetime(2026, month, 1)) for month in (1, 7)]  # noqa: DTZ001
            if min(offset for offset in offsets if offset is not None) == timedelta(minutes=minutes):
                found.append(name)
    words = text.strip().lower()
    return found or [place for word, place in _windows().items() if word == words] or (["UTC"] if words in UTC_NAMES else [])
