"""Jobs on the admin home and in the moderation queue of all sections."""

from collections.abc import Callable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from cms.editor.dashboard import DashboardItem, counts, register
from cms.moderation.queue import Queue, QueueItem, items_of, register_queue
from cms.platform.text import parse_int
from users.models import User

from .duplicates import get_duplicates
from .models import Job, SavedReply, Status
from .queue import MAY_MODERATE, apply_action, get_outcome

SUCCESS_MESSAGES = {"approve": "“{}” is live.", "reject": "Changes requested for “{}”.", "remove": "“{}” was removed as spam."}


def get_queue_items(user: User) -> list[QueueItem]:
    return [
        QueueItem(
            pk=job.pk,
            title=str(job),
            since=job.queued_at or job.created_at,
            by=job.submitted_by.get_username() if job.submitted_by else "",
            preview_url=reverse("jobs:job_preview", args=[job.pk]) + "?frame",
            url=f"{reverse('job_queue:index')}?job={job.pk}",
            note=gettext("Changes to a live job") if job.proposed_revision_id else "",
            version=str(job.latest_revision_id or ""),
        )
        for job in Job.objects.in_queue().select_related("submitted_by")
        if not job.question_pending_since
    ]


def make_action(name: str) -> Callable[[int, User, str, str], str]:
    def perform(pk: int, by: User, message: str, seen: str) -> str:
        job = Job.objects.get(pk=pk)
        apply_action(job, name, by=by, message=message, seen=parse_int(seen))
        return SUCCESS_MESSAGES[name].format(job)

    return perform


def get_saved_replies() -> list[tuple[str, str]]:
    return list(SavedReply.objects.values_list("title", "text"))


# Days that a job may wait for a moderator before the home page marks it.
DAYS_UNTIL_WARNING = 3


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    found = items_of("jobs", user)
    questions, live = counts(
        Job.objects.in_queue().filter(question_pending_since__isnull=False),
        Job.objects.filter(status=Status.APPROVED, expires_at__gt=at),
    )
    oldest = max(((at - item.since).days for item in found), default=0)
    text = gettext("to review")
    if oldest:
        text = ngettext("to review (oldest: %(days)s day)", "to review (oldest: %(days)s days)", oldest) % {"days": oldest}
    return [
        DashboardItem(text, len(found), reverse("job_queue:index"), "warn" if oldest >= DAYS_UNTIL_WARNING else ""),
        DashboardItem(gettext("waiting for a reply from the poster"), questions, reverse("job_queue:index")),
        DashboardItem("live jobs", live, reverse("jobs_job:index")),
    ]


register("jobs", "Jobs", permission=MAY_MODERATE, items=get_dashboard_items, order=40)
register_queue(
    Queue(
        "jobs",
        "Job",
        MAY_MODERATE,
        get_queue_items,
        {name: make_action(name) for name in ("approve", "reject", "remove")},
        get_saved_replies,
        get_duplicates,
        get_outcome,
        spam_effects=lambda pk: Job.objects.select_related("submitted_by").get(pk=pk).describe_spam_effects(),
    )
)
