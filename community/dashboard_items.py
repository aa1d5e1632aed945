"""Stories and feeds in the dashboard, stories in the moderation queue."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.log_actions import log

from cms.editor.dashboard import Action, DashboardItem, register
from cms.editor.work import add_page_action
from cms.moderation.duplicates import Duplicate, rank, score
from cms.moderation.queue import register_queue
from cms.moderation.submission_queue import build_submission_queue
from users.models import User

from .changes import get_changes
from .models import Feed, StoryIndexPage, StoryPage, StorySavedReply

# The newest stories that a submission is compared with.
COMPARED = 300
MAY_MODERATE = "community.view_storycategory"


def get_urls(story: StoryPage) -> tuple[str, str]:
    return reverse("wagtailadmin_pages:view_draft", args=[story.pk]), reverse("wagtailadmin_pages:edit", args=[story.pk])


def delete_story(story: StoryPage, by: User) -> None:
    log(instance=story, action="wagtail.delete", user=by, deleted=True)
    story.delete(user=by)


def get_replies() -> list[tuple[str, str]]:
    return list(StorySavedReply.objects.values_list("title", "text"))


def get_duplicates(story: StoryPage) -> list[Duplicate]:
    """Return stories with a similar title and text, or of the same company with a similar title."""
    others = StoryPage.objects.exclude(pk=story.pk).select_related("company").defer("body").order_by("-pk")[:COMPARED]
    return rank(
        (
            other,
            score([(story.title, other.title, 3), (story.text, other.text, 2), (story.organisation, other.organisation, 1)]),
            reverse("wagtailadmin_pages:edit", args=[other.pk]),
            f"{other.organisation}{'' if other.live else ' (not published)'}",
        )
        for other in others
    )


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    broken = Feed.objects.broken().count()
    return [
        DashboardItem(
            ngettext("feed that cannot be read", "feeds that cannot be read", broken),
            broken,
            f"{reverse('community_feeds')}?show=broken",
            "stop",
        )
    ]


def get_actions(user: User, at: datetime) -> list[Action]:
    return [
        *add_page_action(user, StoryIndexPage.objects.live().first(), StoryPage, _("Add a success story")),
        *([Action(_("Feed health"), reverse("community_feeds"))] if user.has_perm("community.view_feed") else []),
    ]


register("community", _("Community"), permission=MAY_MODERATE, items=get_dashboard_items, actions=get_actions, order=60)
register_queue(
    build_submission_queue(
        StoryPage,
        key="stories",
        permission=MAY_MODERATE,
        urls=get_urls,
        delete=delete_story,
        take_down="Unpublish",
        replies=get_replies,
        duplicates=get_duplicates,
        compare=get_changes,
    )
)
