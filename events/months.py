"""Days of a month and of a week with their events."""

from calendar import Calendar as Weeks
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from .models import Occurrence

FIRST_YEAR, LAST_YEAR = 1990, 2100
WEEK = timedelta(days=7)


@dataclass
class Day:
    date: date
    is_outside: bool = False
    is_today: bool = False
    occurrences: list[Occurrence] = field(default_factory=list)


def weeks_of(year: int, month: int) -> list[list[date]]:
    """Return the weeks of a month, each from Monday to Sunday."""
    return Weeks().monthdatescalendar(year, month)


def after(month: date) -> date:
    """Return the first day of the following month."""
    return (month + timedelta(days=31)).replace(day=1)


def split_ongoing(occurrences: Iterable[Occurrence]) -> tuple[list[Occurrence], list[Occurrence]]:
    """Return the events that last a week or longer, and all others. Long events would fill each day of a page."""
    ongoing: list[Occurrence] = []
    others: list[Occurrence] = []
    for occurrence in occurrences:
        (ongoing if occurrence.ends_on - occurrence.starts_on >= WEEK else others).append(occurrence)
    return ongoing, others


def on_days(occurrences: Iterable[Occurrence], first: date, last: date) -> dict[date, list[Occurrence]]:
    """Return the events of each day. An event of several days is on each of them."""
    days: dict[date, list[Occurrence]] = defaultdict(list)
    for occurrence in occurrences:
        day = max(first, occurrence.starts_on)
        while day <= min(last, occurrence.ends_on):
            days[day].append(occurrence)
            day += timedelta(days=1)
    return days


def days_of(dates: Iterable[date], occurrences: Iterable[Occurrence], *, month: int | None = None, today: date) -> list[Day]:
    dates = list(dates)
    found = on_days(occurrences, dates[0], dates[-1])
    return [Day(day, month is not None and day.month != month, day == today, found.get(day, [])) for day in dates]
