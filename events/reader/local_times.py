"""Local start, end, and further dates of an event."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from events import zones
from events.recurrence import DATE_FORMAT, TIME_FORMAT

from .decoding import Component, Property, UnreadableError
from .parsed import Times
from .values import DateValue, parse_date, parse_duration
from .zones import Resolver

ALL_DAY_MARKS = ("X-MICROSOFT-CDO-ALLDAYEVENT", "X-FUNAMBOL-ALLDAY", "X-ALLDAY")
MAX_DATES, MAX_WARNINGS_OF_EVENT = 1_500, 20
DAY = timedelta(days=1)


@dataclass
class Context:
    """Properties of the calendar that apply to its events."""

    resolver: Resolver
    default: str
    floating: str
    shown_in: str
    is_cancelled: bool


class LocalTimes:
    """Dates and times of one event in its own time zone, with the warnings about its parts."""

    def __init__(self, entry: Component, context: Context) -> None:
        self.entry, self.context = entry, context
        self.warnings: list[str] = []
        self.zone = "UTC"
        self.all_day = False
        self.start = datetime.min  # noqa: DTZ901 -- local time.

    def warn(self, sentence: str) -> None:
        """Add a warning once, up to the limit of an event."""
        if sentence and sentence not in self.warnings and len(self.warnings) < MAX_WARNINGS_OF_EVENT:
            self.warnings.append(sentence)

    def read_start(self) -> None:
        """Set the start, the zone, and whether the event lasts whole days. Raises UnreadableError if the start cannot be read."""
        line = self.entry.get("DTSTART")
        if line is None:
            raise UnreadableError("it has no start (DTSTART).")
        read = parse_date(line.value)
        if read is None:
            raise UnreadableError(f"its start cannot be read: {line.value[:40]}.")
        self.all_day = read.is_date or self._is_marked_all_day(read)
        if self.all_day:
            self.zone = self.context.floating or self.context.default
            self.start = datetime.combine(read.moment.date(), datetime.min.time())
            return
        if line.params.get("VALUE", "").upper() == "DATE":
            self.warn("Its start is marked as a date but has a time, which was used.")
        tzid = line.params.get("TZID", "")
        if read.offset is not None:
            self.zone = self._zone_of_moment()
        elif tzid:
            resolved = self.context.resolver.resolve(tzid)
            self.warn(resolved.warning)
            self.zone = resolved.name
        elif self.context.floating:
            self.zone = self.context.floating
        else:
            self.zone = self.context.default
            self.warn(f"Its times have no time zone. {self.zone}, the time zone of the calendar, was used.")
        self.start = self.wall(line, read)

    def _zone_of_moment(self) -> str:
        """Return the zone of a start in UTC. A rule stays in UTC, because it would produce different days in another zone."""
        return "UTC" if self.entry.get("RRULE") else self.context.shown_in or "UTC"

    def _is_marked_all_day(self, read: DateValue) -> bool:
        marked = any(self.entry.text(name).upper() in {"TRUE", "1"} for name in ALL_DAY_MARKS)
        end = parse_date((self.entry.get("DTEND") or Property("", {}, "")).value)
        is_midnight = read.moment.time() == datetime.min.time() and (end is None or end.moment.time() == datetime.min.time())
        return marked and is_midnight

    def wall(self, line: Property, read: DateValue) -> datetime:
        """Return a date or time in the zone of the event."""
        if read.is_date:
            return read.moment
        if read.offset is not None:
            return (read.moment - read.offset).replace(tzinfo=UTC).astimezone(zones.zone(self.zone)).replace(tzinfo=None)
        tzid = line.params.get("TZID", "")
        if not tzid:
            return read.moment
        found = self.context.resolver.resolve(tzid)
        wall = found.to_wall(read.moment)
        if found.name == self.zone:
            return wall
        self.warn(found.warning)
        return zones.to_utc(wall, found.name).astimezone(zones.zone(self.zone)).replace(tzinfo=None)

    def of_entry(self, entry: Component, *, is_master: bool = False) -> Times:
        """Return the start and end of the event or of one of its overrides. Raises UnreadableError without a readable start."""
        line = entry.get("DTSTART")
        read = parse_date(line.value) if line else None
        if line is None or read is None:
            raise UnreadableError("one of its dates has no start that can be read.")
        begins = self.start if is_master else self.wall(line, read)
        if self.all_day:
            return self._days(entry, begins.date())
        ends = self._end(entry, begins)
        if ends < begins:
            self.warn("It ends before it starts. The end was ignored.")
            ends = begins
        return Times(begins.date(), f"{begins:%H:%M:%S}", ends.date(), f"{ends:%H:%M:%S}" if ends > begins else None)

    def _end(self, entry: Component, begins: datetime) -> datetime:  # noqa: PLR0911 -- one for each way of writing an end.
        line, duration = entry.get("DTEND"), entry.get("DURATION")
        if line is not None:
            read = parse_date(line.value)
            if read is None:
                self.warn(f"Its end cannot be read and was ignored: {line.value[:40]}.")
                return begins
            if read.is_date:
                self.warn("It starts at a time but ends on a date. It was assumed to end when that day begins.")
                return max(read.moment, begins)
            return self.wall(line, read)
        if duration is not None:
            length = parse_duration(duration.value)
            if length is None:
                self.warn(f"Its duration cannot be read and was ignored: {duration.value[:40]}.")
                return begins
            if length % DAY and self.zone != "UTC":
                # Durations in hours are exact even when clocks change; durations in days keep the local time.
                days, rest = begins + length // DAY * DAY, length % DAY
                return (zones.to_utc(days, self.zone) + rest).astimezone(zones.zone(self.zone)).replace(tzinfo=None)
            return begins + length
        return begins

    def _days(self, entry: Component, first: date) -> Times:
        """Return the times of an all-day event. DTEND is the day after the last one."""
        line, duration = entry.get("DTEND"), entry.get("DURATION")
        last = first
        if line is not None:
            read = parse_date(line.value)
            if read is None:
                self.warn(f"Its end cannot be read and was ignored: {line.value[:40]}.")
            elif read.is_date or read.moment.time() == datetime.min.time():
                last = read.moment.date() - DAY
                if read.moment.date() < first:
                    self.warn("It ends before it starts. The end was ignored.")
            else:
                self.warn("It starts on a date without a time but ends at a time. It was imported as an all-day event.")
                last = read.moment.date()
        elif duration is not None:
            length = parse_duration(duration.value)
            if length is None:
                self.warn(f"Its duration cannot be read and was ignored: {duration.value[:40]}.")
            else:
                last = first + max(length - timedelta(seconds=1), timedelta(0))
        return Times(first, None, max(last, first), None)

    def format(self, moment: datetime, *, whole: bool) -> str:
        """Return a moment as it is stored, as a date if `whole`; empty before the year 1000."""
        return moment.strftime(DATE_FORMAT if whole else TIME_FORMAT) if moment.year >= 1000 else ""  # noqa: PLR2004

    def moments(self, name: str) -> list[str]:
        """Return the dates of a property such as EXDATE, sorted, in the stored format."""
        found = set()
        for line in self.entry.all(name):
            for text in line.value.split(",")[:MAX_DATES]:
                # Only the start of a period is used.
                read = parse_date(text.partition("/")[0])
                if read is None:
                    if text.strip():
                        self.warn(f"A date in {name} cannot be read and was skipped: {text.strip()[:40]}.")
                    continue
                if self.all_day:
                    found.add(self.format(read.moment, whole=True))
                else:
                    found.add(self.format(self.wall(line, read), whole=read.is_date))
        return sorted(found - {""})[:MAX_DATES]
