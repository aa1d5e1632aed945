from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def waiting(self) -> Self:
        return self.filter(status=ImportRun.Status.HELD)


class ImportRun(models.Model):
    """Import of external data with its results, its warnings and, while a decision is pending, its changes."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        UNCHANGED = "unchanged", _("No changes")
        FAILED = "failed", _("Failed")
        HELD = "held", _("Held back")
        DISCARDED = "discarded", _("Discarded")
        SUPERSEDED = "superseded", _("Superseded")

    source = models.CharField(max_length=500)
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    started_at = models.DateTimeField(auto_now_add=True, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    # Changes as `cms.platform.holding.Change`.
    changes = models.JSONField(default=list, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-started_at", "-pk"]

    @property
    def is_waiting(self) -> bool:
        return self.status == self.Status.HELD

    def numbers(self) -> dict[str, int]:
        """Return how many entries the run adds, changes and removes, or would if applied."""
        actions = [change["action"] for change in self.changes]
        return {action: actions.count(action) for action in ("add", "change", "remove")}

    def finish(self, status: "ImportRun.Status", at: datetime, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self, name, value)
        self.status, self.finished_at = status, at
        self.save()


class CycleRun(ImportRun):
    """Comparison of the release series with the release cycle of peps.python.org."""

    class Meta(ImportRun.Meta):
        pass

    def __str__(self) -> str:
        return f"Release cycle, {self.started_at:%b %-d, %Y, %H:%M} UTC"

    @classmethod
    def count_differences(cls) -> int:
        """Return the number of differences that the last comparison found and that were not applied, including warnings."""
        last = cls.objects.exclude(status__in=[cls.Status.RUNNING, cls.Status.FAILED]).first()
        if last is None:
            return 0
        is_open = last.status in {cls.Status.HELD, cls.Status.DISCARDED}
        return len(last.warnings) + (len(last.changes) if is_open else 0)
