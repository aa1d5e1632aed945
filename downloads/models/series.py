from datetime import date, datetime
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from cms.delivery import purging


def long_date(day: date | None) -> str:
    return date_format(day, "M j, Y") if day else ""


class ReleaseSeriesQuerySet(models.QuerySet["ReleaseSeries"]):
    def newest_first(self) -> Self:
        return self.order_by("-major", "-minor")

    def with_first_published(self, also: models.Model | None = None) -> Self:
        """Annotate `first_published`, the date of the first release of any stage. `also` as in ReleaseQuerySet.visible."""
        public = models.Q(releases__live=True) | models.Q(releases=also) if also else models.Q(releases__live=True)
        return self.annotate(first_published=models.Min("releases__release_date", filter=public))

    def supported(self, at: datetime | None = None) -> Self:
        """Return release series that get fixes, including those not released yet."""
        today = (at or timezone.now()).date()
        return self.filter(models.Q(end_of_security__isnull=True) | models.Q(end_of_security__gt=today))


class ReleaseSeries(ClusterableModel):
    """Release series such as 3.14. Its status follows from its dates."""

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
        help_text=_("Release date of X.Y.0, also if it is in the future. Until then, the version is a pre-release."),
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

    def status(self, at: datetime | date | None = None) -> Status:
        """Return the status at a moment (default: now). A date is the first day of the status that it starts."""
        today = at or timezone.now()
        if isinstance(today, datetime):
            today = today.date()
        if self.end_of_security and today >= self.end_of_security:
            return self.Status.ENDED
        if self.first_release is None or today < self.first_release:
            return self.Status.PRE_RELEASE
        if self.end_of_bugfixes and today >= self.end_of_bugfixes:
            return self.Status.SECURITY
        return self.Status.BUGFIX

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
            text = (
                gettext("First stable release planned for %(first)s.")
                if self.first_release
                else gettext("No stable release yet.")
            )
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


purging.register(ReleaseSeries, purges=lambda _: ["downloads"])
purging.register(PlannedRelease, purges=lambda _: ["downloads"])
