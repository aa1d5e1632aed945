"""Events in the dashboard and in the moderation queue."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext
from wagtail.log_actions import log

from cms.editor.dashboard import DashboardItem, counts, register
from cms.moderation.duplicates import Duplicate, rank
from cms.moderation.queue import items_of, register_queue
from cms.moderation.submission_queue import build_submission_queue
from users.models import User

from .changes import get_changes
from .models import Calendar, Event, EventSavedReply, SyncRun
from .models.calendars import FAILURES_OF_BROKEN
from .workflows import rated_duplicates

MAY_MODERATE = "events.change_event"


def get_urls(event: Event) -> tuple[str, str]:
    revision = reverse("wagtailsnippets_events_event:revisions_view", args=[event.pk, event.latest_revision_id])
    return revision, reverse("wagtailsnippets_events_event:review", args=[event.pk])


def delete_event(event: Event, by: User) -> None:
    log(instance=event, action="wagtail.delete", user=by)
    event.delete()


def get_replies() -> list[tuple[str, str]]:
    return list(EventSavedReply.objects.values_list("title", "text"))


def get_duplicates(event: Event) -> list[Duplicate]:
    return rank(
        (
            other,
            score,
            reverse("wagtailsnippets_events_event:edit", args=[other.pk]),
            f"{other.start_date:%b %-d, %Y}, {other.calendar}",
        )
        for other, score in rated_duplicates(event)
    )


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    broken, held = counts(
        Calendar.objects.exclude(url="").filter(failures__gte=FAILURES_OF_BROKEN),
        SyncRun.objects.filter(status=SyncRun.Status.HELD),
    )
    return [
        DashboardItem(gettext("submissions to review"), len(items_of("events", user)), reverse("moderation_queue")),
        DashboardItem(gettext("calendars that cannot be imported"), broken, reverse("events_sync"), "stop" if broken else ""),
        DashboardItem(gettext("imports held back"), held, reverse("events_sync"), "warn" if held else ""),
    ]


register("events", "Events", permission=MAY_MODERATE, items=get_dashboard_items, order=50)
register_queue(
    build_submission_queue(
        Event,
        key="events",
        permission=MAY_MODERATE,
        urls=get_urls,
        delete=delete_event,
        take_down="Cancel",
        replies=get_replies,
        duplicates=get_duplicates,
        compare=get_changes,
    )
)
