"""Events in the dashboard and in the moderation queue."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from wagtail.log_actions import log

from cms.editor.dashboard import DashboardItem, register
from cms.moderation import workflow
from cms.moderation.queue import Queue, QueueItem, items_of, register_queue
from users.models import User

from . import workflows
from .models import Event, EventSavedReply, SyncRun

MAY_MODERATE = "events.change_event"


def waiting(user: User) -> list[QueueItem]:
    return [
        QueueItem(
            pk=event.pk,
            title=event.title,
            since=state.current_task_state.started_at,
            by=state.requested_by.get_username() if state.requested_by else "",
            preview_url=reverse("wagtailsnippets_events_event:revisions_view", args=[event.pk, event.latest_revision_id]),
            url=reverse("wagtailsnippets_events_event:review", args=[event.pk]),
            note="Change of a published event" if event.live else "",
            version=str(event.latest_revision_id),
        )
        for event, state in workflow.waiting(Event, user)
    ]


def read_again(pk: int, seen: str) -> Event:
    event = Event.objects.select_for_update(of=("self",)).get(pk=pk)
    workflow.refuse_unread(event, seen)
    return event


@transaction.atomic
def approve(pk: int, by: User, message: str, seen: str) -> str:
    event = read_again(pk, seen)
    workflows.approve(event, by=by)
    return f"“{event.title}” is published."


@transaction.atomic
def request_changes(pk: int, by: User, message: str, seen: str) -> str:
    event = read_again(pk, seen)
    workflows.request_changes(event, by=by, reason=message)
    return f"“{event.title}” is back with its submitter."


@transaction.atomic
def remove(pk: int, by: User, message: str, seen: str) -> str:
    """Delete a submission that was never published, without an email to its submitter."""
    event = read_again(pk, seen)
    if event.live:
        raise ValidationError("This event is published. Cancel it instead, or send the change back.")
    log(instance=event, action="wagtail.delete", user=by)
    event.delete()
    return f"“{event.title}” is removed."


def replies() -> list[tuple[str, str]]:
    return list(EventSavedReply.objects.values_list("title", "text"))


def lines(user: User, at: datetime) -> list[DashboardItem]:
    newest: dict[int, SyncRun] = {}
    for run in SyncRun.objects.select_related("calendar").order_by("calendar", "-started_at")[:500]:
        newest.setdefault(run.calendar_id, run)
    broken = sum(run.status == SyncRun.Status.FAILED for run in newest.values())
    return [
        DashboardItem("submissions to decide", len(items_of("events", user)), reverse("moderation_queue")),
        DashboardItem("calendars that cannot be read", broken, reverse("events_sync"), "stop" if broken else ""),
    ]


register("events", "Events", permission=MAY_MODERATE, items=lines, order=50)
register_queue(
    Queue("events", "Event", MAY_MODERATE, waiting, {"approve": approve, "reject": request_changes, "remove": remove}, replies)
)
