"""Descriptions of recurrence rules: every 2 weeks on Tuesday, until Jun 1, 2027."""

from datetime import datetime

from events.models import Event

from .recurrence import parts_of, until_of

DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second to last"}
UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "WKST"}


def describe_rule(event: Event) -> str:
    """Return a description such as "Every month on the second Thursday"; empty for a single event."""
    if not event.rrule:
        return "On several dates" if event.rdates else ""
    parts = parts_of(event.rrule)
    if parts.keys() - KNOWN:
        return "Repeats on the dates below"
    unit, interval = UNITS[parts["FREQ"]], int(parts.get("INTERVAL", 1))
    text = f"Every {unit}" if interval == 1 else f"Every {interval} {unit}s"
    days = [day for day in parts.get("BYDAY", "").split(",") if day]
    if days:
        text += f" on {_listed([_day(day) for day in days])}"
    elif "BYMONTHDAY" in parts:
        text += f" on day {_listed(parts['BYMONTHDAY'].split(','))}".replace("day -1", "the last day")
    if "COUNT" in parts:
        text += f", {parts['COUNT']} times"
    if "UNTIL" in parts:
        until: datetime = until_of(parts["UNTIL"], event.time_zone)
        text += f", until {until:%b %-d, %Y}"
    return text


def _day(day: str) -> str:
    number, name = day[:-2], DAYS.get(day[-2:], day)
    return f"the {NTH.get(int(number), f'{number}.')} {name}" if number else name


def _listed(text: list[str]) -> str:
    return text[0] if len(text) == 1 else f"{', '.join(text[:-1])} and {text[-1]}"
