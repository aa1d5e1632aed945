"""Dashboard and queue items of the community."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from wagtail.log_actions import log

from cms.editor.dashboard import DashboardItem, register
from cms.moderation import workflow
from cms.moderation.queue import Queue, QueueItem, items_of, register_queue
from users.models import User

from .models import Feed, StoryPage, StorySavedReply

MAY_MODERATE = "community.view_storycategory"


def waiting(user: User) -> list[QueueItem]:
    return [
        QueueItem(
            pk=story.pk,
            title=story.title,
            since=state.current_task_state.started_at,
            by=state.requested_by.get_username() if state.requested_by else "",
            preview_url=reverse("wagtailadmin_pages:view_draft", args=[story.pk]),
            url=reverse("wagtailadmin_pages:edit", args=[story.pk]),
            note="Change of a published story" if story.live else "",
            version=str(story.latest_revision_id),
        )
        for story, state in workflow.waiting(StoryPage, user)
    ]


def read_again(pk: int, seen: str) -> StoryPage:
    story = StoryPage.objects.select_for_update(of=("self",)).get(pk=pk)
    workflow.refuse_unread(story, seen)
    return story


@transaction.atomic
def approve(pk: int, by: User, message: str, seen: str) -> str:
    story = read_again(pk, seen)
    workflow.approve(story, by=by)
    return f"“{story.title}” is published."


@transaction.atomic
def request_changes(pk: int, by: User, message: str, seen: str) -> str:
    story = read_again(pk, seen)
    workflow.request_changes(story, by=by, reason=message)
    return f"“{story.title}” is back with its author."


@transaction.atomic
def remove(pk: int, by: User, message: str, seen: str) -> str:
    """Delete spam that was never public, without an email to its sender."""
    story = read_again(pk, seen)
    workflow.open_task(story, by=by)
    if story.live:
        raise ValidationError("This story is published. Unpublish it instead, or send the change back.")
    log(instance=story, action="wagtail.delete", user=by, deleted=True)
    story.delete(user=by)
    return f"“{story.title}” is removed."


def replies() -> list[tuple[str, str]]:
    return list(StorySavedReply.objects.values_list("title", "text"))


def lines(user: User, at: datetime) -> list[DashboardItem]:
    broken = Feed.objects.filter(active=True).exclude(error="").count()
    return [
        DashboardItem("stories to decide", len(items_of("stories", user)), reverse("moderation_queue")),
        DashboardItem("feeds that cannot be read", broken, reverse("community_feeds"), "stop" if broken else ""),
    ]


register("community", "Community", permission=MAY_MODERATE, items=lines, order=60)
register_queue(
    Queue("stories", "Story", MAY_MODERATE, waiting, {"approve": approve, "reject": request_changes, "remove": remove}, replies)
)
