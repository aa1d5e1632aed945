"""Time zones as iCalendar components with recurrence rules, because Outlook ignores zones that are only lists of dates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils import timezone
from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from . import zones

# How long a rule must remain valid from today to be written without an end.
YEARS_AHEAD = 6
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LAST_WEEK = 25
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Transition:
    """Change of the offset of a zone. `wall` is the local time right before it."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str

    @property
    def kind(self) -> tuple[timedelta, timedelta, time]:
        return self.before, self.after, self.wall.time()


@lru_cache(maxsize=500)
def build_vtimezone(tzid: str, first_year: int, last_year: int) -> Timezone:
    """Return a zone with its offsets from a year on. Regular changes are written as rules, others as dates."""
    component = Timezone()
    component.add("tzid", tzid)
    zone = zones.zone(tzid)
    found = list(_transitions(zone, first_year - 1, last_year))
    start = datetime(first_year - 1, 1, 1, tzinfo=UTC).astimezone(zone)
    if not found or _position(found[0]).year >= first_year:
        # Offset before the first change.
        offset = start.utcoffset() or timedelta(0)
        _add(component, Transition(start.replace(tzinfo=None), offset, offset, start.tzname() or ""), "")
    while found:
        rule, group = _longest_rule(found, last_year)
        _add(component, group[0], rule)
        found = [transition for transition in found if transition not in group]
    return component


def last_year(at: datetime | None = None) -> int:
    return (at or timezone.now()).year + YEARS_AHEAD


def _transitions(zone: ZoneInfo, first: int, last: int) -> Iterator[Transition]:
    moment, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last, 12, 31, tzinfo=UTC)
    offset = moment.astimezone(zone).utcoffset()
    while moment < end:
        following = moment + DAY
        new = following.astimezone(zone).utcoffset()
        if new != offset and new is not None and offset is not None:
            low, high = moment, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                middle = middle.replace(microsecond=0)
                if middle.astimezone(zone).utcoffset() == offset:
                    low = middle
                else:
                    high = middle
            yield Transition(high.replace(tzinfo=None) + offset, offset, new, high.astimezone(zone).tzname() or "")
        moment, offset = following, new


def _position(transition: Transition) -> date:
    return transition.wall.date()


def _rules_of(day: date) -> list[str]:
    """Return the yearly rules for a day: the third or last Sunday of a month, or the first Sunday on or after a day."""
    weekday = WEEKDAYS[day.weekday()]
    rules = [f"BYDAY={(day.day - 1) // 7 + 1}{weekday};BYMONTH={day.month}"]
    if day.day >= LAST_WEEK - 3 and (day + 7 * DAY).month != day.month:
        rules.insert(0, f"BYDAY=-1{weekday};BYMONTH={day.month}")
    return rules


def _longest_rule(found: list[Transition], last: int) -> tuple[str, list[Transition]]:
    """Return the rule that covers the first transition and the most similar ones in the following years."""
    first = found[0]
    best: tuple[str, list[Transition]] = ("", [first])
    for rule in _rules_of(first.wall.date()):
        group = [first]
        for transition in found[1:]:
            is_same = transition.kind == first.kind
            if not is_same or transition.wall.year != group[-1].wall.year + 1:
                if is_same:
                    break
                continue
            if rule not in _rules_of(transition.wall.date()):
                break
            group.append(transition)
        if len(group) > len(best[1]):
            best = (rule, group)
    rule, group = best
    if len(group) == 1:
        return "", group
    end = group[-1]
    # UNTIL of a zone is in UTC. One day is added, because some programs compare it with local times.
    until = "" if end.wall.year >= last else f";UNTIL={end.wall - end.before + DAY:%Y%m%dT%H%M%SZ}"
    return f"FREQ=YEARLY;{rule}{until}", group


def _add(component: Timezone, transition: Transition, rule: str) -> None:
    is_forward = transition.after > transition.before
    part = TimezoneDaylight() if is_forward else TimezoneStandard()
    part.add("dtstart", transition.wall)
    part.add("tzoffsetfrom", transition.before)
    part.add("tzoffsetto", transition.after)
    if transition.name:
        part.add("tzname", transition.name)
    if rule:
        part.add("rrule", vRecur.from_ical(rule))
    component.add_component(part)
