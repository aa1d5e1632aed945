"""Filter of dates and times by the names of `cms.platform.dates`. Every template has it, without {% load %}."""

from typing import Any

from django import template
from django.template.defaultfilters import date

from cms.platform.dates import format_named

register = template.Library()


@register.filter(expects_localtime=True, is_safe=False)
def localized(value: Any, name: str) -> str:
    """Format a date or time as {{ event.starts_at|localized:"DATETIME_ZONE" }}."""
    return date(value, format_named(name))
