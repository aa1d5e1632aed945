"""One id follows a request: through the log, the comment of its SQL, the purges that it sends and the tasks that it leaves."""

import logging
import re
import uuid

from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.http import HttpRequest
from django_tasks.signals import task_started

from .logs import NO_REQUEST, request_id

logger = logging.getLogger("access")
# Safe in a header, in a line of the log and in a comment of SQL.
ACCEPTED = re.compile(r"[A-Za-z0-9_.:=-]{1,128}")


def id_of(request: HttpRequest) -> str:
    """The id that the caller or Amazon's load balancer has given, or a new one."""
    root = request.headers.get("X-Amzn-Trace-Id", "").partition("Root=")[2].partition(";")[0]
    for given in (request.headers.get("X-Request-ID", ""), root):
        if ACCEPTED.fullmatch(given):
            return given
    return uuid.uuid4().hex


def log_request(request: HttpRequest, status: int, seconds: float) -> None:
    """One line for each request. Who asked is told only where the request has found out anyway: that costs a query."""
    user = getattr(request, "_cached_user", None)
    facts = {
        "method": request.method,
        "path": request.path,
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
        "user_id": user.pk if user else None,
    }
    logger.info("%(method)s %(path)s %(status)s %(duration_ms)s ms", facts, extra=facts)


@receiver(task_started)
def follow_request(sender, task_result, **kwargs) -> None:
    """A worker takes over the id of the request that has put the task into the queue; what the clock has put there gets one."""
    if sender.__name__ == "RQBackend":
        # The queue may have been emptied since.
        job = task_result.task.get_backend()._get_job(task_result.id)
        request_id.set((job and job.meta.get("request_id")) or f"task-{task_result.id}")


def name_request(execute, sql, params, many, context):
    """Let PostgreSQL's own log and its view of activity tell which request asked."""
    if (name := request_id.get()) != NO_REQUEST:
        sql = f"/* request {name} */ {sql}"
    return execute(sql, params, many, context)


@receiver(connection_created)
def comment_queries(sender, connection, **kwargs) -> None:
    if connection.vendor == "postgresql" and name_request not in connection.execute_wrappers:
        connection.execute_wrappers.append(name_request)
