from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SyncRunQuerySet(models.QuerySet["SyncRun"]):
    def waiting(self) -> Self:
        """Return runs that are waiting for confirmation."""
        return self.filter(status__in=[SyncRun.Status.HELD, SyncRun.Status.PREVIEW])


class SyncRun(models.Model):
    """Import of a remote calendar with its results, its warnings, and the data to apply or undo it."""

    class Status(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        UNCHANGED = "unchanged", _("No changes")
        FAILED = "failed", _("Failed")
        HELD = "held", _("Held back")
        PREVIEW = "preview", _("Preview")
        DISCARDED = "discarded", _("Discarded")
        SUPERSEDED = "superseded", _("Superseded")
        UNDONE = "undone", _("Undone")

    calendar = models.ForeignKey("events.Calendar", on_delete=models.CASCADE, related_name="runs")
    status = models.CharField(max_length=10, choices=Status, default=Status.RUNNING)
    started_at = models.DateTimeField(auto_now_add=True, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    removed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True, help_text=_("Why the import failed or was held back."))
    problems = models.JSONField(default=list, help_text=_("One sentence for each event that could not be imported."))
    warnings = models.JSONField(
        default=list, db_default=[], help_text=_("Assumptions of the import: UID, title and sentence for each.")
    )
    # Changes as `cms.platform.holding.Change`. Pending runs also have the data of each event.
    changes = models.JSONField(default=list, db_default=[], editable=False)
    # The imported values before the run, by the ID of each event; null for events that the run added.
    before = models.JSONField(default=dict, db_default={}, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    decided_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SyncRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.calendar}, {self.started_at:%b %-d, %Y, %H:%M} UTC"

    @property
    def is_waiting(self) -> bool:
        return self.status in {self.Status.HELD, self.Status.PREVIEW}

    @property
    def can_be_undone(self) -> bool:
        """Return whether this is the last run of its calendar that changed anything."""
        if self.status != self.Status.DONE or not self.before:
            return False
        later = SyncRun.objects.filter(calendar=self.calendar_id, pk__gt=self.pk, status=self.Status.DONE)
        return not later.exclude(before={}).exists()

    def numbers(self) -> dict[str, int]:
        """Return how many events the run adds, changes and removes, or would if applied."""
        actions = [change["action"] for change in self.changes]
        return {action: actions.count(action) for action in ("add", "change", "remove")}

    def visible_changes(self) -> list[dict[str, Any]]:
        """Return the changes that visitors notice, removals first."""
        order = {"remove": 0, "add": 1, "change": 2}
        shown = [change for change in self.changes if change["fields"] or change["action"] != "change"]
        return sorted(shown, key=lambda change: (order[change["action"]], change["title"].lower()))
