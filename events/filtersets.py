"""Filters of the admin list of events."""

import django_filters as filters
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.forms import RadioSelect
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.models import WorkflowState

from events.models.events import EventQuerySet

from .models import Calendar, Event, Occurrence


def in_review(status: str) -> QuerySet[WorkflowState]:
    """Return the workflow states of an event, for a subquery."""
    return WorkflowState.objects.filter(
        content_type=ContentType.objects.get_for_model(Event),
        object_id=Cast(OuterRef("pk"), CharField()),
        status=status,
    )


class EventFilterSet(WagtailFilterSet):
    review = filters.ChoiceFilter(
        label=_("Submission"),
        choices=[("in_progress", _("To review")), ("needs_changes", _("Changes requested"))],
        method="by_review",
        widget=RadioSelect,
        empty_label=_("All"),
    )
    live = filters.ChoiceFilter(
        label=_("Publication status"),
        choices=[("True", _("Published")), ("False", _("Draft"))],
        widget=RadioSelect,
        empty_label=_("All"),
    )
    calendar = filters.ModelChoiceFilter(queryset=Calendar.objects.all())
    status = filters.ChoiceFilter(label=_("Status"), choices=Event.Status.choices, widget=RadioSelect, empty_label=_("All"))
    featured = filters.ChoiceFilter(choices=[("True", _("Yes")), ("False", _("No"))], widget=RadioSelect, empty_label=_("All"))
    time = filters.ChoiceFilter(
        label=_("Date"),
        choices=[("coming", _("Upcoming")), ("past", _("Past"))],
        method="by_time",
        widget=RadioSelect,
        empty_label=_("All"),
    )

    warnings = filters.ChoiceFilter(
        label=_("Import"),
        choices=[("warnings", _("With warnings")), ("imported", _("Imported")), ("local", _("Edited here"))],
        method="by_import",
        widget=RadioSelect,
        empty_label=_("All"),
    )

    class Meta:
        model = Event
        fields: list[str] = []

    def by_review(self, events: EventQuerySet, name: str, status: str) -> EventQuerySet:
        return events.filter(Exists(in_review(status)))

    def by_import(self, events: EventQuerySet, name: str, value: str) -> EventQuerySet:
        if value == "warnings":
            return events.exclude(import_warnings=[])
        return events.filter(imported_at__isnull=value == "local")

    def by_time(self, events: EventQuerySet, name: str, when: str) -> EventQuerySet:
        coming = Exists(Occurrence.objects.not_over().filter(event=OuterRef("pk")).order_by())
        return events.filter(coming) if when == "coming" else events.filter(~coming)
