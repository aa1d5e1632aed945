from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django_tasks import task

from cms.delivery import purging
from cms.platform.schedules import scheduled

from . import reminders
from .models import Deal


@scheduled("30 6 * * *")
@task()
def remind_sponsors() -> None:
    """Remind sponsors of what they owe us, and of agreements that wait."""
    reminders.send_due()
    reminders.remind_unsigned()


@scheduled("2 0 * * *")
@task()
def follow_the_calendar() -> None:
    """A deal begins and ends by the clock: pages that show logos are made anew on those days."""
    today = timezone.localdate()
    if Deal.objects.filter(Q(starts_on=today) | Q(ends_on=today - timedelta(days=1))).exists():
        purging.purge("sponsors")
