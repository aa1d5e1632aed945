"""Filters of the admin list of events."""

import django_filters as filters
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.forms import RadioSelect
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
        label="Submission",
        choices=[("in_progress", "To review"), ("needs_changes", "With the submitter")],
        method="by_review",
        widget=RadioSelect,
        empty_label="All",
    )
    live = filters.ChoiceFilter(
        label="State", choices=[("True", "Published"), ("False", "Draft")], widget=RadioSelect, empty_label="All"
    )
    calendar = filters.ModelChoiceFilter(queryset=Calendar.objects.all())
    status = filters.ChoiceFilter(label="Takes place", choices=Event.Status.choices, widget=RadioSelect, empty_label="All")
    featured = filters.ChoiceFilter(choices=[("True", "Yes"), ("False", "No")], widget=RadioSelect, empty_label="All")
    time = filters.ChoiceFilter(
        label="When",
        choices=[("coming", "Still to come"), ("past", "Over")],
        method="by_time",
        widget=RadioSelect,
        empty_label="All",
    )

    class Meta:
        model = Event
        fields: list[str] = []

    def by_review(self, events: EventQuerySet, name: str, status: str) -> EventQuerySet:
        return events.filter(Exists(in_review(status)))

    def by_time(self, events: EventQuerySet, name: str, when: str) -> EventQuerySet:
        coming = Exists(Occurrence.objects.not_over().filter(event=OuterRef("pk")).order_by())
        return events.filter(coming) if when == "coming" else events.filter(~coming)
