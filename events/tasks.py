import logging
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django_tasks import task

from cms.platform.schedules import scheduled

from .models import Calendar, Event, SyncRun
from .sync import sync

logger = logging.getLogger(__name__)
DAYS_OF_RUNS = 60


@task()
def sync_calendar(pk: int) -> None:
    sync(Calendar.objects.get(pk=pk))


@task()
def preview_calendar(pk: int) -> None:
    """Read a calendar and record what an import would change."""
    sync(Calendar.objects.get(pk=pk), preview=True)


@scheduled("17 * * * *")
@task()
def sync_calendars() -> None:
    """Sync every calendar that has a source."""
    for pk in Calendar.objects.exclude(url="").values_list("pk", flat=True):
        sync_calendar.enqueue(pk)


@scheduled("40 2 * * *")
@task()
def renew_occurrences() -> None:
    """Add new dates of recurring events. Events without a recurrence rule already have all their dates."""
    for event in Event.objects.visible().exclude(rrule="").prefetch_related("overrides").iterator(chunk_size=500):
        try:
            event.renew_occurrences()
        except ValidationError:
            # A stored rule that is no longer valid keeps its dates and does not block other events.
            logger.exception("The dates of the event %s cannot be computed.", event.pk)


@scheduled("50 2 * * *")
@task()
def delete_old_runs() -> None:
    SyncRun.objects.filter(started_at__lt=timezone.now() - timedelta(days=DAYS_OF_RUNS)).delete()
