"""Events in the dashboard and in the moderation queue."""

from datetime import datetime

from django.urls import reverse
from wagtail.log_actions import log

from cms.editor.dashboard import DashboardItem, register
from cms.moderation.queue import items_of, register_queue
from cms.moderation.submission_queue import build_submission_queue
from users.models import User

from .models import Event, EventSavedReply, SyncRun

MAY_MODERATE = "events.change_event"


def get_urls(event: Event) -> tuple[str, str]:
    revision = reverse("wagtailsnippets_events_event:revisions_view", args=[event.pk, event.latest_revision_id])
    return revision, reverse("wagtailsnippets_events_event:review", args=[event.pk])


def delete_event(event: Event, by: User) -> None:
    log(instance=event, action="wagtail.delete", user=by)
    event.delete()


def get_replies() -> list[tuple[str, str]]:
    return list(EventSavedReply.objects.values_list("title", "text"))


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    newest: dict[int, SyncRun] = {}
    for run in SyncRun.objects.select_related("calendar").order_by("calendar", "-started_at")[:500]:
        newest.setdefault(run.calendar_id, run)
    broken = sum(run.status == SyncRun.Status.FAILED for run in newest.values())
    return [
        DashboardItem("submissions to review", len(items_of("events", user)), reverse("moderation_queue")),
        DashboardItem("calendars that cannot be imported", broken, reverse("events_sync"), "stop" if broken else ""),
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
    )
)
