"""Events of a remote calendar as plain data, with a warning for each assumption."""

import json
import re
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from icalendar import vRecur

from events import zones
from events.models.events import Event
from events.recurrence import DATE_FORMAT, TIME_FORMAT, parts_of, rule_dates, until_of

from .decoding import Component, Property, UnreadableError, parse_structure
from .texts import clean_url, describe, find_place
from .values import DateValue, modern_rule, parse_date, parse_duration
from .zones import Resolved, Resolver

STATUS = {"CANCELLED": Event.Status.CANCELLED, "CANCELED": Event.Status.CANCELLED, "TENTATIVE": Event.Status.TENTATIVE}
# Values of CLASS for events that are not public.
HIDDEN_CLASSES = {"PRIVATE", "CONFIDENTIAL"}
ALL_DAY_MARKS = ("X-MICROSOFT-CDO-ALLDAYEVENT", "X-FUNAMBOL-ALLDAY", "X-ALLDAY")
MAX_EVENTS, MAX_INSTANCES, MAX_DATES, MAX_WARNINGS_OF_EVENT = 5_000, 500, 1_500, 20
# Period for rules without an end that can only be stored as single dates.
YEARS_OF_DATES = 5
MAX_DIGITS, DATE_LENGTH = 9, 10
DAY = timedelta(days=1)


@dataclass
class Notice:
    """Sentence about an event, for the managers of the calendar."""

    uid: str
    title: str
    text: str

    def __str__(self) -> str:
        return f"“{self.title}”: {self.text}" if self.title else self.text


@dataclass
class Times:
    """Local start and end. All-day events have no times; their last day is `end_date`."""

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
    """Event as described by its source. `warnings` are assumptions of the reader."""

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
    online_url: str = ""
    organiser: str = ""
    status: str = Event.Status.SCHEDULED
    warnings: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return sha256(json.dumps(self.to_json() | {"warnings": []}, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        return json.loads(json.dumps(asdict(self), default=str))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ParsedEvent":
        instances = [Instance(**one | {"times": _times_from(one["times"])}) for one in data["instances"]]
        return cls(**data | {"times": _times_from(data["times"]), "instances": instances})


def _times_from(data: Any) -> Any:
    if data is None:
        return None
    return Times(
        date.fromisoformat(data["start_date"]), data["start_time"], date.fromisoformat(data["end_date"]), data["end_time"]
    )


@dataclass
class ParsedCalendar:
    """Content of a file. `uids` are those of all events except `private` ones, including events that cannot be imported."""

    events: list[ParsedEvent] = field(default_factory=list)
    problems: list[Notice] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    uids: set[str] = field(default_factory=set)
    private: set[str] = field(default_factory=set)
    is_complete: bool = True
    is_damaged: bool = False


@dataclass
class _Context:
    """Properties of the calendar around an event."""

    resolver: Resolver
    default: str
    floating: str
    shown_in: str
    is_cancelled: bool


def read_calendar(content: bytes, default_zone: str, charset: str = "") -> ParsedCalendar:
    """Return the events of a file, with sentences about unreadable parts. Raises UnreadableError if it is not a calendar."""
    structure = parse_structure(content, charset)
    result = ParsedCalendar(warnings=structure.warnings, is_complete=structure.is_complete)
    result.is_damaged = structure.is_damaged or any(
        entry.broken_lines or len(entry.all("UID")) != 1 for calendar in structure.calendars for entry in _entries(calendar)
    )
    groups: dict[str, list[tuple[Component, _Context]]] = defaultdict(list)
    for calendar in structure.calendars:
        context = _context_of(calendar, default_zone, result.warnings)
        for entry in _entries(calendar):
            groups[_uid_of(entry)].append((entry, context))
    if len(groups) > MAX_EVENTS:
        raise UnreadableError(f"The calendar has more than {MAX_EVENTS:,} events.")
    for uid, group in groups.items():
        _read_group(uid, group, result)
    return result


def _context_of(calendar: Component, default_zone: str, warnings: list[str]) -> _Context:
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
    return _Context(resolver, default_zone, shown_in or "", shown_in or "", calendar.text("METHOD").upper() == "CANCEL")


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


def _read_group(uid: str, group: list[tuple[Component, _Context]], result: ParsedCalendar) -> None:
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
    entry, context = max(masters, key=lambda pair: _version(pair[0])) if masters else group[0]
    instances = [one for one in instances if one is not entry]
    _read_safely(uid, title, entry, instances, context, result)


def _read_shared_uid(uid: str, masters: list[tuple[Component, _Context]], result: ParsedCalendar) -> None:
    for entry, context in masters:
        own = f"{uid[:200]}#{sha256((entry.text('SUMMARY') + str(entry.get('DTSTART'))).encode()).hexdigest()[:16]}"
        result.uids.add(own)
        before = len(result.events)
        _read_safely(own, entry.text("SUMMARY")[:80], entry, [], context, result)
        for event in result.events[before:]:
            event.warnings.append("Several events in the file have the same UID. They were distinguished by title and start.")


def _read_safely(
    uid: str, title: str, entry: Component, instances: list[Component], context: _Context, result: ParsedCalendar
) -> None:
    try:
        events = _Reader(uid, entry, instances, context).read()
    except UnreadableError as error:
        result.problems.append(Notice(uid, title or uid[:80], str(error)))
    except ValidationError as error:
        result.problems.append(Notice(uid, title or uid[:80], " ".join(error.messages)))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        result.problems.append(Notice(uid, title or uid[:80], f"it cannot be read ({type(error).__name__})."))
    else:
        result.uids |= {event.uid for event in events}
        result.events += events


def _version(entry: Component) -> tuple[int, str]:
    sequence = entry.text("SEQUENCE")
    return (
        int(sequence) if sequence.isdecimal() and len(sequence) <= MAX_DIGITS else 0,
        entry.text("LAST-MODIFIED") or entry.text("DTSTAMP"),
    )


class _Reader:
    """Reader of one event with its overrides."""

    def __init__(self, uid: str, entry: Component, instances: list[Component], context: _Context) -> None:
        self.uid, self.entry, self.instances, self.context = uid, entry, instances, context
        self.warnings: list[str] = []
        self.zone = "UTC"
        self.resolved: Resolved | None = None
        self.all_day = False
        self.start = datetime.min  # noqa: DTZ901 -- local time.

    def warn(self, sentence: str) -> None:
        if sentence and sentence not in self.warnings and len(self.warnings) < MAX_WARNINGS_OF_EVENT:
            self.warnings.append(sentence)

    def read(self) -> list[ParsedEvent]:
        for sentence in self.entry.broken_lines:
            self.warn(sentence)
        if len(self.entry.all("UID")) > 1:
            self.warn("It has more than one UID: two events of the file may have become one.")
        if not self.entry.text("UID"):
            self.warn("It has no UID. It is recognized by its title and start.")
        self._read_start()
        times = self._times(self.entry, is_master=True)
        rule = self._rule()
        title = " ".join(self.entry.text("SUMMARY").split())
        place, online_url = find_place(self.entry)
        organiser = self.entry.get("ORGANIZER")
        event = ParsedEvent(
            uid=self.uid,
            title=(title or "Untitled event")[:200],
            text=describe(self.entry),
            times=times,
            time_zone=self.zone,
            rrule=rule,
            rdates=[one for one in self._moments("RDATE") if one != self._format(self.start, whole=self.all_day)],
            exdates=self._moments("EXDATE"),
            place=place,
            position=self._position(),
            url=clean_url(self.entry.text("URL")),
            online_url=online_url,
            organiser=(self.entry.text("X-ORGANISER") or (organiser.params.get("CN", "") if organiser else ""))[:200],
            status=Event.Status.CANCELLED if self.context.is_cancelled else self._status(self.entry),
        )
        self._apply_exception_rules(event)
        if "\ufffd" in event.title + event.text + event.place:
            self.warn("Some characters were invalid and were replaced.")
        later = self._read_instances(event)
        for one in [event, *later]:
            one.warnings = [*self.warnings]
        return [event, *later]

    def _status(self, entry: Component) -> str:
        return STATUS.get(entry.text("STATUS").upper(), Event.Status.SCHEDULED)

    # Dates

    def _read_start(self) -> None:
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
            self.resolved = self.context.resolver.resolve(tzid)
            self.warn(self.resolved.warning)
            self.zone = self.resolved.name
        elif self.context.floating:
            self.zone = self.context.floating
        else:
            self.zone = self.context.default
            self.warn(f"Its times have no time zone. {self.zone}, the time zone of the calendar, was used.")
        self.start = self._wall(line, read)

    def _zone_of_moment(self) -> str:
        """Return the zone of a start in UTC. A rule stays in UTC, because it would produce different days in another zone."""
        return "UTC" if self.entry.get("RRULE") else self.context.shown_in or "UTC"

    def _is_marked_all_day(self, read: DateValue) -> bool:
        marked = any(self.entry.text(name).upper() in {"TRUE", "1"} for name in ALL_DAY_MARKS)
        end = parse_date((self.entry.get("DTEND") or Property("", {}, "")).value)
        is_midnight = read.moment.time() == datetime.min.time() and (end is None or end.moment.time() == datetime.min.time())
        return marked and is_midnight

    def _wall(self, line: Property, read: DateValue) -> datetime:
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

    def _times(self, entry: Component, *, is_master: bool = False) -> Times:
        line = entry.get("DTSTART")
        read = parse_date(line.value) if line else None
        if line is None or read is None:
            raise UnreadableError("one of its dates has no start that can be read.")
        begins = self.start if is_master else self._wall(line, read)
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
            return self._wall(line, read)
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

    def _format(self, moment: datetime, *, whole: bool) -> str:
        return moment.strftime(DATE_FORMAT if whole else TIME_FORMAT) if moment.year >= 1000 else ""  # noqa: PLR2004

    def _moments(self, name: str) -> list[str]:
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
                    found.add(self._format(read.moment, whole=True))
                else:
                    found.add(self._format(self._wall(line, read), whole=read.is_date))
        return sorted(found - {""})[:MAX_DATES]

    def _position(self) -> list[float] | None:
        parts = re.split(r"[;,]", self.entry.text("GEO"))
        try:
            latitude, longitude = (float(part) for part in parts)
        except ValueError:
            return None
        return [latitude, longitude] if abs(latitude) <= 90 and abs(longitude) <= 180 else None  # noqa: PLR2004

    # Recurrence

    def _rule(self) -> str:
        lines = self.entry.all("RRULE")
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
        if "UNTIL" in parts and until_of(parts["UNTIL"], self.zone) < self.start:
            self.warn("Its recurrence rule ends before the event starts. Only the first date is shown.")
            return ""
        first = next(rule_dates(rule, self.start, self.zone, _years_later(self.start, 9)), None)
        if first is not None and first != self.start:
            self.warn("Its first date does not match its recurrence rule. It is shown as an additional date.")
        return rule

    def _apply_exception_rules(self, event: ParsedEvent) -> None:
        """Exclude the dates of EXRULE, which RFC 5545 has deprecated."""
        for line in self.entry.all("EXRULE")[:5]:
            rule = modern_rule(line.text)
            until = _years_later(self.start, YEARS_OF_DATES)
            dates = [self._format(moment, whole=self.all_day) for moment in rule_dates(rule, self.start, self.zone, until)]
            count = parts_of(rule).get("COUNT")
            dates = dates[: int(count)] if count else dates
            event.exdates = sorted({*event.exdates, *dates})[:MAX_DATES]
            self.warn(f"It excludes dates by a rule (EXRULE). The dates of the first {YEARS_OF_DATES} years were excluded.")

    def _read_instances(self, event: ParsedEvent) -> list[ParsedEvent]:
        """Add the overrides to an event. Return the events that begin where a change applies to all later dates."""
        if len(self.instances) > MAX_INSTANCES:
            raise UnreadableError(f"more than {MAX_INSTANCES} of its dates are moved or canceled.")
        starts = self._starts(event)
        by_original: dict[datetime, tuple[tuple[int, str], Component]] = {}
        splits: list[tuple[datetime, Component]] = []
        for entry in self.instances:
            original = self._original(entry, starts)
            if original is None:
                continue
            if entry.text("CLASS").upper() in HIDDEN_CLASSES:
                event.exdates = sorted({*event.exdates, self._format(original, whole=self.all_day)})
                continue
            line = entry.get("RECURRENCE-ID")
            if line and line.params.get("RANGE", "").upper() == "THISANDFUTURE" and event.rrule:
                splits.append((original, entry))
                continue
            known = by_original.get(original)
            if known is None or _version(entry) >= known[0]:
                by_original[original] = (_version(entry), entry)
        event.instances = [self._instance(entry, original, event.title) for original, (_, entry) in sorted(by_original.items())]
        return self._split(event, sorted(splits, key=lambda pair: pair[0]))

    def _starts(self, event: ParsedEvent) -> list[datetime]:
        """Return the local starts up to the last override."""
        moments = [
            read.moment for entry in self.instances if (line := entry.get("RECURRENCE-ID")) and (read := parse_date(line.value))
        ]
        found = [self.start]
        if event.rrule and moments:
            until = min(max(moments) + 2 * DAY, _years_later(self.start, 60))
            found += [moment for moment in rule_dates(event.rrule, self.start, self.zone, until) if moment > self.start]
        extra = [datetime.fromisoformat(text) for text in event.rdates]
        return found + [
            moment if len(text) > DATE_LENGTH else datetime.combine(moment, self.start.time())
            for moment, text in zip(extra, event.rdates, strict=True)
        ]

    def _original(self, entry: Component, starts: list[datetime]) -> datetime | None:
        """Return the local start that an override replaces: its date or time, or the only occurrence on its day."""
        line = entry.get("RECURRENCE-ID")
        read = parse_date(line.value) if line else None
        if line is None or read is None:
            self.warn("One of its changed dates cannot be read and was skipped.")
            return None
        if self.all_day:
            return datetime.combine(read.moment.date(), datetime.min.time())
        wall = self._wall(line, read)
        if read.is_date:
            return next(
                (start for start in starts if start.date() == wall.date()), datetime.combine(wall.date(), self.start.time())
            )
        # Stored dates have no seconds.
        near = [start for start in starts if start.replace(second=0) == wall.replace(second=0)]
        if near:
            return near[0]
        same_day = [start for start in starts if start.date() == wall.date()]
        if len(same_day) == 1:
            self.warn("A changed date has a different time than its rule. The date of the rule on the same day was used.")
            return same_day[0]
        return wall

    def _instance(self, entry: Component, original: datetime, title: str) -> Instance:
        own = " ".join(entry.text("SUMMARY").split())[:200]
        line = entry.get("DTSTART")
        read = parse_date(line.value) if line else None
        if read is not None and read.is_date and not self.all_day and not entry.get("DTEND"):
            read = None
        return Instance(
            self._format(original, whole=self.all_day),
            own if own != title else "",
            self._status(entry) == Event.Status.CANCELLED,
            self._times(entry) if read is not None else None,
        )

    def _split(self, event: ParsedEvent, splits: list[tuple[datetime, Component]]) -> list[ParsedEvent]:
        """End the rule at each change of all later dates (RANGE=THISANDFUTURE), and return the events that continue it."""
        found: list[ParsedEvent] = []
        current, begun = event, self.start
        for original, entry in splits[:20]:
            if original <= begun:
                continue
            later = self._continued(current, begun, original, entry)
            found.append(later)
            current, begun = later, datetime.fromisoformat(f"{later.times.start_date}T{later.times.start_time or '00:00:00'}")
        return found

    def _continued(self, event: ParsedEvent, begun: datetime, original: datetime, entry: Component) -> ParsedEvent:
        times = self._times(entry)
        start = datetime.fromisoformat(f"{times.start_date}T{times.start_time or '00:00:00'}")
        shift = start - original
        parts = parts_of(event.rrule)
        before = [
            moment for moment in rule_dates(event.rrule, begun, self.zone, original - timedelta(seconds=1)) if moment > begun
        ]
        title = " ".join(entry.text("SUMMARY").split())[:200] or event.title
        text = describe(entry) or event.text
        later = ParsedEvent(**asdict(event) | {"uid": f"{self.uid[:230]}#{original:%Y%m%dT%H%M}", "title": title, "text": text})
        later.times, later.instances = times, []
        later.status = self._status(entry)
        later.rrule = self._shifted_rule(parts, len(before) + 1, start, shift, later)
        for name in ("rdates", "exdates"):
            kept: list[str] = []
            moved: list[str] = []
            for moment in getattr(event, name):
                whole = len(moment) <= DATE_LENGTH
                at = datetime.fromisoformat(moment)
                is_later = at.date() >= original.date() if whole else at >= original
                (moved if is_later else kept).append(
                    self._format(at + (shift if is_later and not whole else timedelta(0)), whole=whole)
                )
            setattr(event, name, kept)
            setattr(later, name, sorted({*moved, *(later.rdates if name == "rdates" and not later.rrule else [])}))
        later.instances = [one for one in event.instances if datetime.fromisoformat(one.original) > original]
        event.instances = [one for one in event.instances if datetime.fromisoformat(one.original) < original]
        for one in later.instances:
            one.original = self._format(datetime.fromisoformat(one.original) + shift, whole=self.all_day)
        parts.pop("COUNT", None)
        end = original - (DAY if self.all_day else timedelta(seconds=1))
        parts["UNTIL"] = f"{end:%Y%m%d}" if self.all_day else f"{zones.to_utc(end, self.zone):%Y%m%dT%H%M%SZ}"
        event.rrule = ";".join(f"{name}={value}" for name, value in parts.items())
        self.warn("All its later dates were changed at once. They were imported as a separate event.")
        return later

    def _shifted_rule(self, parts: dict[str, str], count: int, start: datetime, shift: timedelta, later: ParsedEvent) -> str:
        """Return the rule of the later dates. If a moved rule cannot be expressed, its dates become single dates."""
        parts = dict(parts)
        if "COUNT" in parts:
            parts["COUNT"] = str(max(1, int(parts["COUNT"]) - count))
        moved_days = (start.date() - (start - shift).date()).days
        has_days = any(name.startswith("BY") for name in parts)
        if moved_days and parts["FREQ"] == "WEEKLY" and set(parts) <= {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"}:
            names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
            if "BYDAY" in parts and all(day in names for day in parts["BYDAY"].split(",")):
                parts["BYDAY"] = ",".join(names[(names.index(day) + moved_days) % 7] for day in parts["BYDAY"].split(","))
            has_days = False
        if "UNTIL" in parts and shift > timedelta(0):
            until = until_of(parts["UNTIL"], self.zone) + shift
            parts["UNTIL"] = f"{until:%Y%m%dT%H%M%S}"
        rule = ";".join(f"{name}={value}" for name, value in parts.items())
        if not moved_days or not has_days:
            return rule
        originals = rule_dates(rule, start - shift, self.zone, _years_later(start, YEARS_OF_DATES))
        moved = [self._format(moment + shift, whole=self.all_day) for moment in originals if moment > start - shift]
        later.rdates = moved[: int(parts["COUNT"]) - 1] if "COUNT" in parts else moved[:MAX_INSTANCES]
        return ""


def _years_later(moment: datetime, years: int) -> datetime:
    return moment.replace(year=min(moment.year + years, 2199), day=min(moment.day, 28))
