from django.urls import reverse

from users.models import User
from users.personal import clean_versions, register

from .models import Job, Status


def clear_emails(user: User) -> None:
    """Erase email addresses from jobs that are not live, and former ones from versions of live jobs.

    Live jobs keep their address, because applicants need it.
    """
    over = user.jobs.exclude(status=Status.APPROVED)
    over.update(email="")
    clean_versions(over, email="")
    for job in user.jobs.filter(status=Status.APPROVED):
        clean_versions(user.jobs.filter(pk=job.pk), email=job.email)


def clear_emails_of_former_accounts() -> None:
    """Erase email addresses of deleted accounts from jobs that are no longer live."""
    over = Job.objects.of_former_accounts().exclude(status=Status.APPROVED).exclude(email="")
    clean_versions(over, email="")
    over.update(email="")


register(
    "jobs",
    "Jobs",
    url="jobs:job_mine",
    rows=lambda user: user.jobs.order_by("-created_at"),
    link=lambda job: reverse("jobs:job_preview", args=[job.pk]),
    export=["id", "title", "company_name", "description", "requirements", "status", "email", "created_at", "expires_at"],
    state=lambda job: job.state_label,
    forget=clear_emails,
)
