"""Emails about stories. Staff can change their templates in the admin."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from cms.content.addresses import fresh_url, team_email
from cms.email.registry import declare
from cms.email.sending import send
from cms.moderation import workflow

EXAMPLE = {"title": "Weather maps in ten minutes", "name": "Ada Byron", "url": "https://www.python.org/success-stories/mine/"}
PUBLIC_EXAMPLE = EXAMPLE | {"url": "https://www.python.org/success-stories/weather-maps-in-ten-minutes/"}
REVIEW_EXAMPLE = EXAMPLE | {"url": "https://www.python.org/admin/moderation-queue/?item=stories-1"}
RECEIVED = declare("community.story_received", example=EXAMPLE)
RETURNED = declare("community.story_returned", example=EXAMPLE | {"reason": "Please describe what you built with Python."})
PUBLISHED = declare("community.story_published", example=PUBLIC_EXAMPLE)
TO_REVIEW = declare(
    "community.story_to_review",
    example=REVIEW_EXAMPLE
    | {"company": "Tidewater Maps", "category": "Science", "quote": "We stopped guessing.", "text": "We began …"},
)


CHANGE_RECEIVED = declare("community.story_change_received", example=EXAMPLE)
CHANGE_PUBLISHED = declare("community.story_changed", example=PUBLIC_EXAMPLE)
CHANGE_TO_REVIEW = declare(
    "community.story_change_to_review",
    example=REVIEW_EXAMPLE | {"changes": "Title:\n− Weather maps\n+ Weather maps in ten minutes"},
)
PUBLIC = (PUBLISHED, CHANGE_PUBLISHED)


def tell_author(email_type: Any, story: Any, **variables: str) -> None:
    """Email the submitter of a story, or its author once it is published. Stories written by staff have neither.

    The submitter may enter any address as the author's, so nothing is sent there until an editor has approved the story.
    """
    submitter = story.submitter.email if story.submitter else ""
    recipient = (story.author_email or submitter) if email_type in PUBLIC else submitter
    if not recipient:
        return
    url = settings.BASE_URL + (story.get_absolute_url() if email_type in PUBLIC else reverse("stories:mine"))
    if email_type is CHANGE_PUBLISHED:
        url = fresh_url(url, story.live_revision_id)
    name = story.author.partition(",")[0] or (story.submitter.display_name if story.submitter else "")
    values = {"title": story.title, "name": name, "url": url} | variables
    send(email_type, to=[recipient], about=story, variables=values, reply_to=team_email("stories"))


def tell_moderators(story: Any, *, changes: str = "") -> None:
    """Email the submission, or its changes, and a link to its review to the moderators. Replies go to the author."""
    variables = {
        "title": story.title,
        "name": story.author,
        "company": story.organisation,
        "category": story.category.name,
        "quote": story.pull_quote,
        "text": story.text,
        "changes": changes,
        "url": f"{settings.BASE_URL}{reverse('moderation_queue')}?item=stories-{story.pk}",
    }
    for person in workflow.reviewers(story.current_workflow_task_state):
        email_type = CHANGE_TO_REVIEW if changes else TO_REVIEW
        send(email_type, to=[person.email], about=story, variables=variables, reply_to=story.author_email)
