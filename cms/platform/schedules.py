"""Scheduled tasks. Apps declare the schedule beside the task::

    @scheduled("*/5 * * * *")
    @task()
    def import_feeds(): ...

`manage.py rqcron cms.platform.cron` runs the schedule on Redis; `manage.py run_schedules`, called every minute, runs it without.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from croniter import croniter
from django_tasks.base import Task


@dataclass(frozen=True)
class Schedule:
    """A task and its five cron fields, in UTC."""

    cron: str
    task: Task

    def is_due(self, at: datetime) -> bool:
        return croniter.match(self.cron, at)


SCHEDULES: dict[str, Schedule] = {}


def scheduled(cron: str) -> Callable[[Task], Task]:
    """Run a task by the clock. Raises ValueError when the cron fields make no sense."""
    croniter(cron)

    def register(task: Task) -> Task:
        SCHEDULES[task.module_path] = Schedule(cron, task)
        return task

    return register


def enqueue(module_path: str) -> None:
    """Enqueue one scheduled task; the plain function that the scheduler's own queue carries."""
    SCHEDULES[module_path].task.enqueue()
