"""Background threads for tasks of installations without a queue, and for those whose queue server is down."""

import threading
from contextvars import copy_context
from typing import Any

from django.db import connections
from django_tasks.backends.immediate import ImmediateBackend
from django_tasks.base import Task

from .models import PendingTask

# Maximum number of concurrent threads. Further tasks remain in the database until the sweeper enqueues them.
MAX_THREADS = 4
_free = threading.BoundedSemaphore(MAX_THREADS)


class ThreadBackend(ImmediateBackend):
    """Task backend that runs each task in a thread. Scheduled tasks repeat work that is lost when the process ends."""

    def _execute_task(self, task_result: Any) -> None:
        def run() -> None:
            try:
                super(ThreadBackend, self)._execute_task(task_result)
            finally:
                connections.close_all()

        _start(run, task_result.task.module_path)


def run_aside(task: Task, result_id: str, args: Any, kwargs: Any) -> None:
    """Run a task of the queue in a thread of this process, if one is free."""
    if not _free.acquire(blocking=False):
        return

    def run() -> None:
        try:
            task.using(backend="in_process").enqueue(*args, **kwargs)
            PendingTask.objects.filter(result_id=result_id).delete()
        finally:
            connections.close_all()
            _free.release()

    _start(run, task.module_path)


def _start(run: Any, name: str) -> None:
    # The context contains the request ID.
    threading.Thread(target=copy_context().run, args=(run,), name=f"task {name}", daemon=True).start()
