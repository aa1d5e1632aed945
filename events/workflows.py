"""Moderation of submitted events, with emails to submitters and moderators."""

from datetime import timedelta
from typing import Any

from django.apps import apps as installed
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from cms.email.models import about_key
from cms.moderation import duplicates, workflow
from cms.moderation.changes import describe_changes
from users.models import User

from . import emails
from .changes import get_changes
from .models import Event
from .recurrence import check_year

WORKFLOW = "Event moderation"
# Shorter words occur in too many titles.
SHORTEST_WORD = 5


def make_workflow(sender: Any, **kwargs: Any) -> None:
    """Create the workflow of submitted events after the last migration."""
    if sender != [config for config in installed.get_app_configs() if config.models_module][-1]:
        return
    workflow.ensure_workflow(Event, name=WORKFLOW, roles=[emails.MODERATORS, "Site admins"])


def list_drafts(user: User) -> list[dict[str, str]]:
    """Return title and edit URL of the user's events that were not submitted yet."""
    found = workflow.find_drafts(Event.objects.filter(submitter=user))
    return [{"title": event.title, "url": reverse("events:edit_submission", args=[event.pk])} for event in found]


@transaction.atomic
def submit(event: Event, *, by: User) -> None:
    """Submit an event for moderation, for the first time or again."""
    event.rejection = ""
    workflow.submit(event, by=by)
    changes = describe_changes(workflow.find_changes(event, get_changes)) if event.live else ""
    emails.email_submitter(emails.CHANGE_RECEIVED if event.live else emails.RECEIVED, event)
    emails.email_moderators(event, changes=changes)


@transaction.atomic
def approve(event: Event, *, by: User) -> None:
    """Publish the reviewed revision."""
    workflow.approve(event, by=by)


@transaction.atomic
def request_changes(event: Event, *, by: User, reason: str) -> None:
    """Request changes from the submitter. Raises ValidationError without a message."""
    workflow.request_changes(event, by=by, reason=reason)


@transaction.atomic
def reject(event: Event, *, by: User, reason: str) -> None:
    """Reject an event. The submitter can change it and submit it again."""
    workflow.open_task(event, by=by)
    if not reason.strip():
        raise ValidationError(_("Enter a reason. The submitter receives it."))
    event.current_workflow_state.cancel(user=by)
    Event.objects.filter(pk=event.pk).update(rejection=reason)
    log(instance=event, action="wagtail.edit", user=by)
    emails.email_submitter(emails.REJECTED, event, reason=reason)


def email_cancellation(event: Event) -> None:
    """Email the submitter, once, that the event was canceled."""
    if event.status == Event.Status.CANCELLED:
        emails.email_submitter(emails.CANCELLED, event, effect=about_key(event), note=event.status_note)


def possible_duplicates(event: Event) -> QuerySet[Event]:
    """Return events on similar dates that share a word in the title, the location or the website."""
    try:
        check_year(event.start_date)
    except ValidationError:
        return Event.objects.none()
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


def rated_duplicates(event: Event) -> list[tuple[Event, int]]:
    """Return possible duplicates, most similar first, with the similarity of their titles and websites as a percentage."""
    pairs = [
        (other, duplicates.score([(event.title, other.title, 3), (event.url, other.url, 1), (event.place, other.place, 1)]))
        for other in possible_duplicates(event)
    ]
    return sorted(pairs, key=lambda pair: -pair[1])
