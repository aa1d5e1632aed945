import re
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, Window
from django.db.models.functions import RowNumber
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from cms.delivery import purging
from downloads.artifacts import Architecture, Kind, classify
from users.models import User

from .os import OS
from .releases import STABLE, VERSION_ORDER, Release

HOST = "https://www.python.org/"
# Rows from before the site used HTTPS keep their URLs.
LEGACY_HOST = "http://www.python.org/"
# Side files have the URL of the file plus a suffix.
SIDE_FILES = {
    "gpg_signature_file": ".asc",
    "sigstore_signature_file": ".sig",
    "sigstore_cert_file": ".crt",
    "sigstore_bundle_file": ".sigstore",
    "sbom_spdx2_file": ".spdx.json",
}
URL_FIELDS = ["url", *SIDE_FILES]
# Best first: the newest version, and of a release the download button.
OFFER_ORDER = [field.replace("-", "-release__", 1) for field in VERSION_ORDER] + ["-download_button", "pk"]
SHA256 = re.compile(r"[0-9a-f]{64}")


def on_our_host() -> Q:
    condition = Q()
    for field in URL_FIELDS:
        condition &= Q(**{field: ""}) | Q(**{f"{field}__startswith": HOST}) | Q(**{f"{field}__startswith": LEGACY_HOST})
    return condition


class ReleaseFileQuerySet(models.QuerySet["ReleaseFile"]):
    def visible(self, also: Release | None = None) -> Self:
        """Return files of published releases, and of `also`, a draft that a preview shows as published."""
        return self.filter(Q(release__live=True) | Q(release=also) if also else Q(release__live=True))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Return all files for users who may change releases, otherwise those of published releases."""
        return self if user.has_perm("downloads.change_release") else self.visible()

    def buttons(self) -> Self:
        """Return the files that are download buttons: at most one for each operating system of a release."""
        return self.filter(download_button=True)

    def offered(self, also: Release | None = None) -> Self:
        """Return files of Python 3 and of the install manager that can be the download of an operating system, best first.

        An operating system keeps its file until a stable release has a new one. The install manager is offered with the
        installer of its newest stable release, and as a pre-release only if staff made one of its files a download button.
        """
        lines = Release.Line
        button = Q(download_button=True)
        stable = Q(**{f"release__{field}": value for field, value in STABLE.items()})
        python = Q(release__version=lines.PYTHON_3) & button & stable
        manager = Q(release__version=lines.INSTALL_MANAGER) & (button | stable & Q(kind=Kind.INSTALLER))
        return self.visible(also).filter(python | manager).order_by(*OFFER_ORDER)

    def best_of_each_os(self) -> Self:
        """Return the best of the offered files for each operating system, once for Python and once for the install manager."""
        rank = Window(RowNumber(), partition_by=[models.F("release__version"), models.F("os")], order_by=list(OFFER_ORDER))
        # Only the chosen rows are read with all their columns.
        best = self.order_by().annotate(rank=rank).filter(rank=1)
        return type(self)(self.model, using=self.db).filter(pk__in=best.values("pk")).order_by()


class ReleaseFile(models.Model):
    """File of a release. The file itself is served from www.python.org/ftp/, outside this site."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="files")
    os = models.ForeignKey(OS, verbose_name=_("operating system"), on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200, help_text=_("Name in the table of files, for example Windows installer (64-bit)."))
    slug = models.SlugField(max_length=200, unique=True, blank=True)
    description = models.TextField(blank=True, help_text=_("Intended use, for example “For macOS 10.15 and later”."))
    is_source = models.BooleanField(_("source code"), default=False)
    url = models.URLField(_("URL"), max_length=500, unique=True, help_text=_("Must start with https://www.python.org/."))
    gpg_signature_file = models.URLField(
        _("GPG signature"), max_length=500, blank=True, help_text=_("URL of the file followed by .asc.")
    )
    sigstore_signature_file = models.URLField(
        _("Sigstore signature"), max_length=500, blank=True, help_text=_("URL of the file followed by .sig.")
    )
    sigstore_cert_file = models.URLField(
        _("Sigstore certificate"), max_length=500, blank=True, help_text=_("URL of the file followed by .crt.")
    )
    sigstore_bundle_file = models.URLField(
        _("Sigstore bundle"), max_length=500, blank=True, help_text=_("URL of the file followed by .sigstore.")
    )
    sbom_spdx2_file = models.URLField(
        _("SBOM (SPDX)"), max_length=500, blank=True, help_text=_("URL of the file followed by .spdx.json.")
    )
    md5_sum = models.CharField(_("MD5 checksum"), max_length=200, blank=True)
    sha256_sum = models.CharField(_("SHA-256 checksum"), max_length=200, blank=True)
    filesize = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    download_button = models.BooleanField(
        default=False,
        help_text=_("Offer this file as the download for its operating system. Only one file per operating system and release."),
    )
    kind = models.CharField(_("type"), max_length=20, choices=Kind, editable=False, db_index=True)
    architecture = models.CharField(max_length=20, choices=Architecture, editable=False, db_index=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReleaseFileQuerySet.as_manager()

    class Meta:
        ordering = ["-release__live", "release__name", "os__name", "name"]
        # For the list of all releases, which reads the operating systems of every release.
        indexes = [models.Index(fields=["release", "os"], name="release_file_platforms")]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "os"],
                condition=Q(download_button=True),
                name="one_download_button_for_each_os",
                violation_error_message=_(
                    "Another file of this release is already the download button for this operating system."
                ),
            ),
            models.CheckConstraint(
                condition=on_our_host(),
                name="release_file_urls_on_our_host",
                violation_error_message=_("All URLs of a file must start with https://www.python.org/."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.release}"

    def clean(self) -> None:
        """Fill in derived fields, and validate URLs and checksum.

        Raises ValidationError with a sentence for each field that breaks a rule.
        """
        self.set_derived_fields()
        stored = ReleaseFile.objects.filter(pk=self.pk).values("sha256_sum", *URL_FIELDS).first() or {}
        errors = {}
        self.sha256_sum = self.sha256_sum.strip().lower()
        if self.sha256_sum and self.sha256_sum != stored.get("sha256_sum") and not SHA256.fullmatch(self.sha256_sum):
            errors["sha256_sum"] = "Enter a SHA-256 checksum of 64 hexadecimal digits (0–9 and a–f)."
        for field in URL_FIELDS:
            value = getattr(self, field)
            unchanged_legacy = value.startswith(LEGACY_HOST) and value == stored.get(field)
            if value and not value.startswith(HOST) and not unchanged_legacy:
                errors[field] = f"The URL must start with {HOST}."
            elif value and field in SIDE_FILES and value != self.url + SIDE_FILES[field]:
                errors[field] = f"This must be the URL of the file followed by {SIDE_FILES[field]}."
        if errors:
            raise ValidationError(errors)

    def set_derived_fields(self) -> None:
        """Set an empty slug from release and name, and mark files of the operating system "source" as source code."""
        if not self.slug and self.release_id:
            self.slug = f"{self.release.slug}-{slugify(self.name)}"
        if self.os_id and self.os.slug == "source":
            self.is_source = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.kind, self.architecture = classify(self.url, self.os.file_patterns)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return self.url

    @property
    def filename(self) -> str:
        return self.url.rsplit("/", 1)[-1]

    @property
    def has_valid_sha256(self) -> bool:
        return bool(SHA256.fullmatch(self.sha256_sum))

    @property
    def is_signed(self) -> bool:
        has_sigstore = self.sigstore_bundle_file or (self.sigstore_signature_file and self.sigstore_cert_file)
        return bool(has_sigstore or self.gpg_signature_file)

    @property
    def is_verifiable(self) -> bool:
        """Return whether visitors can verify the file by its checksum and its signature."""
        return self.has_valid_sha256 and self.is_signed


purging.register(ReleaseFile, purges=lambda file: ["downloads"] if file.release.live else [])
