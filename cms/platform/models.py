from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone

DAYS_OF_SUCCESS = 3
DAYS_OF_FAILURE = 30


class TaskRunQuerySet(models.QuerySet):
    def failed(self) -> Self:
        return self.filter(status=TaskRun.Status.FAILED)

    def unattended(self) -> Self:
        """Return failures that were not run again yet."""
        return self.failed().filter(run_again_at=None)

    def forgettable(self, at: datetime | None = None) -> Self:
        at = at or timezone.now()
        old_success = models.Q(status=TaskRun.Status.DONE, finished_at__lt=at - timedelta(days=DAYS_OF_SUCCESS))
        return self.filter(old_success | models.Q(finished_at__lt=at - timedelta(days=DAYS_OF_FAILURE)))


class TaskRun(models.Model):
    """A finished task run, successful or failed. Written by `cms.platform.task_log`; staff can run a failed task again."""

    class Status(models.TextChoices):
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    path = models.CharField("task", max_length=200, db_index=True)
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
        return f"{self.path}, {self.finished_at:%-d %B %Y, %H:%M} UTC"

    @property
    def seconds(self) -> float:
        return round((self.finished_at - self.started_at).total_seconds(), 2)
