"""What Wagtail tells of the moderation of events, passed on to the submitters."""

from typing import Any

from wagtail.signals import published, workflow_approved, workflow_rejected

from . import emails, workflows
from .models import Event


def tell_of_approval(sender: Any, instance: Any, **kwargs: Any) -> None:
    event = instance.content_object
    if isinstance(event, Event):
        emails.tell_submitter(emails.APPROVED, event)


def tell_of_return(sender: Any, instance: Any, **kwargs: Any) -> None:
    event = instance.content_object
    if isinstance(event, Event):
        emails.tell_submitter(emails.RETURNED, event, reason=instance.current_task_state.comment)


def look_for_cancellation(sender: Any, instance: Event, **kwargs: Any) -> None:
    workflows.tell_of_cancellation(instance)


def connect() -> None:
    workflow_approved.connect(tell_of_approval, dispatch_uid="events-approved")
    workflow_rejected.connect(tell_of_return, dispatch_uid="events-returned")
    published.connect(look_for_cancellation, sender=Event, dispatch_uid="events-cancelled")
