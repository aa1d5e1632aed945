from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from cms.delivery.cached import cached, record_purge

PARALLEL_RUNNING = "parallel-running"


class Section(models.TextChoices):
    """Part of the site that is edited on the previous site or here, but never on both."""

    DOWNLOADS = "downloads", _("Downloads")
    EVENTS = "events", _("Events")
    JOBS = "jobs", _("Jobs")
    SPONSORS = "sponsors", _("Sponsors")
    COMMUNITY = "community", _("Community")
    PSF = "psf", _("PSF")
    PAGES = "pages", _("Pages and site-wide content")


@register_setting(icon="lock", order=900)
class ParallelRunning(BaseGenericSetting):
    """Dates until which sections are edited on the previous site, while both sites run in parallel."""

    previous_site_url = models.URLField(
        _("URL of the previous site"), blank=True, help_text=_("Forms of locked sections link to its admin.")
    )
    downloads_until = models.DateField(Section.DOWNLOADS.label, null=True, blank=True)
    events_until = models.DateField(Section.EVENTS.label, null=True, blank=True)
    jobs_until = models.DateField(Section.JOBS.label, null=True, blank=True)
    sponsors_until = models.DateField(Section.SPONSORS.label, null=True, blank=True)
    community_until = models.DateField(Section.COMMUNITY.label, null=True, blank=True)
    psf_until = models.DateField(Section.PSF.label, null=True, blank=True)
    pages_until = models.DateField(Section.PAGES.label, null=True, blank=True)

    panels = [
        FieldPanel("previous_site_url"),
        MultiFieldPanel(
            [FieldPanel(f"{section}_until") for section in Section],
            heading=_("Edited on the previous site until"),
            help_text=_(
                "Until this date, nobody can change the section here: forms are read-only, and APIs refuse changes. Imports "
                "continue. Delete the date to lift the lock at once."
            ),
        ),
    ]

    class Meta:
        verbose_name = _("parallel running")

    def save(self, **kwargs: Any) -> None:
        super().save(**kwargs)
        transaction.on_commit(lambda: record_purge([PARALLEL_RUNNING]))

    @classmethod
    def dates(cls) -> dict[Section, date]:
        """Return the dates that are set, also those that have passed."""
        row = cls.objects.first()
        found = {section: getattr(row, f"{section}_until", None) for section in Section}
        return {section: until for section, until in found.items() if until}

    @classmethod
    def locks(cls, at: datetime | None = None) -> dict[Section, date]:
        """Return the sections that are edited on the previous site, with the date on which this ends."""
        today = timezone.localdate(at)
        dates = cached(PARALLEL_RUNNING, cls.dates, keys=(PARALLEL_RUNNING,))
        return {section: until for section, until in dates.items() if today < until}

    @classmethod
    def lock(cls, sections: "list[Section]", until: date) -> None:
        """Lock sections until a date."""
        row = cls.load()
        for section in sections:
            setattr(row, f"{section}_until", until)
        row.save()


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
