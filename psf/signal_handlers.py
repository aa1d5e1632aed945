"""Receivers that email staff about reviews of minutes and work groups."""

from typing import Any

from wagtail.models import Page
from wagtail.signals import task_submitted, workflow_approved, workflow_rejected

from users.models import User

from . import emails
from .models import MinutesPage, WorkGroupPage


def page_of(state: Any) -> Any:
    """Return the page of a workflow state if it is a page of the PSF, else None."""
    page = state.content_object
    return page.specific if isinstance(page, Page) and page.specific_class in {MinutesPage, WorkGroupPage} else None


def tell_of_submission(sender: Any, instance: Any, user: User | None = None, **kwargs: Any) -> None:
    if page := page_of(instance.workflow_state):
        emails.tell_reviewers(page, instance, by=user)


def tell_of_publication(sender: Any, instance: Any, **kwargs: Any) -> None:
    if page := page_of(instance):
        emails.tell_writer(emails.PUBLISHED, page, instance.requested_by)


def tell_of_return(sender: Any, instance: Any, **kwargs: Any) -> None:
    if page := page_of(instance):
        emails.tell_writer(emails.RETURNED, page, instance.requested_by, reason=instance.current_task_state.comment)


def connect() -> None:
    task_submitted.connect(tell_of_submission, dispatch_uid="psf-submitted")
    workflow_approved.connect(tell_of_publication, dispatch_uid="psf-published")
    workflow_rejected.connect(tell_of_return, dispatch_uid="psf-returned")
