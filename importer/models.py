from typing import Any

from django.db import models
from django.utils import timezone


class ImportedRow(models.Model):
    """Row imported from the old site, with its digest at the time of the import."""

    label = models.CharField(max_length=100, help_text="Model of the old site, for example pages.page.")
    key = models.CharField(max_length=255, help_text="ID on the old site.")
    digest = models.CharField(max_length=32)
    target = models.CharField(max_length=40, blank=True, help_text="ID on this site, if it differs.")
    rights = models.JSONField(null=True, blank=True, help_text="Permissions of an account or a group at its last import.")
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["label", "key"], name="imported_row_once")]

    def __str__(self) -> str:
        return f"{self.label} {self.key}"

    @staticmethod
    def remember(label: str, digests: dict[str, str], targets: dict[str, Any]) -> None:
        """Record the digests and new IDs of imported rows, by old ID."""
        now = timezone.now()
        ImportedRow.objects.bulk_create(
            [
                ImportedRow(label=label, key=key, digest=digest, target=str(targets.get(key, "")), imported_at=now)
                for key, digest in digests.items()
            ],
            batch_size=500,
            update_conflicts=True,
            unique_fields=["label", "key"],
            update_fields=["digest", "target", "imported_at"],
        )

    @staticmethod
    def targets(label: str) -> dict[str, str]:
        """Return the new IDs of the rows of an old model, by old ID."""
        return dict(ImportedRow.objects.filter(label=label).exclude(target="").values_list("key", "target"))

    @staticmethod
    def remember_rights(label: str, rights: dict[str, dict[str, list[str]]]) -> None:
        """Record the imported permissions of accounts or groups, by old ID."""
        rows = list(ImportedRow.objects.filter(label=label, key__in=rights))
        for row in rows:
            row.rights = rights[row.key]
        ImportedRow.objects.bulk_update(rows, ["rights"], batch_size=500)
