import re
from functools import cached_property
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.delivery import purging
from downloads.versions import Version, parse_name

from .runs import ImportRun

OSV_URL = "https://osv.dev/vulnerability/"


def parse_version(text: str) -> Version | None:
    """Return the version of a tag or of a release, such as v3.14.0rc1, or None."""
    return parse_name(f"Python {text.strip().removeprefix('v')}")


def split_versions(text: str) -> list[str]:
    return [part for part in re.split(r"[,\s]+", text) if part]


def known_versions(text: str) -> list[Version]:
    """Return versions separated by commas or spaces, ignoring other words."""
    return [version for version in map(parse_version, split_versions(text)) if version]


def parse_versions(text: str) -> list[Version]:
    """Return versions separated by commas or spaces. Raises ValidationError."""
    found = []
    for part in split_versions(text):
        version = parse_version(part)
        if version is None:
            sentence = gettext("“%(part)s” is not a version. Enter for example: 3.13.4, 3.14.0rc1.")
            raise ValidationError(sentence % {"part": part[:30]})
        found.append(version)
    return found


class AdvisoryQuerySet(models.QuerySet["Advisory"]):
    def in_force(self) -> Self:
        """Return the advisories that are not withdrawn."""
        return self.filter(withdrawn__isnull=True)

    def without_versions(self) -> Self:
        """Return advisories that name no release. They are not shown until staff enter the fixed versions."""
        return self.in_force().filter(affected_versions=[], fixed_in="")


class Advisory(models.Model):
    """Security advisory of the PSF in the OSV format. Imports write it; staff can add missing data."""

    name = models.CharField(_("ID"), max_length=30, unique=True)
    aliases = models.JSONField(default=list, blank=True, help_text=_("Other IDs, such as the CVE."))
    summary = models.CharField(max_length=500, blank=True)
    details = models.TextField(blank=True)
    published = models.DateTimeField(db_index=True)
    modified = models.DateTimeField()
    withdrawn = models.DateTimeField(null=True, blank=True)
    affected_versions = models.JSONField(default=list, blank=True, help_text=_("Releases that the file lists as affected."))
    fixes = models.JSONField(default=list, blank=True, help_text=_("Commits and versions with the fix, from the file."))
    references = models.JSONField(default=list, blank=True)
    introduced_in = models.CharField(
        _("introduced in"),
        max_length=50,
        blank=True,
        help_text=_("First release with the vulnerability, for example 3.9.0. Leave empty if all earlier releases have it."),
    )
    fixed_in = models.CharField(
        _("fixed in"),
        max_length=500,
        blank=True,
        help_text=_(
            "First release with the fix in each version, for example: 3.12.11, 3.13.4, 3.14.0b2. "
            "Required if the file lists only commits; it takes precedence over the file."
        ),
    )

    objects = AdvisoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("advisories")
        ordering = ["-published", "name"]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        for field in ("introduced_in", "fixed_in"):
            try:
                parse_versions(getattr(self, field))
            except ValidationError as error:
                raise ValidationError({field: error.messages}) from error

    def get_absolute_url(self) -> str:
        return f"{OSV_URL}{self.name}"

    @property
    def cve(self) -> str:
        return next((alias for alias in self.aliases if alias.startswith("CVE-")), "")

    @property
    def title(self) -> str:
        """Return the ID that people search for: the CVE if there is one."""
        return self.cve or self.name

    @property
    def is_unassigned(self) -> bool:
        """Return whether no affected or fixed release is known."""
        return not self.affected_versions and not self.fixed_in

    @cached_property
    def _affected(self) -> set[str]:
        return {str(version) for version in map(parse_version, self.affected_versions) if version}

    @cached_property
    def _fixed(self) -> dict[str, Version]:
        return {version.series: version for version in sorted(known_versions(self.fixed_in), reverse=True)}

    @cached_property
    def _introduced(self) -> Version | None:
        return next(iter(known_versions(self.introduced_in)), None)

    def affects(self, version: Version) -> bool:
        """Return whether a version of Python has the vulnerability.

        Versions entered by staff take precedence over those in the file. A release series without a fix is affected if a later
        one fixed it.
        """
        if self.withdrawn or (self._introduced and version < self._introduced):
            return False
        if not self._fixed:
            return str(version) in self._affected
        fix = self._fixed.get(version.series)
        return version < fix if fix else version < max(self._fixed.values())


class AdvisoryRun(ImportRun):
    """Import of security advisories."""

    class Meta(ImportRun.Meta):
        pass

    def __str__(self) -> str:
        return f"Advisories, {self.started_at:%b %-d, %Y, %H:%M} UTC"


purging.register(Advisory, purges=lambda _: ["downloads"])
