"""The mails of the job board. Staff may change the words; all mails know the same variables."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from cms.email.registry import declare
from cms.email.sending import send

EXAMPLE = {
    "title": "Data engineer",
    "company": "Harbour Analytics",
    "url": "https://www.python.org/jobs/1/",
    "mine_url": "https://www.python.org/jobs/mine/",
    "renew_url": "https://www.python.org/jobs/renew/1:abc/",
    "review_url": "https://www.python.org/admin/jobs/queue/?job=1",
    "until": "3 May 2026",
    "text": "Please say what Python is used for.",
}
TO_POSTER = (
    *("approved", "rejected", "asked", "change_approved", "change_rejected", "comment", "expiring", "renewed", "filled"),
    *("expired", "archived", "withdrawn", "restored"),
)
TO_BOARD = ("submitted", "change_submitted", "answer")
MAILS = {name: declare(f"jobs.{name}", example=EXAMPLE) for name in (*TO_POSTER, *TO_BOARD)}


def renew_token(job) -> str:
    """What a link of a mail carries. A renewal sets another end, and so uses the link up."""
    return signing.dumps([job.pk, int(job.expires_at.timestamp())], salt="jobs.renew")


def variables(job, text: str) -> dict[str, str]:
    base = settings.BASE_URL
    return {
        "title": job.title,
        "company": job.company_name,
        "url": job.full_url,
        "mine_url": base + reverse("jobs:job_mine"),
        "renew_url": base + reverse("jobs:job_renew_link", args=[renew_token(job)]) if job.expires_at else "",
        "review_url": f"{base}{reverse('job_queue:index')}?job={job.pk}",
        "until": f"{job.expires_at.day} {job.expires_at:%B %Y}" if job.expires_at else "",
        "text": text,
    }


def board_address() -> str:
    from .models import JobBoardSettings  # noqa: PLC0415 -- the acts of models send these mails.

    return JobBoardSettings.load().board_email


def poster_address(job) -> str:
    """Return the job's contact address once a moderator has approved the job; before that, its poster's own address."""
    if job.approved_at or job.submitted_by is None:
        return job.email
    return job.submitted_by.email


def tell_poster(job, name: str, *, text: str = "") -> None:
    to = poster_address(job)
    if not to:
        # The account has ended, and the address went with it.
        return
    send(MAILS[name], to=[to], about=job, variables=variables(job, text), reply_to=board_address())


def tell_board(job, name: str, *, text: str = "") -> None:
    send(MAILS[name], to=[board_address()], about=job, variables=variables(job, text), reply_to=job.email)
