from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks import StructValue
from wagtail.snippets.blocks import SnippetChooserBlock

from cms.delivery import surrogate_keys

from . import months
from .models import Event, Occurrence
from .templatetags.events import next_occurrences

GROUP = "Events"


def add_surrogate_key(context: dict) -> None:
    """Add the surrogate key of events to the page that shows the block."""
    if request := context.get("request"):
        surrogate_keys.add_keys(request, "events")


class UpcomingEventsBlock(blocks.StructBlock):
    """Next events of all calendars or of one calendar."""

    heading = blocks.CharBlock(default="Upcoming events", max_length=100)
    calendar = blocks.CharBlock(required=False, max_length=100, help_text=_("Slug of a calendar. Empty for all calendars."))
    count = blocks.IntegerBlock(default=5, min_value=1, max_value=20)
    featured = blocks.BooleanBlock(required=False, label=_("Featured events only"))

    def get_context(self, value: StructValue, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        add_surrogate_key(context)
        context["occurrences"] = next_occurrences(value["count"], value["calendar"], featured=bool(value["featured"]))
        return context

    class Meta:
        icon = "calendar-alt"
        group = GROUP
        description = _("The next events of all calendars or of one")
        template = "events/blocks/upcoming_events.html"
        preview_value = {"heading": "Upcoming events", "calendar": "", "count": 5, "featured": False}


class EventBlock(blocks.StructBlock):
    """Event with its next date; empty for a draft."""

    event = SnippetChooserBlock(Event)

    def get_context(self, value: StructValue, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        add_surrogate_key(context)
        event = value.get("event")
        dates = Occurrence.objects.visible().with_events().filter(event=event) if event else Occurrence.objects.none()
        context["occurrence"] = dates.not_over().first() or dates.past().first()
        return context

    class Meta:
        icon = "calendar"
        group = GROUP
        description = _("One event with its next date")
        template = "events/blocks/event.html"


class CalendarMonthBlock(blocks.StructBlock):
    """Events of the current month."""

    calendar = blocks.CharBlock(required=False, max_length=100, help_text=_("Slug of a calendar. Empty for all calendars."))

    def get_context(self, value: StructValue, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        add_surrogate_key(context)
        today = timezone.now().date()
        weeks = months.weeks_of(today.year, today.month)
        found = Occurrence.objects.visible().with_events().between(weeks[0][0], weeks[-1][-1])
        if value.get("calendar"):
            found = found.filter(event__calendar__slug=value["calendar"])
        _ongoing, occurrences = months.split_ongoing(found)
        days = months.days_of([day for week in weeks for day in week], occurrences, month=today.month, today=today)
        context |= {"month": date(today.year, today.month, 1), "weeks": [days[at : at + 7] for at in range(0, len(days), 7)]}
        return context

    class Meta:
        icon = "calendar"
        group = GROUP
        description = _("The current month with a link for each day that has events")
        template = "events/blocks/calendar_month.html"
        preview_value = {"calendar": ""}
