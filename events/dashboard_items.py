"""Events in the dashboard and in the moderation queue."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.log_actions import log

from cms.editor.dashboard import Action, DashboardItem, counts, register
from cms.moderation.duplicates import Duplicate, rank
from cms.moderation.queue import register_queue
from cms.moderation.submission_queue import build_submission_queue
from cms.platform.dates import show_date
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
            f"{show_date(other.start_date)}, {other.calendar}",
        )
        for other, score in rated_duplicates(event)
    )


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    broken, held = counts(
        Calendar.objects.exclude(url="").filter(failures__gte=FAILURES_OF_BROKEN),
        Calendar.objects.filter(pk__in=SyncRun.objects.filter(status=SyncRun.Status.HELD).values("calendar")),
    )
    url = reverse("events_sync")
    return [
        DashboardItem(
            ngettext("calendar that cannot be imported", "calendars that cannot be imported", broken),
            broken,
            f"{url}?show=broken",
            "stop",
        ),
        DashboardItem(ngettext("import held back", "imports held back", held), held, f"{url}?show=held", "warn"),
    ]


def get_actions(user: User, at: datetime) -> list[Action]:
    viewset = Event.snippet_viewset
    return [
        *([Action(_("Add an event"), reverse(viewset.get_url_name("add")))] if user.has_perm("events.add_event") else []),
        Action(_("Events"), reverse(viewset.get_url_name("list"))),
        *([Action(_("Calendar sync"), reverse("events_sync"))] if user.has_perm("events.view_syncrun") else []),
    ]


register("events", _("Events"), permission=MAY_MODERATE, items=get_dashboard_items, actions=get_actions, order=50)
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
