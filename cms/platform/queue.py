"""The task queue: tasks leave after the commit, and a queue server that is down never fails a save."""

import logging
from typing import Any

from django.db import transaction
from django_rq.queues import DjangoRQ
from redis.exceptions import RedisError
from rq.job import Job

from . import tracing

logger = logging.getLogger(__name__)


class OnCommitQueue(DjangoRQ):
    """An RQ queue for the task backend, which by itself enqueues in the middle of the transaction."""

    def enqueue_job(self, job: Job, pipeline: Any = None, at_front: bool = False, unique: bool = False) -> Job:  # noqa: FBT001, FBT002 -- RQ's signature.
        if pipeline is not None:
            return super().enqueue_job(job, pipeline=pipeline, at_front=at_front, unique=unique)

        job.meta |= tracing.carrier()

        def push() -> None:
            try:
                super(OnCommitQueue, self).enqueue_job(job, at_front=at_front, unique=unique)
            except RedisError:
                logger.exception("The queue is out of reach: %s runs in process.", job.func_name)
                job.func.using(backend="in_process").enqueue(*job.args, **job.kwargs)

        transaction.on_commit(push)
        return job
