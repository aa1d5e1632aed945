from datetime import date, datetime
from functools import cached_property
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from cms.delivery import purging
from cms.platform.dates import show_date
from downloads.versions import Stage

# Filter for stable releases. A series is stable from the date of its first one, regardless of planned dates.
STABLE = {"pre_release": False, "stage": Stage.FINAL}


def long_date(day: date | None) -> str:
    return show_date(day, "DATE_FORMAT") if day else ""


def day_of(at: datetime | date | None) -> date:
    """Return the day of a moment in UTC (default: today)."""
    at = at or timezone.now()
    return at.date() if isinstance(at, datetime) else at


class ReleaseSeriesQuerySet(models.QuerySet["ReleaseSeries"]):
    def newest_first(self) -> Self:
        return self.order_by("-major", "-minor")

    def with_published(self, also: models.Model | None = None) -> Self:
        """Annotate the dates of the first published release and of the first stable one, and whether a later series is stable.

        A status needs these values; without the annotation each row queries them. `also` as in ReleaseQuerySet.visible.
        """
        public = models.Q(releases__live=True) | models.Q(releases=also) if also else models.Q(releases__live=True)
        stable = models.Q(**{f"releases__{field}": value for field, value in STABLE.items()})
        later = self.model.objects.filter(stable, releases__live=True).filter(
            models.Q(major__gt=models.OuterRef("major"))
            | models.Q(major=models.OuterRef("major"), minor__gt=models.OuterRef("minor"))
        )
        return self.annotate(
            first_published=models.Min("releases__release_date", filter=public),
            first_stable=models.Min("releases__release_date", filter=public & stable),
            is_followed=models.Exists(later),
        )


class ReleaseSeries(ClusterableModel):
    """Release series such as 3.14. Its status depends on its published releases and, once it is stable, on its dates.

    A date without a release means "planned" or, once it has passed, "expected".
    """

    class Status(models.TextChoices):
        PRE_RELEASE = "pre-release", _("Pre-release")
        BUGFIX = "bugfix", _("Bug fixes")
        SECURITY = "security", _("Security fixes only")
        ENDED = "end-of-life", _("End of life")

    major = models.PositiveSmallIntegerField()
    minor = models.PositiveSmallIntegerField()
    first_release = models.DateField(
        _("first stable release"),
        null=True,
        blank=True,
        help_text=_(
            "Release date of X.Y.0, even if it is in the future. The version is a pre-release until a stable release is "
            "published; a date that has passed without one is shown as expected."
        ),
    )
    end_of_bugfixes = models.DateField(
        _("end of bug fixes"), null=True, blank=True, help_text=_("From this day, the version receives only security fixes.")
    )
    end_of_security = models.DateField(
        _("end of life"),
        null=True,
        blank=True,
        help_text=_("From this day, the version receives no fixes. Pages and APIs show this automatically."),
    )
    pep = models.PositiveIntegerField(
        _("PEP"), null=True, blank=True, help_text=_("Number of the PEP with the release schedule, for example 745.")
    )
    release_manager = models.CharField(max_length=100, blank=True)
    sigstore_identity = models.EmailField(
        _("Sigstore identity"),
        blank=True,
        help_text=_("Email address that signs the files of this version. It is part of the commands that verify a file."),
    )
    sigstore_issuer = models.URLField(
        _("Sigstore issuer"),
        blank=True,
        help_text=_("Identity provider of that email address, for example https://accounts.google.com."),
    )

    objects = ReleaseSeriesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("release series")
        ordering = ["-major", "-minor"]
        constraints = [
            models.UniqueConstraint(
                fields=["major", "minor"],
                name="one_row_for_each_series",
                violation_error_message=_("This release series already exists."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        dates = [day for day in (self.first_release, self.end_of_bugfixes, self.end_of_security) if day]
        if dates != sorted(dates):
            raise ValidationError(_("The dates must be in this order: first stable release, end of bug fixes, end of life."))

    @property
    def name(self) -> str:
        return f"{self.major}.{self.minor}"

    @property
    def pep_url(self) -> str:
        return f"https://peps.python.org/pep-{self.pep:04}/" if self.pep else ""

    @cached_property
    def first_stable(self) -> datetime | None:
        """Return when the first stable release was published, or None. `with_published` reads it for all rows at once."""
        return self._published["first_stable"]

    @cached_property
    def is_followed(self) -> bool:
        """Return whether a later release series has a stable release."""
        return bool(self._published["is_followed"])

    @cached_property
    def _published(self) -> dict[str, Any]:
        columns = ("first_stable", "is_followed")
        found = ReleaseSeries.objects.with_published().filter(pk=self.pk).values(*columns).first() if self.pk else None
        return found or dict.fromkeys(columns)

    def is_stable(self, at: datetime | date | None = None) -> bool:
        """Return whether a stable release was published at a moment (default: now), or on or before a date."""
        return self.first_stable is not None and self.first_stable.date() <= day_of(at)

    def status(self, at: datetime | date | None = None) -> Status:
        """Return the status at a moment (default: now). A date is the first day of the status that it starts.

        Without a stable release, a release series is a pre-release; it has ended only if a later one has a stable release.
        """
        today = day_of(at)
        is_over = self.end_of_security is not None and today >= self.end_of_security
        if not self.is_stable(at):
            return self.Status.ENDED if is_over and self.is_followed else self.Status.PRE_RELEASE
        if is_over:
            return self.Status.ENDED
        if self.end_of_bugfixes and today >= self.end_of_bugfixes:
            return self.Status.SECURITY
        return self.Status.BUGFIX

    def expectation(self, at: datetime | date | None = None) -> str:
        """Return "planned" or "expected" for the first stable release while there is none, or an empty string."""
        if self.is_stable(at) or self.first_release is None:
            return ""
        return gettext("planned") if day_of(at) < self.first_release else gettext("expected")

    @property
    def has_ended(self) -> bool:
        return self.status() == self.Status.ENDED

    def support(self, at: datetime | date | None = None) -> str:
        """Return a sentence about the support that visitors can expect."""
        status = self.status(at)
        days = {
            "first": long_date(self.first_release),
            "bugfixes": long_date(self.end_of_bugfixes),
            "security": long_date(self.end_of_security),
        }
        if status == self.Status.ENDED:
            text = gettext("End of life since %(security)s.")
        elif status == self.Status.PRE_RELEASE:
            text = gettext("No stable release yet.")
            if self.first_release and day_of(at) < self.first_release:
                text = gettext("First stable release planned for %(first)s.")
            elif self.first_release:
                text = gettext("No stable release yet. It was planned for %(first)s and is expected.")
        elif status == self.Status.SECURITY:
            text = gettext("Security fixes until %(security)s.") if self.end_of_security else gettext("Security fixes.")
        elif self.end_of_bugfixes and self.end_of_security:
            text = gettext("Bug fixes until %(bugfixes)s, then security fixes until %(security)s.")
        elif self.end_of_bugfixes:
            text = gettext("Bug fixes until %(bugfixes)s.")
        else:
            text = gettext("Bug fixes until %(security)s.") if self.end_of_security else gettext("Bug fixes.")
        return text % days


class PlannedRelease(models.Model):
    """Announced release with its expected date."""

    series = ParentalKey(ReleaseSeries, on_delete=models.CASCADE, related_name="planned_releases")
    name = models.CharField(max_length=50, help_text=_("The version, for example 3.15.0rc1."))
    date = models.DateField(help_text=_("Expected release date. Shown on the download page and in the release calendar."))

    class Meta:
        ordering = ["date", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["series", "name"],
                name="one_date_for_each_planned_release",
                violation_error_message=_("This release is already planned."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.date}"

    def is_overdue(self, at: datetime | None = None) -> bool:
        return self.date < day_of(at)


purging.register(ReleaseSeries, purges=lambda _: ["downloads"])
purging.register(PlannedRelease, purges=lambda _: ["downloads"])


def prefetch_series() -> models.Prefetch:
    """Return a prefetch of the series of releases, with the annotations that their status needs."""
    return models.Prefetch("series", ReleaseSeries.objects.with_published())
