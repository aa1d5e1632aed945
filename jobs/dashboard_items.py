"""What waits on the job board, for the first screen of the admin and the queue over all sections."""

from django.template.defaultfilters import pluralize
from django.urls import reverse

from cms.editor.dashboard import DashboardItem, counts, register
from cms.moderation.queue import Queue, QueueItem, items_of, register_queue
from users.models import User

from .models import CannedReply, Job, Status
from .queue import MAY_MODERATE, act_on, number

SENTENCES = {"approve": "“{}” is live.", "reject": "“{}” is back with its poster.", "remove": "“{}” is removed as spam."}


def waiting(user: User) -> list[QueueItem]:
    return [
        QueueItem(
            pk=job.pk,
            title=str(job),
            since=job.waits_since or job.created_at,
            by=job.submitted_by.get_username() if job.submitted_by else "",
            preview_url=reverse("jobs:job_preview", args=[job.pk]) + "?frame",
            url=f"{reverse('job_queue:index')}?job={job.pk}",
            note="Change of a live advert" if job.proposed_revision_id else "",
            version=str(job.latest_revision_id or ""),
        )
        for job in Job.objects.in_queue().select_related("submitted_by")
        if not job.asked_at
    ]


def act(name: str):
    def perform(pk: int, by, words: str, seen: str) -> str:
        job = Job.objects.get(pk=pk)
        act_on(job, name, by=by, words=words, seen=number(seen))
        return SENTENCES[name].format(job)

    return perform


def replies() -> list[tuple[str, str]]:
    return list(CannedReply.objects.values_list("title", "text"))


def lines(user: User, at) -> list[DashboardItem]:
    found = items_of("jobs", user)
    asked, live = counts(
        Job.objects.in_queue().filter(asked_at__isnull=False), Job.objects.filter(status=Status.APPROVED, expires_at__gt=at)
    )
    oldest = max(((at - item.since).days for item in found), default=0)
    age = f", the oldest for {oldest} day{pluralize(oldest)}" if oldest else ""
    return [
        DashboardItem(f"to decide{age}", len(found), reverse("job_queue:index"), "warn" if oldest >= 3 else ""),  # noqa: PLR2004
        DashboardItem("asked, and the poster has not answered yet", asked, reverse("job_queue:index")),
        DashboardItem("live adverts", live, reverse("jobs_job:index")),
    ]


register("jobs", "Jobs", permission=MAY_MODERATE, items=lines, order=40)
register_queue(
    Queue("jobs", "Job", MAY_MODERATE, waiting, {name: act(name) for name in ("approve", "reject", "remove")}, replies)
)
