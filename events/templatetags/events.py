from datetime import date, datetime

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format, time_format

from cms.delivery import cached, surrogate_keys
from events.models import Occurrence

register = template.Library()
TIME = "g:i A"


def format_days(first: date, last: date, day: str) -> str:
    """Return a range of days, such as May 3–5; `day` is the format of its last day."""
    if first == last:
        return date_format(first, day)
    if first.year != last.year:
        return f"{date_format(first, day)} – {date_format(last, day)}"
    if first.month != last.month:
        return f"{date_format(first, 'M j')} – {date_format(last, day)}"
    return f"{date_format(first, 'M j')}–{date_format(last, day.removeprefix('M '))}"


@register.filter
def when(occurrence: Occurrence, at: datetime | None = None) -> str:
    """Return local dates and times, such as May 3, 6:00–8:00 PM CEST; the year only if it is another one."""
    year = (at or timezone.now()).year
    first, last = occurrence.starts_on, occurrence.ends_on
    own_year = first.year != year or last.year != year
    day = "M j, Y" if own_year else "M j"
    start, end = occurrence.local_start, occurrence.local_end
    if occurrence.all_day:
        return format_days(first, last, day)
    zone = start.strftime("%Z")
    # Zones without an abbreviation are named by their offset.
    name = zone if zone.isalpha() else f"UTC{zone}"
    begins, ends = time_format(start.time(), TIME), time_format(end.time(), TIME)
    if start == end:
        return f"{date_format(first, day)}, {begins} {name}"
    if first == last:
        if begins[-2:] == ends[-2:]:
            begins = begins[:-3]
        return f"{date_format(first, day)}, {begins}–{ends} {name}"
    return f"{date_format(first, day)}, {begins} – {date_format(end.date(), day)}, {ends} {name}"


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
