from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DAYS_OF_SUCCESS = 3
DAYS_OF_FAILURE = 30


# Minutes that a task may wait or run before the sweeper checks whether the queue still has it.
GRACE = timedelta(minutes=2)
# Limits the attempts of a task that crashes its worker.
MAX_ATTEMPTS = 3


class ScheduleState(models.Model):
    """State of a schedule between its runs, written by `cms.platform.schedules`."""

    path = models.CharField(_("task"), max_length=200, primary_key=True)
    enqueued_at = models.DateTimeField(null=True, help_text=_("Time when the schedule last enqueued the task."))
    done_until = models.DateTimeField(null=True, help_text=_("Time up to which the task has processed changes."))

    def __str__(self) -> str:
        return self.path


class PendingTaskQuerySet(models.QuerySet["PendingTask"]):
    def overdue(self, at: datetime | None = None) -> Self:
        return self.filter(enqueued_at__lt=(at or timezone.now()) - GRACE)


class PendingTask(models.Model):
    """A task that was enqueued and has not finished: written in the transaction that enqueues it, deleted when it ends.

    The sweeper (`cms.platform.tasks.resend_lost_tasks`) enqueues what the queue has lost.
    """

    result_id = models.CharField(max_length=64, unique=True)
    path = models.CharField(_("task"), max_length=200)
    arguments = models.JSONField(default=list)
    keywords = models.JSONField(default=dict)
    queue_name = models.CharField(_("queue"), max_length=32)
    backend = models.CharField(max_length=32)
    attempts = models.PositiveSmallIntegerField(default=1)
    first_enqueued_at = models.DateTimeField(default=timezone.now)
    enqueued_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = PendingTaskQuerySet.as_manager()

    class Meta:
        ordering = ["first_enqueued_at", "pk"]

    def __str__(self) -> str:
        return f"{self.path}, waiting since {self.first_enqueued_at:%b %-d, %Y, %H:%M} UTC"


class TaskRunQuerySet(models.QuerySet):
    def failed(self) -> Self:
        return self.filter(status=TaskRun.Status.FAILED)

    def unattended(self) -> Self:
        """Return failed runs that were not repeated yet."""
        return self.failed().filter(run_again_at=None)

    def forgettable(self, at: datetime | None = None) -> Self:
        at = at or timezone.now()
        old_success = models.Q(status=TaskRun.Status.DONE, finished_at__lt=at - timedelta(days=DAYS_OF_SUCCESS))
        return self.filter(old_success | models.Q(finished_at__lt=at - timedelta(days=DAYS_OF_FAILURE)))


class TaskRun(models.Model):
    """A finished task run, successful or failed. Written by `cms.platform.task_log`; staff can run a failed task again."""

    class Status(models.TextChoices):
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    path = models.CharField(_("task"), max_length=200, db_index=True)
    arguments = models.JSONField(default=list, blank=True)
    status = models.CharField(max_length=10, choices=Status)
    error = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(db_index=True)
    run_again_at = models.DateTimeField(null=True, blank=True)

    objects = TaskRunQuerySet.as_manager()

    class Meta:
        ordering = ["-finished_at", "-pk"]
        indexes = [models.Index(fields=["path", "-finished_at"], name="cms_taskrun_path_finished")]

    def __str__(self) -> str:
        return f"{self.path}, {self.finished_at:%b %-d, %Y, %H:%M} UTC"

    @property
    def seconds(self) -> float:
        return round((self.finished_at - self.started_at).total_seconds(), 2)
