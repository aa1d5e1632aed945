from django.core.exceptions import ValidationError
from django_tasks import task

from cms.platform.schedules import scheduled

from .models import Job
from .personal import forget_addresses_of_former_accounts


@scheduled("15 4 * * *")
@task()
def end_adverts() -> None:
    """Tell posters whose adverts end soon, and end those whose time is over. Each change purges lists, feeds and pages.

    Of posters without an account nothing is kept beyond that day but the advert.
    """
    for job in Job.objects.to_warn():
        job.warn()
    for job in Job.objects.to_expire():
        try:
            job.expire()
        except ValidationError:
            # Somebody has renewed or filled it in the meantime.
            continue
    forget_addresses_of_former_accounts()
