"""Descriptions of recurrence rules: every 2 weeks on Tuesday, until Jun 1, 2027."""

from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext, gettext_lazy, ngettext, ngettext_lazy

from cms.platform.dates import show_date
from events.models import Event

from .recurrence import parts_of, until_of

DAYS = dict(zip(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), WEEKDAYS.values(), strict=True))
NTH = {
    1: gettext_lazy("the first %(day)s"),
    2: gettext_lazy("the second %(day)s"),
    3: gettext_lazy("the third %(day)s"),
    4: gettext_lazy("the fourth %(day)s"),
    5: gettext_lazy("the fifth %(day)s"),
    -1: gettext_lazy("the last %(day)s"),
    -2: gettext_lazy("the second to last %(day)s"),
}
UNITS = {
    "DAILY": ngettext_lazy("Every day", "Every %(number)s days", "number"),
    "WEEKLY": ngettext_lazy("Every week", "Every %(number)s weeks", "number"),
    "MONTHLY": ngettext_lazy("Every month", "Every %(number)s months", "number"),
    "YEARLY": ngettext_lazy("Every year", "Every %(number)s years", "number"),
}
KNOWN = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "WKST"}


def describe_rule(event: Event) -> str:
    """Return a description such as "Every month on the second Thursday"; empty for a single event."""
    if not event.rrule:
        return gettext("On several dates") if event.rdates else ""
    parts = parts_of(event.rrule)
    if parts.keys() - KNOWN:
        return gettext("Repeats on the dates below")
    text = UNITS[parts["FREQ"]] % {"number": int(parts.get("INTERVAL", 1))}
    days = [_day(day) for day in parts.get("BYDAY", "").split(",") if day]
    if days:
        text = gettext("%(rule)s on %(days)s") % {"rule": text, "days": _list(days)}
    elif "BYMONTHDAY" in parts:
        days = [_day_of_month(day) for day in parts["BYMONTHDAY"].split(",")]
        text = gettext("%(rule)s on %(days)s") % {"rule": text, "days": _list(days)}
    if "COUNT" in parts:
        number = int(parts["COUNT"])
        text = ngettext("%(rule)s, once", "%(rule)s, %(number)s times", number) % {"rule": text, "number": number}
    if "UNTIL" in parts:
        day = show_date(until_of(parts["UNTIL"], event.time_zone), "DATE_FORMAT")
        text = gettext("%(rule)s, until %(day)s") % {"rule": text, "day": day}
    return text


def _day(day: str) -> str:
    number, name = day[:-2], DAYS.get(day[-2:], day)
    if not number:
        return str(name)
    nth = NTH.get(int(number))
    return nth % {"day": name} if nth else f"{number}. {name}"


def _day_of_month(day: str) -> str:
    return gettext("the last day") if day == "-1" else gettext("day %(number)s") % {"number": day}


def _list(days: list[str]) -> str:
    return get_text_list(days, gettext("and"))
