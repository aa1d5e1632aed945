from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django_tasks import task

from cms.delivery import purging
from cms.platform.schedules import scheduled

from . import reminders
from .models import Sponsorship


@scheduled("30 6 * * *")
@task()
def remind_sponsors() -> None:
    """Remind sponsors of missing assets and unsigned contracts."""
    reminders.send_due()
    reminders.remind_unsigned()


@scheduled("2 0 * * *")
@task()
def purge_changed_sponsorships() -> None:
    """Purge pages with logos when a sponsorship begins or ends."""
    today = timezone.localdate()
    if Sponsorship.objects.filter(Q(starts_on=today) | Q(ends_on=today - timedelta(days=1))).exists():
        purging.purge("sponsors")
