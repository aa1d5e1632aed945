"""From what the public sends to an event in the calendar. Each act tells whom it concerns by mail."""

from datetime import timedelta

from django.apps import apps as installed
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from wagtail.log_actions import log
from wagtail.models import WorkflowState

from cms import moderation
from cms.emails import about_key
from cms.models import SentMail

from . import emails
from .models import Event

WORKFLOW = "Moderation of events"
# Shorter words stand in many titles.
SHORTEST_WORD = 5


def make_workflow(sender, **kwargs) -> None:
    """After the last app has made its tables: the workflow that submitted events go through."""
    if sender != [config for config in installed.get_app_configs() if config.models_module][-1]:
        return
    group, _ = installed.get_model("auth", "Group").objects.get_or_create(name=emails.MODERATORS)
    moderation.ensure_workflow(Event, name=WORKFLOW, group=group)


@transaction.atomic
def submit(event: Event, *, by) -> None:
    """Put an event that the public has written before the moderators, for the first time or again."""
    event.rejection = ""
    moderation.submit(event, by=by)
    emails.tell_submitter(emails.RECEIVED, event)
    emails.tell_moderators(event)


def _task_state(event: Event, by):
    """What the moderator may decide about now. Raises ValidationError where there is nothing."""
    state = event.current_workflow_state
    task_state = event.current_workflow_task_state
    if state is None or state.status != WorkflowState.STATUS_IN_PROGRESS or task_state is None:
        raise ValidationError("This event does not wait for a decision any more.")
    if not task_state.task.specific.get_actions(event, by):
        raise ValidationError("You cannot decide about this event: it is your own, or you are not among its moderators.")
    return task_state


@transaction.atomic
def approve(event: Event, *, by) -> None:
    """Publish what was reviewed."""
    task_state = _task_state(event, by)
    task_state.task.specific.on_action(task_state, by, "approve")


@transaction.atomic
def send_back(event: Event, *, by, reason: str) -> None:
    """Ask the submitter something. Raises ValidationError without a question."""
    task_state = _task_state(event, by)
    if not reason.strip():
        raise ValidationError("Say why. The submitter reads this, and can mend it.")
    task_state.task.specific.on_action(task_state, by, "reject", comment=reason)


@transaction.atomic
def reject(event: Event, *, by, reason: str) -> None:
    """Decide against an event. The submitter keeps it, and may change it and send it again."""
    _task_state(event, by)
    if not reason.strip():
        raise ValidationError("Say why. The submitter reads this.")
    event.current_workflow_state.cancel(user=by)
    Event.objects.filter(pk=event.pk).update(rejection=reason)
    log(instance=event, action="wagtail.edit", user=by)
    emails.tell_submitter(emails.REJECTED, event, reason=reason)


def tell_of_cancellation(event: Event) -> None:
    """Tell the submitter, once, that the event was cancelled."""
    if event.status == Event.Status.CANCELLED:
        told = SentMail.objects.filter(key=emails.CANCELLED.key, about=about_key(event))
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
