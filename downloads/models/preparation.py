"""Preparation of releases: the steps of every release, the checklist of one release, and the templates of its announcements."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.email.models import render_template
from downloads.versions import Stage

from .releases import Release
from .series import ReleaseSeries


class ReleaseType(models.TextChoices):
    """Type of a release, which determines its announcements and steps."""

    ALPHA = "alpha", _("Alpha")
    BETA = "beta", _("Beta")
    CANDIDATE = "rc", _("Release candidate")
    FEATURE = "feature", _("First stable release of a version")
    BUGFIX = "bugfix", _("Bug-fix release")
    SECURITY = "security", _("Security release")


TYPE_OF_STAGE = {Stage.ALPHA: ReleaseType.ALPHA, Stage.BETA: ReleaseType.BETA, Stage.CANDIDATE: ReleaseType.CANDIDATE}


def release_type(release: Release) -> ReleaseType:
    """Return the type of a release from its version and the support status of its series on the release date."""
    if release.stage in TYPE_OF_STAGE:
        return TYPE_OF_STAGE[Stage(release.stage)]
    if release.patch == 0:
        return ReleaseType.FEATURE
    status = release.series.status(release.release_date) if release.series else None
    ended = {ReleaseSeries.Status.SECURITY, ReleaseSeries.Status.ENDED}
    return ReleaseType.SECURITY if status in ended else ReleaseType.BUGFIX


class Purpose(models.TextChoices):
    NOTES = "notes", _("Release notes on this site")
    BLOG = "blog", _("Blog post")
    FORUM = "forum", _("Forum announcement")
    EMAIL = "email", _("Mailing list announcement")
    VENDORS = "vendors", _("Pre-notification for vendors")


class DoneWhen(models.TextChoices):
    """Conditions that this site can check itself."""

    BY_HAND = "", _("Someone marks it as done")
    NOTES = "notes", _("The release has notes")
    FILES = "files", _("It has the files of the previous release")
    VERIFIABLE = "verifiable", _("Every file has a checksum and a signature")
    ON_SERVER = "on-server", _("Every file was found on the server")
    BUTTONS = "buttons", _("The download buttons are set")
    PUBLISHED = "published", _("The release is published")


class AppliesTo(models.TextChoices):
    ALL = "all", _("All releases")
    PRE_RELEASES = "pre-releases", _("Alphas, betas and release candidates")
    STABLE = "stable", _("Stable releases")
    SECURITY = "security", _("Security releases")


def applies_to_type(applies_to: str, kind: ReleaseType) -> bool:
    """Return whether a step or an outlet is for releases of a type."""
    is_pre_release = kind in TYPE_OF_STAGE.values()
    return {
        AppliesTo.ALL: True,
        AppliesTo.PRE_RELEASES: is_pre_release,
        AppliesTo.STABLE: not is_pre_release,
        AppliesTo.SECURITY: kind == ReleaseType.SECURITY,
    }[AppliesTo(applies_to)]


class StepFields(models.Model):
    title = models.CharField(max_length=200, help_text=_("What to do, for example: Build the macOS installer."))
    owner = models.CharField(
        max_length=100, blank=True, help_text=_("Who does it, for example Windows expert. Empty means the release manager.")
    )
    link = models.CharField(
        max_length=500, blank=True, help_text=_("URL to open for this step. Variables: {{ version }}, {{ series }}, {{ slug }}.")
    )
    done_when = models.CharField(
        _("done when"),
        max_length=20,
        choices=DoneWhen,
        blank=True,
        help_text=_("Steps that this site can see are marked as done automatically."),
    )
    order = models.PositiveSmallIntegerField(default=100, help_text=_("Lower numbers come first."))

    class Meta:
        abstract = True


class ReleaseStep(StepFields):
    """Step for releases of some types. A release gets its own checklist when it is started."""

    applies_to = models.CharField(max_length=20, choices=AppliesTo, default=AppliesTo.ALL)
    hours_before = models.SmallIntegerField(
        default=0, help_text=_("Hours before the release when the step is due; negative for steps after the release.")
    )

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("checklist step")
        verbose_name_plural = _("checklist steps")

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        validate_template(self, "link")

    def applies(self, kind: ReleaseType) -> bool:
        """Return whether releases of a type have this step."""
        return applies_to_type(self.applies_to, kind)


class ReleaseTask(StepFields):
    """Step of one release, with its due time and the person who completed it."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="tasks")
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = _("step of a release")
        verbose_name_plural = _("steps of releases")

    def __str__(self) -> str:
        return f"{self.title}, {self.release}"

    def is_overdue(self, at: datetime | None = None) -> bool:
        return self.due_at < (at or timezone.now())


class ReleaseText(models.Model):
    """Template of an announcement of releases of one type."""

    release_type = models.CharField(_("type of release"), max_length=20, choices=ReleaseType)
    purpose = models.CharField(max_length=20, choices=Purpose)
    subject = models.CharField(
        max_length=200, blank=True, help_text=_("Title or subject. Write variables in double braces: {{ name }}.")
    )
    body = models.TextField(
        help_text=_(
            "Plain text, or Markdown if the target site supports it. Variables: {{ name }}, {{ version }}, {{ series }}, "
            "{{ date }}, {{ url }}, {{ notes_url }}, {{ whatsnew_url }}, {{ changelog_url }}, {{ issues_url }}, {{ pep_url }}, "
            "{{ manager }}, {{ files }}, {{ next_release }}, {{ fixes }}, {{ support }}."
        )
    )

    class Meta:
        ordering = ["release_type", "purpose"]
        verbose_name = _("announcement template")
        verbose_name_plural = _("announcement templates")
        constraints = [
            models.UniqueConstraint(
                fields=["release_type", "purpose"],
                name="one_text_for_each_purpose",
                violation_error_message=_("This template already exists. Edit it instead."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()}: {self.get_release_type_display()}"

    def clean(self) -> None:
        for field in ("subject", "body"):
            validate_template(self, field)


class OutletQuerySet(models.QuerySet["Outlet"]):
    def of(self, release: Release) -> list["Outlet"]:
        """Return the active outlets that show a release."""
        kind = release_type(release)
        return [outlet for outlet in self.filter(is_active=True) if applies_to_type(outlet.applies_to, kind)]


class Outlet(models.Model):
    """External place that shows each release, such as an index, the documentation or container images."""

    name = models.CharField(max_length=100, unique=True, help_text=_("For example Install manager index."))
    url = models.CharField(
        _("URL"),
        max_length=500,
        help_text=_("URL to read, with https://. Variables: {{ version }}, {{ series }}, {{ slug }}, {{ name }}."),
    )
    expected = models.CharField(
        _("text to find"),
        max_length=200,
        default="{{ version }}",
        help_text=_("Text that the URL must contain once it shows the release. The same variables."),
    )
    applies_to = models.CharField(max_length=20, choices=AppliesTo, default=AppliesTo.ALL)
    wait_minutes = models.PositiveSmallIntegerField(
        default=60,
        validators=[MaxValueValidator(1440)],
        help_text=_("Minutes after the publication when it counts as late: red on the live status, and an email is sent."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects = OutletQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        for field in ("url", "expected"):
            validate_template(self, field)
        if not self.url.startswith("https://"):
            raise ValidationError({"url": _("Enter a URL that starts with https://.")})


def validate_template(row: models.Model, field: str) -> None:
    """Raise ValidationError if a field has invalid braces."""
    example: dict[str, Any] = {}
    try:
        render_template(getattr(row, field), example)
    except (TemplateSyntaxError, TemplateDoesNotExist) as error:
        raise ValidationError({field: _("The template syntax is not valid: %(error)s.") % {"error": error}}) from error
