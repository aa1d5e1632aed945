"""Receivers of Wagtail's moderation signals, which email submitters."""

from typing import Any

from wagtail.signals import published, workflow_approved, workflow_rejected

from cms.moderation import workflow

from . import emails, workflows
from .models import Event


def email_approval(sender: Any, instance: Any, **kwargs: Any) -> None:
    event = instance.content_object
    if isinstance(event, Event):
        emails.email_submitter(emails.CHANGE_PUBLISHED if workflow.is_change(instance) else emails.APPROVED, event)


def email_return(sender: Any, instance: Any, **kwargs: Any) -> None:
    event = instance.content_object
    if isinstance(event, Event):
        emails.email_submitter(emails.RETURNED, event, reason=instance.current_task_state.comment)


def email_if_cancelled(sender: Any, instance: Event, **kwargs: Any) -> None:
    workflows.email_cancellation(instance)


def connect() -> None:
    workflow_approved.connect(email_approval, dispatch_uid="events-approved")
    workflow_rejected.connect(email_return, dispatch_uid="events-returned")
    published.connect(email_if_cancelled, sender=Event, dispatch_uid="events-cancelled")
