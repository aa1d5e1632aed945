from django.core.exceptions import ValidationError
from django_tasks import task

from cms.platform.schedules import scheduled

from .models import Job
from .personal import clear_emails_of_former_accounts
from .workflows import warn_poster


@scheduled("15 4 * * *")
@task()
def expire_jobs() -> None:
    """Warn posters whose jobs end soon, expire jobs past their last day and erase email addresses of former accounts."""
    for job in Job.objects.expiring_soon():
        warn_poster(job)
    for job in Job.objects.past_end():
        try:
            job.expire()
        except ValidationError:
            # Renewed or filled since the query.
            continue
    clear_emails_of_former_accounts()
