"""Template contexts of the pages of the events: landing page and event."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy
from wagtail.models import Page

from cms.content.breadcrumbs import breadcrumbs
from cms.content.presentation import presents
from cms.content.social_cards import is_drawable
from cms.delivery import cached
from cms.platform.text import parse_int
from events.models.occurrences import OccurrenceQuerySet

from .filters import EventFilter
from .models import Event, EventsPage, Occurrence
from .rule_text import describe_rule
from .structured_data import event_data

SECTION = (gettext_lazy("Events"), "/events/")
PAGE_SIZE = 20
NEXT_DATES = 12


@presents(EventsPage)
def events_page_context(page: EventsPage, request: HttpRequest) -> dict[str, Any]:
    return landing_context(request)


@presents(Event)
def event_preview_context(event: Event) -> dict[str, Any]:
    return event_page_context(event)


def page_of(request: HttpRequest, rows: QuerySet, size: int = PAGE_SIZE) -> Page:
    """Return the requested page of a list. Raises Http404 if it does not exist."""
    pages = Paginator(rows, size)
    number = parse_int(request.GET.get("page", "1"), minimum=1, maximum=pages.num_pages)
    if number is None:
        raise Http404("This page of the list does not exist.")
    return pages.page(number)


def listed() -> OccurrenceQuerySet:
    return Occurrence.objects.visible().with_events()


def landing_context(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the landing page besides its text. Without filters, it is cached for all visitors (`is_plain`)."""
    if request.GET.keys() & {"page", *EventFilter.base_fields}:
        form = EventFilter(request.GET)
        found = form.narrow(listed())
        occurrences = form.in_range(found) if form.selected else found.upcoming()
        return _list_context(form, page_of(request, occurrences))
    return cached.cached("events-page", plain_landing_context, ["events"])


def plain_landing_context() -> dict:
    found = listed()
    page = Paginator(found.upcoming(), PAGE_SIZE).page(1)
    page.object_list = list(page.object_list)
    return _list_context(EventFilter({}), page) | {
        "is_plain": True,
        "current": list(found.current()[:6]),
        "just_missed": list(found.past()[:4]),
        "featured": list(
            found.scheduled().not_over().filter(event__featured=True).order_by("event__featured_order", "starts_at")[:3]
        ),
    }


def _list_context(form: EventFilter, page: Page) -> dict:
    return {"filter": form, "calendars": form.calendars, "page_obj": page, "feed_query": form.query}


def neighbours(event: Event, occurrence: Occurrence | None) -> dict:
    """Return the previous and the next event of the same calendar."""
    if occurrence is None:
        return {}
    others = (
        Occurrence.objects.visible().filter(event__calendar=event.calendar).exclude(event=event).select_related("event__calendar")
    )
    others = others.defer("event__body", "event__description")
    return {
        "following": others.filter(starts_at__gte=occurrence.starts_at).order_by("starts_at", "pk").first(),
        "preceding": others.filter(starts_at__lt=occurrence.starts_at).order_by("-starts_at", "-pk").first(),
    }


def event_page_context(event: Event) -> dict:
    """Return the context of the page of an event and of its preview, which may have no occurrences yet."""
    occurrences = Occurrence.objects.filter(event=event.pk)
    coming = list(occurrences.not_over()[: NEXT_DATES + 1])
    gone = occurrences.past().first()
    shown = coming[0] if coming else gone
    for occurrence in [*coming, *([gone] if gone else [])]:
        occurrence.event = event
    return {
        "event": event,
        "calendar": event.calendar,
        "occurrence": shown,
        "coming": coming[:NEXT_DATES],
        "has_more": len(coming) > NEXT_DATES,
        "is_past": not coming,
        "rule_in_words": describe_rule(event),
        "structured_data": event_data(event, coming[:NEXT_DATES] or ([gone] if gone else [])),
        "breadcrumbs": breadcrumbs(SECTION, (event.calendar.name, event.calendar.get_absolute_url()), (event.title, "")),
        "canonical_url": event.full_url,
        "social_image": social_image(event),
    }


def social_image(event: Event) -> str:
    """Return the URL of the generated image of an event, or an empty string if the font lacks a character of its title."""
    if not event.pk or not is_drawable(event.title):
        return ""
    return settings.BASE_URL + reverse("events:event_image", args=[event.calendar.slug, event.pk])
