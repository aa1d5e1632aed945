"""Date and time formats by name: the order of the parts and 12 or 24 hours follow the active language.

`DATE_FORMAT`, `DATETIME_FORMAT`, `TIME_FORMAT`, `MONTH_DAY_FORMAT` and `YEAR_MONTH_FORMAT` are Django's, with
`pydotorg/formats`; the names here add a weekday, seconds or a zone to them.
"""

from collections.abc import Callable
from datetime import date, datetime

from django.utils import dateformat, formats
from django.utils.translation import get_language

# In English, the formats are written out. In other languages, they are made of Django's.
ENGLISH = {
    "DAY_TIME": "M j, g:i A",
    "DAY_TIME_SECONDS": "M j, g:i:s A T",
    "DAY_TIME_ZONE": "M j, g:i A T",
    "DATETIME_SECONDS": "M j, Y, g:i:s A T",
    "DATETIME_ZONE": "M j, Y, g:i A T",
    "DATETIME_ZONE_NAME": "M j, Y, g:i A e",
    "LONG_DATE": "F j, Y",
    "LONG_DATETIME_ZONE": r"F j, Y, \a\t g:i A T",
    "WEEKDAY": "l, F j",
    "WEEKDAY_DATE": "l, F j, Y",
}
OTHERS: dict[str, Callable[[Callable[[str], str]], str]] = {
    "DAY_TIME": lambda get: f"{get('MONTH_DAY_FORMAT')}, {get('TIME_FORMAT')}",
    "DAY_TIME_SECONDS": lambda get: f"{get('MONTH_DAY_FORMAT')}, {with_seconds(get('TIME_FORMAT'))} T",
    "DAY_TIME_ZONE": lambda get: f"{get('MONTH_DAY_FORMAT')}, {get('TIME_FORMAT')} T",
    "DATETIME_SECONDS": lambda get: f"{get('DATE_FORMAT')}, {with_seconds(get('TIME_FORMAT'))} T",
    "DATETIME_ZONE": lambda get: f"{get('DATETIME_FORMAT')} T",
    "DATETIME_ZONE_NAME": lambda get: f"{get('DATETIME_FORMAT')} e",
    "LONG_DATE": lambda get: get("DATE_FORMAT"),
    "LONG_DATETIME_ZONE": lambda get: f"{get('DATETIME_FORMAT')} T",
    "WEEKDAY": lambda get: f"l, {get('MONTH_DAY_FORMAT')}",
    "WEEKDAY_DATE": lambda get: f"l, {get('DATE_FORMAT')}",
}


def is_english() -> bool:
    return (get_language() or "en").partition("-")[0] == "en"


def with_seconds(time_format: str) -> str:
    return time_format.replace("i", "i:s")


def format_named(name: str) -> str:
    """Return the format of a name of this module or of Django in the active language."""
    if name not in ENGLISH:
        return formats.get_format(name)
    return ENGLISH[name] if is_english() else OTHERS[name](formats.get_format)


def show_date(value: date | datetime, name: str = "DATE_FORMAT") -> str:
    return formats.date_format(value, format_named(name))


def date_formatter(name: str = "DATE_FORMAT") -> Callable[[date], str]:
    """Return a function that formats many dates, with the format looked up once."""
    form = format_named(name)
    return lambda day: dateformat.format(day, form)


def show_days(first: date, last: date, name: str = "DATE_FORMAT") -> str:
    """Return a range of days, such as May 3–5, 2026 or 3–5 de mayo de 2026. `name` is the format of its last day."""
    end = show_date(last, name)
    if first == last:
        return end
    form = format_named(name)
    if first.year != last.year or not (is_english() or form.startswith("j")):
        return f"{show_date(first, name)} – {end}"
    if first.month != last.month:
        return f"{show_date(first, 'MONTH_DAY_FORMAT')} – {end}"
    if is_english():
        return f"{show_date(first, 'MONTH_DAY_FORMAT')}–{formats.date_format(last, form.removeprefix('M '))}"
    return f"{first.day}–{end}"
