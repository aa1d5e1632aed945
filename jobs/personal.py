from users.personal import register

register(
    "jobs",
    "Jobs",
    url="jobs:job_mine",
    rows=lambda user: user.jobs.order_by("-created_at"),
    export=["id", "title", "company_name", "description", "requirements", "status", "email", "created_at", "expires_at"],
    state=lambda job: job.get_status_display(),
)
