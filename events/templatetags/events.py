from datetime import datetime

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format

from cms.delivery import cached, surrogate_keys
from events.models import Occurrence

register = template.Library()


@register.filter
def when(occurrence: Occurrence, at: datetime | None = None) -> str:
    """Return local dates and times, such as 3 May, 18:00–20:00 CEST; the year only if it is another one."""
    year = (at or timezone.now()).year
    first, last = occurrence.starts_on, occurrence.ends_on
    own_year = first.year != year or last.year != year
    day = "j F Y" if own_year else "j F"
    start, end = occurrence.local_start, occurrence.local_end
    if occurrence.all_day:
        if first == last:
            return date_format(first, day)
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{date_format(last, day)}"
        return f"{date_format(first, 'j F' if first.year == last.year else day)} – {date_format(last, day)}"
    zone = start.strftime("%Z")
    # Zones without an abbreviation are named by their offset.
    name = zone if zone.isalpha() else f"UTC{zone}"
    if start == end:
        return f"{date_format(first, day)}, {start:%H:%M} {name}"
    if first == last:
        return f"{date_format(first, day)}, {start:%H:%M}–{end:%H:%M} {name}"
    return f"{date_format(first, day)}, {start:%H:%M} – {date_format(end.date(), day)}, {end:%H:%M} {name}"


@register.filter
def machine_start(occurrence: Occurrence) -> str:
    return occurrence.starts_on.isoformat() if occurrence.all_day else occurrence.local_start.isoformat()


@register.filter
def machine_end(occurrence: Occurrence) -> str:
    return occurrence.ends_on.isoformat() if occurrence.all_day else occurrence.local_end.isoformat()


@register.simple_tag(takes_context=True)
def upcoming_events(context: Context, count: int = 5, calendar: str = "", *, featured: bool = False) -> list[Occurrence]:
    """Return the next events, including those in progress: {% upcoming_events 5 featured=True as events %}."""
    request = context.get("request")
    if request is not None:
        surrogate_keys.add_keys(request, "events")
    name = f"upcoming-events-{count}-{calendar}-{featured}"
    return cached.cached(name, lambda: next_occurrences(count, calendar, featured=featured))


def next_occurrences(count: int, calendar: str = "", *, featured: bool = False) -> list[Occurrence]:
    """Return the next date of each event."""
    found = Occurrence.objects.visible().scheduled().not_over().with_events()
    if calendar:
        found = found.filter(event__calendar__slug=calendar)
    if featured:
        found = found.filter(event__featured=True)
    chosen: dict[int, Occurrence] = {}
    # Limited: a daily event must not fill the list, and the first hundred rows are enough for a short one.
    for occurrence in found[:100]:
        chosen.setdefault(occurrence.event_id, occurrence)
        if len(chosen) == count:
            break
    return list(chosen.values())
