"""Background threads for tasks of installations without a queue."""

import threading
from contextvars import copy_context
from typing import Any

from django.db import connections
from django_tasks.backends.immediate import ImmediateBackend


class ThreadBackend(ImmediateBackend):
    """Task backend that runs each task in a thread. Schedules repeat what is lost when the process ends."""

    def _execute_task(self, task_result: Any) -> None:
        def run() -> None:
            try:
                super(ThreadBackend, self)._execute_task(task_result)
            finally:
                connections.close_all()

        # The context carries the id of the request.
        threading.Thread(target=copy_context().run, args=(run,), name=f"task {task_result.task.module_path}", daemon=True).start()
