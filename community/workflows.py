"""Submission and publication of stories."""

from django.db import transaction

from cms.moderation import workflow
from users.models import User

from . import emails
from .models import StoryIndexPage, StoryPage


@transaction.atomic
def submit(story: StoryPage, *, by: User) -> None:
    """Put a story before the moderators, for the first time or again."""
    if story.pk is None:
        story.submitter = by
        story.live, story.has_unpublished_changes = False, True
        StoryIndexPage.objects.get().add_child(instance=story)
    workflow.submit(story, by=by)
    emails.tell_author(emails.RECEIVED, story)
    emails.tell_moderators(story)
