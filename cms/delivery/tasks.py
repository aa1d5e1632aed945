from datetime import timedelta
from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from django_tasks import task

from cms.delivery import live_checks
from cms.delivery.models import RETENTION_DAYS, LiveCheck, PlaceCheck, Purge
from cms.platform.schedules import scheduled

from .sending import purge_done, send_purge


@scheduled("* * * * *")
@task(queue_name="purge", backend="aside")
def check_live_urls() -> None:
    """Recheck published URLs until the new version is visible: for one hour on this site, and for one day on external sites."""
    for check in LiveCheck.objects.due():
        live_checks.check_live_url(check)
    for place in PlaceCheck.objects.due():
        live_checks.check_place(place)


@receiver(purge_done)
def check_after_purge(**kwargs: Any) -> None:
    check_live_urls.enqueue()


@scheduled("* * * * *")
@task()
def retry_purges() -> None:
    """Retry failed purges for up to one day, and resend purges that were lost while the queue was down."""
    for pk in Purge.objects.due_again().values_list("pk", flat=True):
        send_purge.enqueue(pk)


@scheduled("30 3 * * *")
@task()
def delete_old_purges() -> None:
    Purge.objects.filter(created_at__lt=timezone.now() - timedelta(days=RETENTION_DAYS)).delete()
    LiveCheck.objects.forgettable().delete()
