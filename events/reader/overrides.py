"""Overrides of a series: moved, changed, and canceled dates (RECURRENCE-ID), and changes of all later dates."""

from dataclasses import asdict
from datetime import datetime, timedelta

from events import zones
from events.models.events import Event
from events.recurrence import parts_of, rule_dates, until_of

from .decoding import Component, UnreadableError
from .local_times import DAY, LocalTimes
from .parsed import Instance, ParsedEvent
from .texts import describe
from .values import parse_date, years_later

STATUS = {"CANCELLED": Event.Status.CANCELLED, "CANCELED": Event.Status.CANCELLED, "TENTATIVE": Event.Status.TENTATIVE}
# Values of CLASS for events that are not public.
HIDDEN_CLASSES = {"PRIVATE", "CONFIDENTIAL"}
MAX_INSTANCES, MAX_DIGITS, DATE_LENGTH = 500, 9, 10
# Period for rules without an end that can only be stored as single dates.
YEARS_OF_DATES = 5


def version_of(entry: Component) -> tuple[int, str]:
    """Return what orders the versions of an event: SEQUENCE, then LAST-MODIFIED or DTSTAMP."""
    sequence = entry.text("SEQUENCE")
    return (
        int(sequence) if sequence.isdecimal() and len(sequence) <= MAX_DIGITS else 0,
        entry.text("LAST-MODIFIED") or entry.text("DTSTAMP"),
    )


def status_of(entry: Component) -> str:
    """Return the status of an event or of one of its dates."""
    return STATUS.get(entry.text("STATUS").upper(), Event.Status.SCHEDULED)


class Overrides:
    """Changed dates of one series."""

    def __init__(self, uid: str, instances: list[Component], times: LocalTimes) -> None:
        self.uid, self.instances, self.times = uid, instances, times

    def apply(self, event: ParsedEvent) -> list[ParsedEvent]:
        """Add the overrides to an event, and return the events that begin where a change applies to all later dates."""
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
                event.exdates = sorted({*event.exdates, self.times.format(original, whole=self.times.all_day)})
                continue
            line = entry.get("RECURRENCE-ID")
            if line and line.params.get("RANGE", "").upper() == "THISANDFUTURE" and event.rrule:
                splits.append((original, entry))
                continue
            known = by_original.get(original)
            if known is None or version_of(entry) >= known[0]:
                by_original[original] = (version_of(entry), entry)
        event.instances = [self._instance(entry, original, event.title) for original, (_, entry) in sorted(by_original.items())]
        return self._split(event, sorted(splits, key=lambda pair: pair[0]))

    def _starts(self, event: ParsedEvent) -> list[datetime]:
        """Return the local starts up to the last override."""
        moments = [
            read.moment for entry in self.instances if (line := entry.get("RECURRENCE-ID")) and (read := parse_date(line.value))
        ]
        found = [self.times.start]
        if event.rrule and moments:
            until = min(max(moments) + 2 * DAY, years_later(self.times.start, 60))
            found += [
                moment
                for moment in rule_dates(event.rrule, self.times.start, self.times.zone, until)
                if moment > self.times.start
            ]
        extra = [datetime.fromisoformat(text) for text in event.rdates]
        return found + [
            moment if len(text) > DATE_LENGTH else datetime.combine(moment, self.times.start.time())
            for moment, text in zip(extra, event.rdates, strict=True)
        ]

    def _original(self, entry: Component, starts: list[datetime]) -> datetime | None:
        """Return the local start that an override replaces: its date or time, or the only occurrence on its day."""
        line = entry.get("RECURRENCE-ID")
        read = parse_date(line.value) if line else None
        if line is None or read is None:
            self.times.warn("One of its changed dates cannot be read and was skipped.")
            return None
        if self.times.all_day:
            return datetime.combine(read.moment.date(), datetime.min.time())
        wall = self.times.wall(line, read)
        if read.is_date:
            return next(
                (start for start in starts if start.date() == wall.date()), datetime.combine(wall.date(), self.times.start.time())
            )
        # Stored dates have no seconds.
        near = [start for start in starts if start.replace(second=0) == wall.replace(second=0)]
        if near:
            return near[0]
        same_day = [start for start in starts if start.date() == wall.date()]
        if len(same_day) == 1:
            self.times.warn("A changed date has a different time than its rule. The date of the rule on the same day was used.")
            return same_day[0]
        return wall

    def _instance(self, entry: Component, original: datetime, title: str) -> Instance:
        own = " ".join(entry.text("SUMMARY").split())[:200]
        line = entry.get("DTSTART")
        read = parse_date(line.value) if line else None
        if read is not None and read.is_date and not self.times.all_day and not entry.get("DTEND"):
            read = None
        return Instance(
            self.times.format(original, whole=self.times.all_day),
            own if own != title else "",
            status_of(entry) == Event.Status.CANCELLED,
            self.times.of_entry(entry) if read is not None else None,
        )

    def _split(self, event: ParsedEvent, splits: list[tuple[datetime, Component]]) -> list[ParsedEvent]:
        """End the rule at each change of all later dates (RANGE=THISANDFUTURE), and return the events that continue it."""
        found: list[ParsedEvent] = []
        current, begun = event, self.times.start
        for original, entry in splits[:20]:
            if original <= begun:
                continue
            later = self._continued(current, begun, original, entry)
            found.append(later)
            current, begun = later, datetime.fromisoformat(f"{later.times.start_date}T{later.times.start_time or '00:00:00'}")
        return found

    def _continued(self, event: ParsedEvent, begun: datetime, original: datetime, entry: Component) -> ParsedEvent:
        times = self.times.of_entry(entry)
        start = datetime.fromisoformat(f"{times.start_date}T{times.start_time or '00:00:00'}")
        shift = start - original
        parts = parts_of(event.rrule)
        before = [
            moment
            for moment in rule_dates(event.rrule, begun, self.times.zone, original - timedelta(seconds=1))
            if moment > begun
        ]
        title = " ".join(entry.text("SUMMARY").split())[:200] or event.title
        text = describe(entry) or event.text
        later = ParsedEvent(**asdict(event) | {"uid": f"{self.uid[:230]}#{original:%Y%m%dT%H%M}", "title": title, "text": text})
        later.times, later.instances = times, []
        later.status = status_of(entry)
        later.rrule = self._shifted_rule(parts, len(before) + 1, start, shift, later)
        for name in ("rdates", "exdates"):
            kept: list[str] = []
            moved: list[str] = []
            for moment in getattr(event, name):
                whole = len(moment) <= DATE_LENGTH
                at = datetime.fromisoformat(moment)
                is_later = at.date() >= original.date() if whole else at >= original
                (moved if is_later else kept).append(
                    self.times.format(at + (shift if is_later and not whole else timedelta(0)), whole=whole)
                )
            setattr(event, name, kept)
            setattr(later, name, sorted({*moved, *(later.rdates if name == "rdates" and not later.rrule else [])}))
        later.instances = [one for one in event.instances if datetime.fromisoformat(one.original) > original]
        event.instances = [one for one in event.instances if datetime.fromisoformat(one.original) < original]
        for one in later.instances:
            one.original = self.times.format(datetime.fromisoformat(one.original) + shift, whole=self.times.all_day)
        parts.pop("COUNT", None)
        end = original - (DAY if self.times.all_day else timedelta(seconds=1))
        parts["UNTIL"] = f"{end:%Y%m%d}" if self.times.all_day else f"{zones.to_utc(end, self.times.zone):%Y%m%dT%H%M%SZ}"
        event.rrule = ";".join(f"{name}={value}" for name, value in parts.items())
        self.times.warn("All its later dates were changed at once. They were imported as a separate event.")
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
            until = until_of(parts["UNTIL"], self.times.zone) + shift
            parts["UNTIL"] = f"{until:%Y%m%dT%H%M%S}"
        rule = ";".join(f"{name}={value}" for name, value in parts.items())
        if not moved_days or not has_days:
            return rule
        originals = rule_dates(rule, start - shift, self.times.zone, years_later(start, YEARS_OF_DATES))
        moved = [self.times.format(moment + shift, whole=self.times.all_day) for moment in originals if moment > start - shift]
        later.rdates = moved[: int(parts["COUNT"]) - 1] if "COUNT" in parts else moved[:MAX_INSTANCES]
        return ""
