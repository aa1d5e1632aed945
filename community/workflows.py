"""Submission and publication of stories."""

from django.db import transaction
from django.urls import reverse

from cms.moderation import workflow
from cms.moderation.changes import describe_changes
from users.models import User

from . import emails
from .changes import get_changes
from .models import StoryIndexPage, StoryPage


def list_drafts(user: User) -> list[dict[str, str]]:
    """Return title and edit URL of the user's stories that were not submitted yet."""
    found = workflow.find_drafts(StoryPage.objects.filter(submitter=user))
    return [{"title": story.title, "url": reverse("stories:edit", args=[story.pk])} for story in found]


def add_page(story: StoryPage, *, by: User) -> None:
    """Add a new story to the page tree as a draft."""
    if story.pk is None:
        story.submitter = by
        story.live, story.has_unpublished_changes = False, True
        StoryIndexPage.objects.get().add_child(instance=story)


@transaction.atomic
def save_draft(story: StoryPage, *, by: User) -> None:
    """Save a story as a draft for its author."""
    add_page(story, by=by)
    workflow.save_draft(story, by=by)


@transaction.atomic
def submit(story: StoryPage, *, by: User) -> None:
    """Submit a story for moderation, for the first time or again."""
    add_page(story, by=by)
    workflow.submit(story, by=by)
    changes = describe_changes(workflow.find_changes(story, get_changes)) if story.live else ""
    emails.tell_author(emails.CHANGE_RECEIVED if story.live else emails.RECEIVED, story)
    emails.tell_moderators(story, changes=changes)
