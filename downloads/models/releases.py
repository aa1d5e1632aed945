from copy import copy
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import RowNumber
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, LockableMixin, PreviewableMixin, Revision, RevisionMixin, WorkflowMixin
from wagtail.search import index

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.models.drafts import StaysLiveMixin
from cms.content.presentation import build_context
from cms.delivery import cached, purging
from downloads.versions import Stage, Version, is_install_manager, parse_name
from users.models import User

from .series import STABLE, ReleaseSeries

VERSION_ORDER = ["-major", "-minor", "-patch", "-stage", "-serial", "-pk"]

SORT_FIELDS = ("major", "minor", "patch", "stage", "serial")
# Age from which a draft is history, for example one of an import.
DRAFT_AGE = timedelta(days=180)


class ReleaseQuerySet(models.QuerySet["Release"]):
    def visible(self, also: "Release | None" = None) -> Self:
        """Return published releases, and `also`, a draft that a preview shows as published."""
        return self.filter(models.Q(live=True) | models.Q(pk=also.pk) if also else models.Q(live=True))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return all releases for users who may change releases, otherwise the published ones."""
        return self if user.has_perm("downloads.change_release") else self.visible()

    def recent_drafts(self, at: datetime | None = None) -> Self:
        """Return drafts that someone works on: changed, or planned, within the last months. Older ones are history."""
        since = (at or timezone.now()) - DRAFT_AGE
        return self.filter(models.Q(latest_revision__created_at__gte=since) | models.Q(release_date__gte=since), live=False)

    def stable(self) -> Self:
        return self.filter(**STABLE)

    def pre_releases(self) -> Self:
        return self.exclude(**STABLE)

    def listed(self) -> Self:
        """Return the stable releases on the download page."""
        return self.stable().filter(show_on_download_page=True)

    def by_version(self) -> Self:
        """Return releases by version, newest first; names without a version come last."""
        return self.order_by(*VERSION_ORDER)

    def stable_first(self) -> Self:
        """Return releases by version, newest first, all stable releases before all pre-releases."""
        return self.order_by(models.Case(models.When(**STABLE, then=0), default=1), *VERSION_ORDER)

    def newest_of_each(self, field: str) -> Self:
        """Return the newest visible release for each value of a field, stable releases first."""
        is_stable = models.Case(models.When(**STABLE, then=0), default=1)
        rank = models.Window(RowNumber(), partition_by=[models.F(field)], order_by=[is_stable.asc(), *VERSION_ORDER])
        return self.visible().annotate(rank=rank).filter(rank=1)

    def latest_ids(self) -> set[int]:
        """Return the IDs of the latest release of each version line: stable ones, and the newest install manager of any stage."""
        manager = models.Q(version=Release.Line.INSTALL_MANAGER)
        newest = self.filter(manager | models.Q(**STABLE)).newest_of_each("version")
        return set(newest.order_by().values_list("pk", flat=True))

    def current(self, version: int) -> "Release | None":
        """Return the latest stable release of a version line, or None; for the install manager of any stage if none is stable."""
        of_line = self.visible().filter(version=version)
        if version != Release.Line.INSTALL_MANAGER:
            of_line = of_line.stable()
        return of_line.stable_first().first()

    def current_of_series(self, major: int, minor: int) -> "Release | None":
        """Return the latest release of a release series, or None."""
        return self.visible().filter(series__major=major, series__minor=minor).stable_first().first()

    def current_pre_release(self) -> "Release | None":
        """Return the newest pre-release of Python 3 by date, or None."""
        return self.visible().filter(version=Release.Line.PYTHON_3).pre_releases().order_by("-release_date", "-pk").first()

    def neighbors(self, release: "Release") -> tuple["Release | None", "Release | None"]:
        """Return name and slug of the published releases before and after a release in its series or version line, or None."""
        same = {"series": release.series_id} if release.series_id else {"version": release.version, "series": None}
        rows = list(self.visible().filter(**same).exclude(pk=release.pk).by_version().only("name", "slug", *SORT_FIELDS))
        before = next((row for row in rows if row.sort_key < release.sort_key), None)
        after = next((row for row in reversed(rows) if row.sort_key > release.sort_key), None)
        return before, after

    def security_phase(self) -> Self:
        """Return stable releases from the time when their release series received only security fixes."""
        return self.stable().filter(release_date__date__gte=models.F("series__end_of_bugfixes"))


class Release(
    StaysLiveMixin, WorkflowMixin, DraftStateMixin, LockableMixin, RevisionMixin, PreviewableMixin, index.Indexed, models.Model
):
    """Release of Python or of the install manager, with drafts and revisions. Its files are separate rows outside its
    revisions.
    """

    class Line(models.IntegerChoices):
        PYTHON_1 = 1, "Python 1"
        PYTHON_2 = 2, "Python 2"
        PYTHON_3 = 3, "Python 3"
        INSTALL_MANAGER = 100, _("Python install manager")

    name = models.CharField(
        max_length=200, help_text=_("For example Python 3.14.2 or Python 3.15.0rc1. The version is read from the name.")
    )
    slug = models.SlugField(
        max_length=200,
        unique=True,
        blank=True,
        help_text=_("Last part of the URL /downloads/release/…/. Generated from the name if empty."),
    )
    version = models.PositiveSmallIntegerField(_("version line"), choices=Line, default=Line.PYTHON_3, db_index=True)
    series = models.ForeignKey(ReleaseSeries, null=True, blank=True, on_delete=models.PROTECT, related_name="releases")
    major = models.PositiveSmallIntegerField(default=0, editable=False)
    minor = models.PositiveSmallIntegerField(default=0, editable=False)
    patch = models.PositiveSmallIntegerField(default=0, editable=False)
    stage = models.PositiveSmallIntegerField(choices=Stage, default=Stage.FINAL, editable=False)
    serial = models.PositiveSmallIntegerField(default=0, editable=False)
    live = models.BooleanField(_("published"), default=False, editable=False, db_index=True)
    pre_release = models.BooleanField(
        _("pre-release"),
        default=False,
        help_text=_("An alpha, beta or release candidate. It is never the latest release of a series that has a stable release."),
    )
    show_on_download_page = models.BooleanField(
        _("show on the download page"),
        default=True,
        help_text=_("List the release on the download page. The release page is public either way."),
    )
    practice = models.BooleanField(
        _("practice release"),
        default=False,
        db_default=False,
        help_text=_(
            "For training; never published. Only staff who can edit releases see it on the site, and they can remove it "
            "with one click."
        ),
    )
    release_date = models.DateTimeField(default=timezone.now, db_index=True, help_text=_("Shown to visitors, in UTC."))
    release_notes_url = models.URLField(
        _("release notes URL"),
        max_length=500,
        blank=True,
        help_text=_("URL of the “Release notes” link. Filled in automatically from the version."),
    )
    release_page = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("release page"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Separate page for the release notes. Only old releases have one."),
    )
    body = StreamField(
        BodyBlock(),
        blank=True,
        verbose_name=_("notes"),
        help_text=_("Changes in this release. If empty, the page shows the default text for this type of release."),
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReleaseQuerySet.as_manager()

    search_fields = [
        index.SearchField("name", boost=10),
        index.AutocompleteField("name"),
        index.SearchField("body"),
        index.FilterField("live"),
        index.FilterField("version"),
        index.FilterField("pre_release"),
        index.FilterField("stage"),
        index.FilterField("series_id"),
    ]

    class Meta:
        ordering = ["name"]
        get_latest_by = "release_date"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(practice=False) | models.Q(live=False),
                name="practice_release_is_not_live",
                violation_error_message=_("A practice release cannot be published."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if parse_name(self.name) is None:
            raise ValidationError(
                {"name": gettext("Enter a name such as “Python 3.14.0”, “Python 3.15.0rc1” or “Python install manager 25.2”.")}
            )
        self.read_name(create_series=False)

    def read_name(self, *, create_series: bool = True) -> None:
        """Set slug, version line, release series and version numbers from the name. A name without a version sets only the
        slug.

        Without `create_series` no missing series is created: form validation must not write rows.
        """
        parsed = parse_name(self.name)
        if parsed is None:
            self.slug = self.slug or slugify(self.name)
            return
        self.major, self.minor, self.patch = parsed.major, parsed.minor, parsed.patch
        self.stage, self.serial = parsed.stage, parsed.serial
        if is_install_manager(self.name):
            self.version, self.series = self.Line.INSTALL_MANAGER, None
            self.slug = self.slug or slugify(f"pymanager-{parsed}")
        else:
            self.version = parsed.major
            if self.series is None or self.series.name != parsed.series:
                self.series = ReleaseSeries.objects.filter(major=parsed.major, minor=parsed.minor).first()
            if self.series is None and create_series:
                self.series, _created = ReleaseSeries.objects.get_or_create(major=parsed.major, minor=parsed.minor)
            self.slug = self.slug or slugify(self.name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.practice and self.live:
            raise ValidationError(_("A practice release cannot be published."))
        self.read_name()
        super().save(*args, **kwargs)

    def save_revision(self, *args: Any, **kwargs: Any) -> Revision:
        revision = super().save_revision(*args, **kwargs)
        if not self.live and self.name:
            # The row of a draft is updated from its newest revision, so that scripts find it by its current name.
            self.save()
        return revision

    def get_absolute_url(self) -> str:
        if self.release_page and not self.body:
            return self.release_page.url
        return reverse("downloads:release_detail", args=[self.slug])

    @cached_property
    def parsed_version(self) -> Version | None:
        return parse_name(self.name)

    @property
    def version_string(self) -> str:
        """Return "3.14.0rc2" for "Python 3.14.0rc2", and a name without a version unchanged."""
        return self.name.removeprefix("Python ").removeprefix("install manager ")

    @property
    def is_stable(self) -> bool:
        return not self.pre_release and self.stage == Stage.FINAL

    @property
    def is_install_manager(self) -> bool:
        return self.version == self.Line.INSTALL_MANAGER

    @property
    def is_current(self) -> bool:
        """Return whether this is the latest release of its version line."""
        line = Release.objects.visible().filter(version=self.version).stable_first()
        return cached.cached(f"newest-of-line-{self.version}", line.values_list("pk", flat=True).first, ["downloads"]) == self.pk

    def superseded_by(self) -> "Release | None":
        """Return the release of the same series of Python 3 that replaces this one, or None."""
        if self.series_id is None or self.version != self.Line.PYTHON_3:
            return None
        of_series = Release.objects.visible().filter(series_id=self.series_id).defer("body").stable_first()
        newest = cached.cached(f"newest-of-series-{self.series_id}", of_series.first, ["downloads"])
        if newest is None or newest.pk == self.pk or newest.sort_key <= self.sort_key:
            return None
        return newest

    @property
    def sort_key(self) -> tuple[int, ...]:
        return tuple(getattr(self, name) for name in SORT_FIELDS)

    def series_as_published(self) -> ReleaseSeries | None:
        """Return the release series as if this release was published, for notices and previews of a draft."""
        if self.series is None or self.live or not self.is_stable:
            return self.series
        series = copy(self.series)
        series.first_stable = min(self.release_date, series.first_stable or self.release_date)
        return series

    def has_ended(self, at: datetime | None = None) -> bool:
        """Return whether the release series is at its end of life. Python 1 and 2 without dates count as ended."""
        series = self.series_as_published()
        if series is None:
            return False
        return series.status(at) == ReleaseSeries.Status.ENDED or self.version in {self.Line.PYTHON_1, self.Line.PYTHON_2}

    def warning(self, at: datetime | None = None) -> str:
        """Return a sentence to show before a download of a pre-release or of an ended release series, or an empty string."""
        if self.has_ended(at):
            return gettext("Python %(series)s has reached its end of life and receives no fixes, not even security fixes.") % {
                "series": self.series
            }
        if not self.is_stable:
            return gettext("This is a pre-release for testing. Do not use it in production.")
        return ""

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        return [("", gettext("Release page")), ("landing", gettext("Download page"))]

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "downloads/downloads_page.html" if mode_name == "landing" else "downloads/release_detail.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return super().get_preview_context(request, mode_name) | build_context(self, mode=mode_name)


purging.register(Release, purges=lambda release: ["downloads"] if release.live or release.first_published_at else [])
