"""What Wagtail tells of the moderation of stories, passed on to their authors."""

from wagtail.signals import workflow_approved, workflow_rejected

from . import emails
from .models import StoryPage


def tell_of_publication(sender, instance, **kwargs):
    story = instance.content_object
    if isinstance(story, StoryPage):
        emails.tell_author(emails.PUBLISHED, story)


def tell_of_return(sender, instance, **kwargs):
    story = instance.content_object
    if isinstance(story, StoryPage):
        emails.tell_author(emails.RETURNED, story, reason=instance.current_task_state.comment)


def connect() -> None:
    workflow_approved.connect(tell_of_publication, dispatch_uid="stories-published")
    workflow_rejected.connect(tell_of_return, dispatch_uid="stories-returned")
