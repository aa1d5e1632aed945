"""Task queue: each task is stored as a row first and enqueued after the commit. A queue server that is down delays no save."""

import logging
import time
from typing import Any, cast

from django.db import transaction
from django_rq import get_queue
from django_rq.queues import DjangoRQ
from django_tasks_rq import Job as TaskJob
from django_tasks_rq import RQBackend
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus

from . import threads, tracing
from .breaker import CircuitBreaker, CircuitOpenError
from .models import PendingTask

logger = logging.getLogger(__name__)
# Seconds without requests to a queue server that did not respond.
PAUSE = 5
queue_server = CircuitBreaker("The queue server", RedisError, pause=PAUSE)
LATER = {JobStatus.DEFERRED, JobStatus.SCHEDULED}
# Seconds.
MOMENT = 0.2


class OnCommitQueue(DjangoRQ):
    """RQ queue that enqueues after the commit. By itself, the task backend enqueues inside the transaction."""

    def enqueue_job(self, job: Job, pipeline: Any = None, at_front: bool = False, unique: bool = False) -> Job:  # noqa: FBT001, FBT002 -- RQ's signature.
        if pipeline is not None:
            return super().enqueue_job(job, pipeline=pipeline, at_front=at_front, unique=unique)

        job.meta |= tracing.carrier()
        PendingTask.objects.create(
            result_id=job.id,
            path=str(job.func_name),
            arguments=list(job.args),
            keywords=job.kwargs,
            queue_name=self.name,
            backend=job.meta["backend_name"],
        )

        def push() -> None:
            try:
                queue_server.call(super(OnCommitQueue, self).enqueue_job, job, at_front=at_front, unique=unique)
            except (RedisError, CircuitOpenError) as error:
                logger.warning("The queue is unavailable (%s): %s runs in this process.", error, job.func_name)
                threads.run_aside(job.func, job.id, job.args, job.kwargs)

        transaction.on_commit(push)
        return job


class QueueBackend(RQBackend):
    """Task backend of RQ that uses the serializer of the queue. By itself, it reads jobs as pickles."""

    def _get_job(self, result_id: str) -> TaskJob | None:
        return cast("TaskJob | None", find_job(result_id))


def find_job(result_id: str) -> Job | None:
    """Return a job of any queue, or None if Redis does not have it. Raises RedisError while the queue is down."""
    queue = get_queue("default")
    try:
        return TaskJob.fetch(result_id, connection=queue.connection, serializer=queue.serializer)
    except NoSuchJobError:
        return None


def is_in_queue(pending: PendingTask) -> bool:
    """Return whether the queue still holds a task, or a living worker runs it. Raises RedisError while the queue is down.

    The status of a job is not sufficient: a killed worker may leave it as "queued" although no queue contains it.
    """
    job = find_job(pending.result_id)
    if job is None:
        return False
    status, jobs = job.get_status(refresh=False), get_queue(pending.queue_name)
    if status in LATER or jobs.get_job_position(job.id) is not None or is_running(jobs, job.id):
        return True
    if status == JobStatus.QUEUED:
        # A worker removes a job from the list just before it registers the job as started.
        time.sleep(MOMENT)
    return is_running(jobs, job.id)


def is_running(jobs: Queue, job_id: str) -> bool:
    """Return whether a worker runs a job: it renews the entry in the registry every 30 seconds for another 90."""
    registry = jobs.started_job_registry
    entries = jobs.connection.zrangebyscore(registry.key, time.time(), "+inf")
    return job_id in map(registry.parse_job_id, entries)
