"""Receivers that email authors about the moderation of their stories."""

from typing import Any

from wagtail.models import Page, WorkflowState
from wagtail.signals import workflow_approved, workflow_rejected

from cms.moderation import workflow

from . import emails
from .models import StoryPage


def story_of(state: WorkflowState) -> StoryPage | None:
    """Return the story of a workflow state, or None."""
    page = state.content_object
    return page.specific if isinstance(page, Page) and page.specific_class is StoryPage else None


def tell_of_publication(sender: Any, instance: Any, **kwargs: Any) -> None:
    if story := story_of(instance):
        emails.tell_author(emails.CHANGE_PUBLISHED if workflow.is_change(instance) else emails.PUBLISHED, story)


def tell_of_return(sender: Any, instance: Any, **kwargs: Any) -> None:
    if story := story_of(instance):
        emails.tell_author(emails.RETURNED, story, reason=instance.current_task_state.comment)


def connect() -> None:
    workflow_approved.connect(tell_of_publication, dispatch_uid="stories-published")
    workflow_rejected.connect(tell_of_return, dispatch_uid="stories-returned")
