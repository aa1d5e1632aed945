"""Jobs on the admin home and in the moderation queue of all sections."""

from collections.abc import Callable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cms.editor.dashboard import Action, DashboardItem, counts, register
from cms.moderation.queue import Queue, QueueItem, register_queue
from cms.platform.text import parse_int
from users.models import User

from .duplicates import get_duplicates
from .models import Job, SavedReply
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


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    questions, live = counts(Job.objects.waiting_for_poster(), Job.objects.visible(at))
    url = reverse("jobs_job:index")
    return [
        DashboardItem(
            ngettext("job waiting for a reply from the poster", "jobs waiting for a reply from the poster", questions),
            questions,
            f"{url}?shown=question",
        ),
        DashboardItem(ngettext("live job", "live jobs", live), live, f"{url}?shown=live"),
    ]


def get_actions(user: User, at: datetime) -> list[Action]:
    return [
        Action(_("Job queue"), reverse("job_queue:index")),
        Action(_("All jobs"), reverse("jobs_job:index")),
        Action(_("Monthly jobs report"), reverse("job_report:index")),
    ]


register("jobs", _("Jobs"), permission=MAY_MODERATE, items=get_dashboard_items, actions=get_actions, order=40)
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
