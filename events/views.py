from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cms.content.breadcrumbs import breadcrumbs
from cms.content.social_cards import draw_card, is_drawable
from cms.delivery import surrogate_keys
from cms.platform.dates import show_date

from . import months
from .filters import EventFilter
from .ical import calendar_file
from .models import Calendar, Category, Event, Location
from .presentation import SECTION, event_page_context, listed, neighbours, page_of
from .templatetags.events import when

# The lifetime is short, because the events in progress change with time, without a purge.
public = surrogate_keys.shared("events", seconds=300)


@public
@require_safe
def month(request: HttpRequest, year: int | None = None, month: int | None = None) -> HttpResponse:
    today = timezone.now().date()
    year, month = year or today.year, month or today.month
    if not (months.FIRST_YEAR <= year <= months.LAST_YEAR and 1 <= month <= 12):  # noqa: PLR2004 -- months of a year.
        raise Http404("This month is not in the calendar.")
    form = EventFilter(request.GET)
    weeks = months.weeks_of(year, month)
    first, last = weeks[0][0], weeks[-1][-1]
    ongoing, occurrences = months.split_ongoing(form.narrow(listed()).between(first, last))
    this = date(year, month, 1)
    days = months.days_of([day for week in weeks for day in week], occurrences, month=month, today=today)
    context = {
        "filter": form,
        "month": this,
        "ongoing": [row for row in ongoing if row.starts_on < months.after(this) and row.ends_on >= this],
        "weeks": [days[start : start + 7] for start in range(0, len(days), 7)],
        "days": [day for day in days if day.occurrences and not day.is_outside],
        "previous": this - timedelta(days=1),
        "next": months.after(this),
        "breadcrumbs": breadcrumbs(SECTION, (show_date(this, "YEAR_MONTH_FORMAT"), "")),
        "feed_query": form.query,
    }
    return render(request, "events/month.html", context)


@public
@require_safe
def week(request: HttpRequest, year: int | None = None, week: int | None = None) -> HttpResponse:
    today = timezone.now().date()
    now = today.isocalendar()
    try:
        monday = date.fromisocalendar(year or now.year, week or now.week, 1)
    except ValueError as error:
        raise Http404("This week is not in the calendar.") from error
    if not months.FIRST_YEAR <= monday.year <= months.LAST_YEAR:
        raise Http404("This week is not in the calendar.")
    form = EventFilter(request.GET)
    dates = [monday + timedelta(days=number) for number in range(7)]
    ongoing, occurrences = months.split_ongoing(form.narrow(listed()).between(dates[0], dates[-1]))
    context = {
        "ongoing": ongoing,
        "filter": form,
        "monday": monday,
        "sunday": dates[-1],
        "days": months.days_of(dates, occurrences, today=today),
        "previous": (monday - timedelta(days=7)).isocalendar(),
        "next": (monday + timedelta(days=7)).isocalendar(),
        "breadcrumbs": breadcrumbs(SECTION, (_("Week of %s") % show_date(monday, "LONG_DATE"), "")),
        "feed_query": form.query,
    }
    return render(request, "events/week.html", context)


@public
@require_safe
def calendars(request: HttpRequest) -> HttpResponse:
    rows = Calendar.objects.annotate(event_count=Count("events", filter=Q(events__live=True)))
    context = {"calendars": rows, "breadcrumbs": breadcrumbs(SECTION, (_("Calendars"), ""))}
    return render(request, "events/calendars.html", context)


def of_calendar(request: HttpRequest, slug: str, title: str = "", **context: Any) -> HttpResponse:
    """Return a list of occurrences of a calendar, or of a part of them."""
    calendar = get_object_or_404(Calendar, slug=slug)
    form = EventFilter(request.GET, with_calendar=False)
    occurrences = form.narrow(listed().filter(event__calendar=calendar, **context.pop("only", {})))
    choose = context.pop("choose", form.in_range)
    trail = [(calendar.name, calendar.get_absolute_url())]
    context |= {
        "calendar": calendar,
        "subject": context.get("subject", calendar),
        "title": title or calendar.name,
        "filter": form,
        "page_obj": page_of(request, choose(occurrences)),
        "categories": Category.objects.filter(Q(calendar=calendar) | Q(calendar=None)),
        "breadcrumbs": breadcrumbs(SECTION, *trail, *([(title, "")] if title else [])),
        "feed_query": form.query,
    }
    if not title and not form.selected:
        context["featured"] = occurrences.featured()[:1]
    return render(request, "events/calendar.html", context)


@public
@require_safe
def calendar(request: HttpRequest, slug: str) -> HttpResponse:
    return of_calendar(request, slug)


@public
@require_safe
def past(request: HttpRequest, slug: str) -> HttpResponse:
    return of_calendar(request, slug, _("Past events"), choose=lambda occurrences: occurrences.past())


@public
@require_safe
def from_date(request: HttpRequest, slug: str, year: int, month: int, day: int) -> HttpResponse:
    try:
        first = date(year, month, day)
    except ValueError as error:
        raise Http404("This day does not exist.") from error
    title = _("Events from %s") % show_date(first, "LONG_DATE")
    return of_calendar(
        request, slug, title, choose=lambda rows: rows.filter(ends_on__gte=first).order_by("starts_at", "pk"), first=first
    )


def find_category(slug: str, category: str) -> Category:
    return get_object_or_404(Category.objects.filter(Q(calendar__slug=slug) | Q(calendar=None)), slug=category)


@public
@require_safe
def category(request: HttpRequest, slug: str, category: str) -> HttpResponse:
    category_row = find_category(slug, category)
    return of_calendar(
        request, slug, category_row.name, only={"event__categories": category_row}, category=category_row, subject=category_row
    )


@public
@require_safe
def categories(request: HttpRequest, slug: str) -> HttpResponse:
    calendar = get_object_or_404(Calendar, slug=slug)
    mine = Q(events__live=True, events__calendar=calendar)
    rows = Category.objects.filter(Q(calendar=calendar) | Q(calendar=None)).annotate(event_count=Count("events", filter=mine))
    context = {
        "calendar": calendar,
        "subject": calendar,
        "categories": rows,
        "breadcrumbs": breadcrumbs(SECTION, (calendar.name, calendar.get_absolute_url()), (_("Categories"), "")),
    }
    return render(request, "events/categories.html", context)


@public
@require_safe
def locations(request: HttpRequest, slug: str) -> HttpResponse:
    calendar = get_object_or_404(Calendar, slug=slug)
    mine = Q(events__live=True, events__calendar=calendar)
    rows = Location.objects.filter(Q(calendar=calendar) | mine).annotate(event_count=Count("events", filter=mine, distinct=True))
    context = {
        "calendar": calendar,
        "subject": calendar,
        "page_obj": page_of(request, rows.distinct().order_by("name", "pk"), 30),
        "breadcrumbs": breadcrumbs(SECTION, (calendar.name, calendar.get_absolute_url()), (_("Locations"), "")),
    }
    return render(request, "events/locations.html", context)


@public
@require_safe
def location(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    place = get_object_or_404(
        Location.objects.filter(Q(calendar__slug=slug) | Q(events__calendar__slug=slug, events__live=True)).distinct(), pk=pk
    )
    return of_calendar(request, slug, place.name, only={"event__venue": place}, place=place, subject=place)


def find_event(pk: int) -> Event:
    events = Event.objects.visible().select_related("calendar", "venue", "image").prefetch_related("categories", "overrides")
    return get_object_or_404(events, pk=pk)


@public
@require_safe
def event_detail(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    event = find_event(pk)
    if event.calendar.slug != slug:
        return redirect(event, permanent=True)
    context = event_page_context(event)
    return render(request, "events/event_detail.html", context | neighbours(event, context["occurrence"]))


@public
@require_safe
def event_image(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Return the image of an event for links from other sites: title, date and location."""
    event = find_event(pk)
    if not is_drawable(event.title):
        raise Http404
    occurrence = event_page_context(event)["occurrence"]
    place = str(event.venue or (_("Online") if event.is_online else ""))
    detail = " · ".join(filter(None, [when(occurrence) if occurrence else "", place if is_drawable(place) else ""]))
    return HttpResponse(draw_card(event.title, detail), content_type="image/png")


@public
@require_safe
def event_ics(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    event = find_event(pk)
    response = HttpResponse(calendar_file(event.title, [event]), content_type="text/calendar; charset=utf-8")
    filename = f"event-{event.pk}.ics"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=filename)
    response["Link"] = f'<{settings.BASE_URL}{event.get_absolute_url()}>; rel="canonical"'
    return response
