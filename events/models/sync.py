from django.db import models
from django.utils.translation import gettext_lazy as _


class SyncRun(models.Model):
    """Import of a remote calendar with its results."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        UNCHANGED = "unchanged", _("No changes")
        FAILED = "failed", _("Failed")

    calendar = models.ForeignKey("events.Calendar", on_delete=models.CASCADE, related_name="runs")
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    started_at = models.DateTimeField(auto_now_add=True, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True, help_text=_("Why the import failed."))
    problems = models.JSONField(default=list, help_text=_("One sentence for each event that could not be imported."))

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.calendar}, {self.started_at:%Y-%m-%d %H:%M}"
