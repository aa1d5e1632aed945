"""Emails of the job board. Staff can edit the templates, which all have the same variables."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from cms.content.addresses import fresh_url
from cms.email import drafts
from cms.email.registry import declare
from cms.email.sending import send
from users import identities

from .models import Job, JobBoardSettings

EXAMPLE = {
    "title": "Data engineer",
    "company": "Harbor Analytics",
    "url": "https://www.python.org/jobs/1/",
    "mine_url": "https://www.python.org/jobs/mine/",
    "renew_url": "https://www.python.org/jobs/renew/1:abc/",
    "review_url": "https://www.python.org/admin/jobs/queue/?job=1",
    "until": "May 3, 2026",
    "text": "Please say what Python is used for.",
}
TO_POSTER = (
    *("approved", "rejected", "question", "change_approved", "change_rejected", "comment", "expiring", "renewed", "filled"),
    *("expired", "archived", "withdrawn", "restored"),
)
TO_BOARD = ("submitted", "change_submitted", "answer")
EXAMPLE_TEXTS = {
    "answer": "We use it for our data pipelines.",
    "change_submitted": "Title:\n− Data analyst\n+ Data engineer",
    "comment": "Your logo is too small. You can upload a larger one.",
}
EMAILS = {
    name: declare(f"jobs.{name}", example=EXAMPLE | {"text": EXAMPLE_TEXTS.get(name, EXAMPLE["text"])})
    for name in (*TO_POSTER, *TO_BOARD)
}
drafts.register(EMAILS["rejected"], EMAILS["change_rejected"], EMAILS["archived"], permission="jobs.moderate_job")


def renew_token(job: Job) -> str:
    """Return the signed token of the renewal link. A renewal changes the end date, which invalidates the link."""
    return signing.dumps([job.pk, int(job.expires_at.timestamp()) if job.expires_at else 0], salt="jobs.renew")


def variables(job: Job, text: str) -> dict[str, str]:
    base = settings.BASE_URL
    return {
        "title": job.title,
        "company": job.company_name,
        "url": job.full_url,
        "mine_url": identities.invitation_url(job, reverse("jobs:job_mine")),
        "renew_url": base + reverse("jobs:job_renew_link", args=[renew_token(job)]) if job.expires_at else "",
        "review_url": f"{base}{reverse('job_queue:index')}?job={job.pk}",
        "until": f"{job.expires_at:%B %-d, %Y}" if job.expires_at else "",
        "text": text,
    }


def board_email() -> str:
    return JobBoardSettings.load().board_email


def poster_email(job: Job) -> str:
    """Return the contact email of the job once a moderator has approved it; before that, the email of its poster."""
    if job.approved_at or job.submitted_by is None:
        return job.email
    return job.submitted_by.email


def email_poster(job: Job, name: str, *, text: str = "") -> None:
    to = poster_email(job)
    if not to:
        # The account was deleted together with its email address.
        return
    values = variables(job, text)
    if name in {"change_approved", "renewed"}:
        values["url"] = fresh_url(job.full_url, int(job.updated_at.timestamp()))
    send(EMAILS[name], to=[to], about=job, variables=values, reply_to=board_email())


def email_board(job: Job, name: str, *, text: str = "") -> None:
    send(EMAILS[name], to=[board_email()], about=job, variables=variables(job, text), reply_to=job.email)
