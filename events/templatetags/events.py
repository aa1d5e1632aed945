from datetime import datetime

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import get_format, time_format

from cms.delivery import cached, surrogate_keys
from cms.platform.dates import show_date, show_days
from events.models import Occurrence

register = template.Library()
# Times of this format end with AM or PM.
ENGLISH_TIME = "g:i A"


@register.filter
def when(occurrence: Occurrence, at: datetime | None = None) -> str:
    """Return local dates and times, such as May 3, 6:00–8:00 PM CEST; the year only if it is another one."""
    year = (at or timezone.now()).year
    first, last = occurrence.starts_on, occurrence.ends_on
    own_year = first.year != year or last.year != year
    day = "DATE_FORMAT" if own_year else "MONTH_DAY_FORMAT"
    start, end = occurrence.local_start, occurrence.local_end
    if occurrence.all_day:
        return show_days(first, last, day)
    zone = start.strftime("%Z")
    # Zones without an abbreviation are named by their offset.
    name = zone if zone.isalpha() else f"UTC{zone}"
    begins, ends = time_format(start.time()), time_format(end.time())
    if start == end:
        return f"{show_date(first, day)}, {begins} {name}"
    if first == last:
        if get_format("TIME_FORMAT") == ENGLISH_TIME and begins[-2:] == ends[-2:]:
            begins = begins[:-3]
        return f"{show_date(first, day)}, {begins}–{ends} {name}"
    return f"{show_date(first, day)}, {begins} – {show_date(end.date(), day)}, {ends} {name}"


@register.filter
def machine_start(occurrence: Occurrence) -> str:
    return occurrence.starts_on.isoformat() if occurrence.all_day else occurrence.local_start.isoformat()


@register.simple_tag(takes_context=True)
def upcoming_events(context: Context, count: int = 5, calendar: str = "", *, featured: bool = False) -> list[Occurrence]:
    """Return the next events, including those in progress: {% upcoming_events 5 featured=True as events %}."""
    request = context.get("request")
    if request is not None:
        surrogate_keys.add_keys(request, "events")
    name = f"upcoming-events-{count}-{calendar}-{featured}"
    return cached.cached(name, lambda: next_occurrences(count, calendar, featured=featured), ["events"])


def next_occurrences(count: int, calendar: str = "", *, featured: bool = False) -> list[Occurrence]:
    """Return the next date of each event."""
    found = Occurrence.objects.visible().scheduled().not_over()
    if calendar:
        found = found.filter(event__calendar__slug=calendar)
    if featured:
        found = found.filter(event__featured=True)
    chosen: dict[int, int] = {}
    # Limited to a hundred rows: enough for a short list even if a daily event has many of them.
    for key, event in found.values_list("pk", "event_id")[:100]:
        chosen.setdefault(event, key)
        if len(chosen) == count:
            break
    # Events have long texts, so only the shown ones are read.
    return list(found.with_events().filter(pk__in=chosen.values()))
