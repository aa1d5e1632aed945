"""Admin of events: events with the recurrence builder, calendars and saved replies. Other lists are in `registers.py`."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, OuterRef, Subquery
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.models import WorkflowState
from wagtail.snippets.views import snippets

from cms.editor.listings import ChipColumn
from cms.editor.saved_replies import SavedReplyViewSet
from cms.email.panels import EmailsPanel
from cms.platform.dates import show_date
from events.models.events import EventQuerySet

from .admin_views import CalendarIndexView, DatesView, ReviewView
from .filtersets import EventFilterSet
from .forms import EventForm
from .models import Calendar, Event, EventSavedReply, Occurrence
from .panels import DatesPanel, DuplicatesPanel, ImportPanel
from .registers import CategoryAdmin, LocationAdmin


def state(event: Event) -> tuple[str, str]:
    """Return the state of an event and its color. The queryset of the list adds `review_status`."""
    if event.review_status == WorkflowState.STATUS_IN_PROGRESS:
        return gettext("To review"), "warn"
    if event.review_status == WorkflowState.STATUS_NEEDS_CHANGES:
        return gettext("Changes requested"), "info"
    if event.archived_at:
        return "Archived", "quiet"
    if not event.live:
        return "Draft", "quiet"
    if event.status != Event.Status.SCHEDULED:
        return event.get_status_display(), "warn"
    return "Published", "ok"


def next_date(event: Event) -> str:
    """Return the next day of the event from `next_on` of the queryset, or the first day of a draft."""
    if event.next_on:
        return show_date(event.next_on, "DATE_FORMAT")
    day = show_date(event.start_date, "DATE_FORMAT")
    return gettext("%(day)s (past)") % {"day": day} if event.live else day


def health(calendar: Calendar) -> tuple[str, str]:
    """Return the status of a calendar's source and its color."""
    if not calendar.url:
        return gettext("Edited here"), "quiet"
    if calendar.failures:
        text = ngettext("Failed once", "Failed %(failures)s times", calendar.failures) % {"failures": calendar.failures}
        return text, "stop" if calendar.is_broken else "warn"
    return ("Healthy", "ok") if calendar.succeeded_at else (gettext("Not imported yet"), "quiet")


class NextColumn(Column):
    cell_template_name = "events/admin/next_cell.html"

    def get_value(self, event: Event) -> dict[str, Any] | None:
        if event.review_status == WorkflowState.STATUS_IN_PROGRESS:
            return {"text": "Review", "url": reverse("wagtailsnippets_events_event:review", args=[event.pk]), "event": event}
        return None


class EventViewSet(snippets.SnippetViewSet):
    model = Event
    icon = "calendar-alt"
    menu_label = _("Events")
    menu_item_is_registered = True
    url_prefix = "events/events"
    create_template_name = "events/admin/event_create.html"
    edit_template_name = "events/admin/event_edit.html"
    filterset_class = EventFilterSet
    search_backend_name = None
    search_fields = ["title", "organiser", "venue__name", "venue__city"]
    list_per_page = 50
    list_display = [
        "title",
        ChipColumn("state", label=_("Status"), accessor=state),
        Column("next_date", label=_("Date"), accessor=next_date, sort_key="start_date", classname="nowrap"),
        Column("calendar", sort_key="calendar__name"),
        Column("place", label=_("Location")),
        Column("submitter", label=_("Submitted by")),
        NextColumn("next", label=_("Next step")),
    ]
    list_export = [
        "title",
        "calendar",
        "start_date",
        "end_date",
        "time_zone",
        "rrule",
        "place",
        "status",
        "live",
        "organiser",
        "url",
    ]
    export_filename = "events"
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldPanel("title"),
                    FieldPanel("calendar"),
                    FieldPanel("description"),
                    FieldPanel("body"),
                    FieldPanel("image"),
                    FieldPanel("categories"),
                    MultiFieldPanel(
                        [FieldPanel("featured"), FieldPanel("featured_order")],
                        heading=_("Featured"),
                        classname="collapsed",
                    ),
                    PublishingPanel(),
                ],
                heading=_("Content"),
            ),
            ObjectList(
                [
                    MultiFieldPanel(
                        [
                            FieldRowPanel([FieldPanel("start_date"), FieldPanel("start_time")]),
                            FieldRowPanel([FieldPanel("end_date"), FieldPanel("end_time")]),
                            FieldPanel("time_zone"),
                        ],
                        heading=_("Date and time"),
                        help_text=_("Times are in the event’s time zone and follow its daylight saving time."),
                    ),
                    MultiFieldPanel(
                        [
                            FieldPanel("repeats"),
                            FieldPanel("interval"),
                            FieldPanel("weekdays"),
                            FieldRowPanel([FieldPanel("nth"), FieldPanel("nth_day")]),
                            FieldRowPanel([FieldPanel("until"), FieldPanel("count")]),
                            FieldPanel("exdates"),
                        ],
                        heading=_("Recurrence"),
                    ),
                    DatesPanel(heading=_("Upcoming dates")),
                    InlinePanel(
                        "overrides",
                        panels=[
                            FieldPanel("original_date"),
                            FieldPanel("cancelled"),
                            FieldPanel("title"),
                            FieldRowPanel([FieldPanel("start_date"), FieldPanel("start_time")]),
                            FieldRowPanel([FieldPanel("end_date"), FieldPanel("end_time")]),
                        ],
                        heading=_("Exceptions"),
                        label=_("exception"),
                        help_text=_("Occurrences that are moved, renamed or canceled."),
                    ),
                    MultiFieldPanel(
                        [FieldPanel("rrule"), FieldPanel("rdates")], heading=_("Recurrence rule"), classname="collapsed"
                    ),
                ],
                heading=_("Dates"),
            ),
            ObjectList(
                [
                    FieldPanel(
                        "venue",
                        help_text=_("To add a location, go to Events → Locations. Leave empty for an online-only event."),
                    ),
                    FieldPanel("online_url"),
                    FieldPanel("organiser"),
                    FieldPanel("url", help_text=_("Event website, for example with the program and tickets.")),
                ],
                heading=_("Location and organizer"),
            ),
            ObjectList(
                [
                    ImportPanel(heading=_("Import")),
                    FieldPanel("status"),
                    FieldPanel("status_note"),
                    FieldPanel("locked_fields", help_text=_("For imported events: fields that imports do not change.")),
                    FieldPanel("uid"),
                    DuplicatesPanel(heading=_("Possible duplicates")),
                    EmailsPanel(heading=_("Emails")),
                ],
                heading=_("Status"),
            ),
        ],
        base_form_class=EventForm,
    )

    def get_queryset(self, request: HttpRequest) -> EventQuerySet:
        states = WorkflowState.objects.filter(
            content_type=ContentType.objects.get_for_model(Event),
            object_id=Cast(OuterRef("pk"), CharField()),
            status__in=[WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES],
        )
        coming = Occurrence.objects.filter(event=OuterRef("pk")).not_over()
        return (
            Event.objects.defer("body", "description", "latest_revision__content")
            .select_related("calendar", "venue", "submitter", "latest_revision")
            .annotate(review_status=Subquery(states.values("status")[:1]), next_on=Subquery(coming.values("starts_on")[:1]))
            .order_by("-start_date", "-pk")
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("dates/", self.construct_view(DatesView), name="dates"),
            path("review/<int:pk>/", self.construct_view(ReviewView), name="review"),
        ]


class CalendarViewSet(ModelViewSet):
    model = Calendar
    name = "events_calendars"
    url_prefix = "events/calendars"
    icon = "calendar"
    menu_label = _("Calendars")
    index_view_class = CalendarIndexView
    copy_view_enabled = False
    list_display = [
        "name",
        "slug",
        Column("url", label=_("Source")),
        "time_zone",
        Column("event_count", label=_("Events"), sort_key="event_count"),
        Column("read_at", label=_("Last import"), sort_key="read_at"),
        ChipColumn("health", accessor=health),
    ]
    search_fields = ["name", "slug"]
    list_export = ["name", "slug", "url", "time_zone", "event_count"]
    export_filename = "calendars"
    panels = [
        MultiFieldPanel(
            [FieldPanel("name"), FieldPanel("slug"), FieldPanel("description"), FieldPanel("colour"), FieldPanel("order")],
            heading=_("Calendar"),
        ),
        MultiFieldPanel(
            [FieldPanel("url"), FieldPanel("time_zone"), FieldPanel("review_imports")],
            heading=_("Source"),
            help_text=_("Import the events of a remote calendar. Without a source, staff and visitors add events here."),
        ),
        MultiFieldPanel([FieldPanel("embed"), FieldPanel("rss"), FieldPanel("twitter")], heading=_("Links")),
    ]


class EventReplyViewSet(SavedReplyViewSet):
    model = EventSavedReply
    url_prefix = "events/replies"


class EventsViewSetGroup(ModelViewSetGroup):
    items = (EventViewSet, CalendarViewSet, EventReplyViewSet)
    menu_label = _("Events")
    menu_icon = "calendar-alt"
    menu_order = 160

    def get_submenu_items(self) -> list[MenuItem]:
        items = super().get_submenu_items()
        registers = [LocationAdmin().get_menu_item(order=10), CategoryAdmin().get_menu_item(order=11)]
        return [*items, *registers, SyncMenuItem("Calendar sync", reverse("events_sync"), icon_name="rotate", order=12)]


class SyncMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("events.view_syncrun")
