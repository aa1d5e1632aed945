"""Scheduled tasks that monitor other tasks and backups."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task

from cms.platform.models import MAX_ATTEMPTS, PendingTask, ScheduleState, TaskRun
from cms.platform.schedules import scheduled

logger = logging.getLogger(__name__)
# Row of ScheduleState in which deploy/backup.py records the time of the newest backup.
BACKUP = "deploy.backup"


@scheduled("35 3 * * *")
@task()
def delete_old_task_runs() -> None:
    TaskRun.objects.forgettable().delete()


def backup_age(at: datetime | None = None) -> timedelta | None:
    """Return the age of the newest backup recorded by deploy/backup.py, or None if there is none."""
    noted = ScheduleState.objects.filter(path=BACKUP).values_list("done_until", flat=True).first()
    return (at or timezone.now()) - noted if noted else None


@scheduled("10 * * * *")
@task()
def check_backup_age() -> None:
    """Log an error for error tracking if the newest backup is older than BACKUP_MAX_AGE_HOURS."""
    if not settings.BACKUP_MAX_AGE_HOURS:
        return
    age = backup_age()
    if age is None:
        logger.error("There is no backup yet.")
    elif age > timedelta(hours=settings.BACKUP_MAX_AGE_HOURS):
        logger.error("The newest backup is %.0f hours old.", age.total_seconds() / 3600)


@scheduled("* * * * *")
@task()
def resend_lost_tasks() -> None:
    """Re-enqueue tasks that the queue has lost or whose worker has stopped."""
    for pk in PendingTask.objects.overdue().values_list("pk", flat=True):
        with transaction.atomic():
            pending = PendingTask.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if pending is not None and not is_alive(pending):
                resend(pending)


def is_alive(pending: PendingTask) -> bool:
    """Return whether the queue still holds a task. Raises RedisError while the queue is down."""
    if not settings.REDIS_URL:
        # The queue server was disabled while it contained tasks.
        return False
    from .queue import is_in_queue  # noqa: PLC0415 -- its libraries are apps of this site only where Redis is.

    return is_in_queue(pending)


def resend(pending: PendingTask) -> None:
    """Enqueue a task again, or record it as failed after too many attempts."""
    pending.delete()
    if pending.attempts >= MAX_ATTEMPTS:
        give_up(pending, f"It was started {pending.attempts} times, and the worker stopped each time.")
        return
    try:
        task_again = import_string(pending.path).using(queue_name=pending.queue_name, backend=pending.backend)
    except ImportError:
        give_up(pending, "This task no longer exists.")
        return
    logger.warning("The queue has lost %s; it is sent again.", pending.path)
    result = task_again.enqueue(*pending.arguments, **pending.keywords)
    PendingTask.objects.filter(result_id=result.id).update(
        attempts=pending.attempts + 1, first_enqueued_at=pending.first_enqueued_at
    )


def give_up(pending: PendingTask, error: str) -> None:
    now = timezone.now()
    logger.error("%s is not started again: %s", pending.path, error)
    TaskRun.objects.create(
        path=pending.path,
        arguments=pending.arguments,
        status=TaskRun.Status.FAILED,
        error=error,
        started_at=pending.first_enqueued_at,
        finished_at=now,
    )
