from django.db.models import Q
from django_tasks import task

from cms.delivery import purging
from cms.platform.schedules import scheduled, since_last_done

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
    """Purge pages with logos when sponsorships have begun or ended since the last run."""
    with since_last_done(purge_changed_sponsorships) as (since, now):
        last_day, today = since.date(), now.date()
        begun = Q(starts_on__gt=last_day, starts_on__lte=today)
        ended = Q(ends_on__gte=last_day, ends_on__lt=today)
        if Sponsorship.objects.filter(begun | ended).exists():
            purging.purge("sponsors")
