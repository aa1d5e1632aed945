from users.personal import register

from .models import Status

register(
    "jobs",
    "Jobs",
    url="jobs:job_mine",
    rows=lambda user: user.jobs.order_by("-created_at"),
    export=["id", "title", "company_name", "description", "requirements", "status", "email", "created_at", "expires_at"],
    state=lambda job: job.get_status_display(),
    # Those who apply write to this address, as long as the advert is public.
    forget=lambda user: user.jobs.exclude(status=Status.APPROVED).update(email=""),
)
