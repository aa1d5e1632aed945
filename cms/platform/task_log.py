"""Record finished task runs, in process or in a worker."""

import logging
import sys
import traceback
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.dispatch import receiver
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import TaskResult, TaskResultStatus
from django_tasks.signals import task_finished

from .models import PendingTask, TaskRun

logger = logging.getLogger("tasks")
# Wagtail updates its reference index after each save, so only failures of that task are recorded.
ROUTINE = ("wagtail.", "modelsearch.")


@receiver(task_finished)
def write_down(sender: Any, task_result: TaskResult, **kwargs: Any) -> None:
    path = task_result.task.module_path
    has_failed = task_result.status == TaskResultStatus.FAILED
    if connection.needs_rollback or (has_failed and was_abandoned(sender, task_result)):
        return
    PendingTask.objects.filter(result_id=task_result.id).delete()
    # The object of an index task may be deleted before the task runs, and its entries with it.
    if path.startswith(ROUTINE) and (not has_failed or isinstance(sys.exc_info()[1], ObjectDoesNotExist)):
        return
    now = timezone.now()
    facts = {"task": path, "status": "failed" if has_failed else "done", "seconds": seconds_of(task_result)}
    logger.info("%(task)s %(status)s", facts, extra=facts)
    TaskRun.objects.create(
        path=path,
        arguments=list(task_result.args),
        status=TaskRun.Status.FAILED if has_failed else TaskRun.Status.DONE,
        error=sentence_of(task_result) if has_failed else "",
        started_at=task_result.started_at or now,
        finished_at=task_result.finished_at or now,
    )


def was_abandoned(sender: Any, task_result: TaskResult) -> bool:
    """Return whether the worker stopped while the task ran. The sweeper enqueues such a task again."""
    if sender.__name__ != "QueueBackend":
        return False
    backend: Any = task_result.task.get_backend()
    job = backend._get_job(task_result.id)
    return bool(job) and "rq.exceptions.AbandonedJobError" in job.meta.get("_django_tasks_rq_exceptions", [])


def seconds_of(task_result: TaskResult) -> float | None:
    if task_result.started_at is None or task_result.finished_at is None:
        return None
    return round((task_result.finished_at - task_result.started_at).total_seconds(), 3)


def sentence_of(task_result: TaskResult) -> str:
    """Return the last line of the newest error, which is its message. The log has the full traceback.

    A worker calls the receivers of this signal while it handles the exception, and stores the error in the result later.
    """
    error = sys.exc_info()[1]
    if error is not None and not task_result.errors:
        lines = traceback.format_exception_only(error)
    else:
        lines = [line for failure in task_result.errors for line in failure.traceback.strip().splitlines()]
    return lines[-1].strip()[:500] if lines else "The task ended without an error message."


def run_again(run: TaskRun) -> None:
    """Enqueue a task again with the same arguments. Raises ImportError if the task no longer exists."""
    import_string(run.path).enqueue(*run.arguments)
    TaskRun.objects.filter(pk=run.pk).update(run_again_at=timezone.now())
