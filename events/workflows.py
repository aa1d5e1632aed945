"""From what the public sends to an event in the calendar. Each act tells whom it concerns by mail."""

from datetime import timedelta
from typing import Any

from django.apps import apps as installed
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from wagtail.log_actions import log

from cms.email.models import SentEmail
from cms.email.sending import about_key
from cms.moderation import workflow

from . import emails
from .models import Event

WORKFLOW = "Moderation of events"
# Shorter words stand in many titles.
SHORTEST_WORD = 5


def make_workflow(sender, **kwargs: Any) -> None:
    """After the last app has made its tables: the workflow that submitted events go through."""
    if sender != [config for config in installed.get_app_configs() if config.models_module][-1]:
        return
    workflow.ensure_workflow(Event, name=WORKFLOW, roles=[emails.MODERATORS, "Site admins"])


@transaction.atomic
def submit(event: Event, *, by) -> None:
    """Put an event that the public has written before the moderators, for the first time or again."""
    event.rejection = ""
    workflow.submit(event, by=by)
    emails.tell_submitter(emails.RECEIVED, event)
    emails.tell_moderators(event)


@transaction.atomic
def approve(event: Event, *, by) -> None:
    """Publish what was reviewed."""
    workflow.approve(event, by=by)


@transaction.atomic
def send_back(event: Event, *, by, reason: str) -> None:
    """Ask the submitter something. Raises ValidationError without a question."""
    workflow.send_back(event, by=by, reason=reason)


@transaction.atomic
def reject(event: Event, *, by, reason: str) -> None:
    """Decide against an event. The submitter keeps it, and may change it and send it again."""
    workflow.open_task(event, by=by)
    if not reason.strip():
        raise ValidationError("Say why. The submitter reads this.")
    event.current_workflow_state.cancel(user=by)
    Event.objects.filter(pk=event.pk).update(rejection=reason)
    log(instance=event, action="wagtail.edit", user=by)
    emails.tell_submitter(emails.REJECTED, event, reason=reason)


def tell_of_cancellation(event: Event) -> None:
    """Tell the submitter, once, that the event was cancelled."""
    if event.status == Event.Status.CANCELLED:
        told = SentEmail.objects.filter(key=emails.CANCELLED.key, about=about_key(event))
        if not told.exists():
            emails.tell_submitter(emails.CANCELLED, event, note=event.status_note)


def possible_duplicates(event: Event):
    """Other events of about the same days that share a word of the title, the place or the website."""
    if not event.start_date:
        return Event.objects.none()
    alike = Q(url=event.url) if event.url else Q(pk=None)
    if event.venue_id:
        alike |= Q(venue=event.venue_id)
    for word in event.title.split():
        if len(word) >= SHORTEST_WORD:
            alike |= Q(title__icontains=word)
    near = Q(start_date__range=(event.start_date - timedelta(days=3), event.start_date + timedelta(days=3)))
    return Event.objects.filter(near & alike).exclude(pk=event.pk).select_related("calendar", "venue")[:10]
