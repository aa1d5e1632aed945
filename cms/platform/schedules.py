"""Scheduled tasks. Apps declare the schedule beside the task::

    @scheduled("*/5 * * * *")
    @task()
    def import_feeds(): ...

`manage.py run_schedules` enqueues each task that became due since it was last enqueued, so that missed runs are run later.
Call it every minute, or once with `--forever`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from croniter import croniter
from django.db import transaction
from django.utils import timezone
from django_tasks.base import Task

from .models import ScheduleState

# Period that the first run of a task covers.
FIRST_PERIOD = timedelta(days=1)


@dataclass(frozen=True)
class Schedule:
    """A task and its five cron fields, in UTC."""

    cron: str
    task: Task

    def is_due(self, at: datetime, since: datetime | None = None) -> bool:
        """Return whether the schedule has a time after `since` (by default a minute ago) and up to `at`."""
        since = since or at.replace(second=0, microsecond=0) - timedelta(microseconds=1)
        return croniter(self.cron, since).get_next(datetime) <= at


SCHEDULES: dict[str, Schedule] = {}


def scheduled(cron: str) -> Callable[[Task], Task]:
    """Run a task on a schedule. Raises ValueError if the cron fields are invalid."""
    croniter(cron)

    def register(task: Task) -> Task:
        SCHEDULES[task.module_path] = Schedule(cron, task)
        return task

    return register


def run_due(at: datetime | None = None) -> list[str]:
    """Enqueue each task that became due since it was last enqueued, and return their paths.

    Several missed runs are replaced by one. The row is locked, so that two schedulers enqueue a task only once.
    """
    at = at or timezone.now()
    known = dict(ScheduleState.objects.values_list("path", "enqueued_at"))
    due = [path for path, schedule in SCHEDULES.items() if schedule.is_due(at, known.get(path))]
    return [path for path in due if enqueue_once(path, at)]


def enqueue_once(path: str, at: datetime) -> bool:
    """Enqueue a task, unless another scheduler has already done so."""
    with transaction.atomic():
        ScheduleState.objects.get_or_create(path=path)
        state = ScheduleState.objects.select_for_update().get(path=path)
        if not SCHEDULES[path].is_due(at, state.enqueued_at):
            return False
        state.enqueued_at = at
        state.save(update_fields=["enqueued_at"])
        enqueue(path)
    return True


def enqueue(module_path: str) -> None:
    """Enqueue one scheduled task now."""
    SCHEDULES[module_path].task.enqueue()


@contextmanager
def since_last_done(task: Task, at: datetime | None = None) -> Iterator[tuple[datetime, datetime]]:
    """Yield the start and end of the period that a task has not looked at yet, and store its end with the body's changes.

    The row is locked, so that a second worker gets the period after that of the first.
    """
    with transaction.atomic():
        ScheduleState.objects.get_or_create(path=task.module_path)
        state = ScheduleState.objects.select_for_update().get(path=task.module_path)
        at = at or timezone.now()
        yield state.done_until or at - FIRST_PERIOD, at
        state.done_until = at
        state.save(update_fields=["done_until"])
