"""Stories and feeds in the dashboard, stories in the moderation queue."""

from datetime import datetime

from django.urls import reverse
from wagtail.log_actions import log

from cms.editor.dashboard import DashboardItem, register
from cms.moderation.queue import items_of, register_queue
from cms.moderation.submission_queue import build_submission_queue
from users.models import User

from .models import Feed, StoryPage, StorySavedReply

MAY_MODERATE = "community.view_storycategory"


def get_urls(story: StoryPage) -> tuple[str, str]:
    return reverse("wagtailadmin_pages:view_draft", args=[story.pk]), reverse("wagtailadmin_pages:edit", args=[story.pk])


def delete_story(story: StoryPage, by: User) -> None:
    log(instance=story, action="wagtail.delete", user=by, deleted=True)
    story.delete(user=by)


def get_replies() -> list[tuple[str, str]]:
    return list(StorySavedReply.objects.values_list("title", "text"))


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    broken = Feed.objects.filter(active=True).exclude(error="").count()
    return [
        DashboardItem("stories to review", len(items_of("stories", user)), reverse("moderation_queue")),
        DashboardItem("feeds that cannot be read", broken, reverse("community_feeds"), "stop" if broken else ""),
    ]


register("community", "Community", permission=MAY_MODERATE, items=get_dashboard_items, order=60)
register_queue(
    build_submission_queue(
        StoryPage,
        key="stories",
        permission=MAY_MODERATE,
        urls=get_urls,
        delete=delete_story,
        take_down="Unpublish",
        replies=get_replies,
    )
)
