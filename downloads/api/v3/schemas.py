"""Schemas of API v3, pinned by a snapshot test, and functions that describe rows in them."""

from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Field, Schema
from pydantic import ConfigDict

from downloads.advisories import NO_FACTS, SecurityFacts
from downloads.artifacts import Architecture, Kind
from downloads.models import OS, Advisory, PlannedRelease, Release, ReleaseFile, ReleaseSeries
from downloads.versions import STAGE_NAMES, Stage, StageName

SERIES = r"^[0-9]{1,3}\.[0-9]{1,3}$"
# Name in the API -> column.
FILE_COLUMNS = {
    "size": "filesize",
    "sha256": "sha256_sum",
    "md5": "md5_sum",
    "gpg_signature": "gpg_signature_file",
    "sigstore_bundle": "sigstore_bundle_file",
    "sigstore_signature": "sigstore_signature_file",
    "sigstore_certificate": "sigstore_cert_file",
    "sbom": "sbom_spdx2_file",
}


class OperatingSystem(Schema):
    id: int
    slug: str
    name: str
    url: str = Field(description="URL of the page on this site.")


class Series(Schema):
    name: str = Field(description="For example 3.14.")
    status: ReleaseSeries.Status
    is_released: bool = Field(description="Whether a stable release is published. If not, all dates are plans.")
    first_release: date | None = Field(description="Date of the first stable release, or its planned date.")
    end_of_bugfixes: date | None
    end_of_security: date | None
    pep: int | None
    release_manager: str
    latest_release: str | None = Field(description="Slug of the latest release; a stable one if there is any.")
    planned_releases: list["Planned"]


class Planned(Schema):
    name: str
    date: date
    is_overdue: bool = Field(description="Whether the date has passed without this release.")


class File(Schema):
    id: int
    slug: str
    name: str
    description: str
    release: str = Field(description="Slug of the release.")
    os: str = Field(description="Slug of the operating system.")
    arch: Architecture
    kind: Kind
    url: str
    filename: str
    size: int = Field(description="Size in bytes; 0 if unknown.")
    sha256: str | None
    md5: str | None
    gpg_signature: str | None
    sigstore_bundle: str | None
    sigstore_signature: str | None
    sigstore_certificate: str | None
    sbom: str | None
    is_source: bool
    download_button: bool = Field(description="Whether this is the recommended download for the operating system.")


class Vulnerability(Schema):
    id: str = Field(description="ID in the PSF's advisory database.")
    aliases: list[str] = Field(description="Other IDs, such as the CVE.")
    summary: str
    url: str


class ReleaseSummary(Schema):
    id: int
    slug: str
    name: str
    version: str = Field(description="For example 3.15.0rc1.")
    line: int = Field(description="Major version of Python (1, 2 or 3), or 100 for the install manager.")
    series: str | None
    stage: StageName
    pre_release: bool
    published: bool
    is_latest: bool = Field(description="Whether this is the latest stable release of its version line.")
    release_date: datetime
    phase: ReleaseSeries.Status | None = Field(description="Current support status of the release series.")
    end_of_life: date | None = Field(description="From this day, the release series receives no fixes.")
    notes_url: str | None
    url: str = Field(description="URL of the page on this site.")
    fixes: list[Vulnerability] = Field(description="Known vulnerabilities that this release fixes.")
    affected_by: list[Vulnerability] = Field(description="Known vulnerabilities of this release.")
    upgrade_to: str | None = Field(description="Slug of the release without these vulnerabilities, if there is one.")
    warning: str | None = Field(
        description="Sentence to show before a download: a pre-release, or the end of life of its series."
    )


class ReleaseDetail(ReleaseSummary):
    files: list[File]


class OperatingSystems(Schema):
    count: int
    items: list[OperatingSystem]


class SeriesList(Schema):
    count: int
    items: list[Series]


class Files(Schema):
    count: int
    items: list[File]


class Releases(Schema):
    count: int
    items: list[ReleaseSummary]


class ReleaseIndex(Schema):
    releases: list[ReleaseDetail]


class FileIn(Schema):
    """A file to write. Signature and SBOM files have its URL with `.asc`, `.sigstore`, `.sig`, `.crt` or `.spdx.json`."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200, description="Name in the table of files, for example Windows installer (64-bit).")
    os: str = Field(description="Slug of the operating system.")
    url: str = Field(max_length=500, description="Must start with https://www.python.org/.")
    slug: str | None = Field(None, max_length=200, description="Identifies the file. Generated from the URL if omitted.")
    description: str = ""
    size: int = Field(0, ge=0, le=2**53)
    sha256: str = Field("", pattern="^([0-9a-f]{64})?$")
    md5: str = Field("", pattern="^([0-9a-f]{32})?$")
    gpg_signature: str = ""
    sigstore_bundle: str = ""
    sigstore_signature: str = ""
    sigstore_certificate: str = ""
    sbom: str = ""
    is_source: bool | None = Field(None, description="Defaults to true for the operating system “source”.")
    download_button: bool = False


class ReleaseIn(Schema):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200, description="For example Python 3.15.0rc1. The version is read from the name.")
    slug: str | None = Field(None, max_length=200, description="Generated from the name if omitted.")
    release_date: datetime | None = Field(None, description="Defaults to now.")
    pre_release: bool | None = Field(None, description="Derived from the name if omitted.")
    notes_url: str | None = Field(None, max_length=500, description="Derived from the version if omitted.")
    show_on_download_page: bool | None = None
    files: list[FileIn] = []


class ChecksumsIn(Schema):
    model_config = ConfigDict(extra="forbid")

    checksums: str = Field(max_length=100_000, description="Content of SHA256SUMS: one line for each file.")
    folder: str | None = Field(
        None,
        max_length=300,
        pattern=r"^https://www\.python\.org/",
        description="URL of the folder with the files. Derived if omitted.",
    )


class StatusStep(Schema):
    name: str
    state: Literal["ok", "wait", "stop", "off"]
    at: datetime | None
    note: str


class StatusCheck(Schema):
    text: str
    passed: bool


class ChecklistStep(Schema):
    title: str
    owner: str
    due: datetime
    done: bool
    overdue: bool


class StatusPlace(Schema):
    name: str
    url: str = Field(description="Path on this site, or full URL outside.")
    is_outside: bool
    status: Literal["waiting", "live", "failed"]
    error: str
    age: int | None = Field(description="Age of the copy in a cache, in seconds.")
    checked_at: datetime | None


class ReleaseStatus(Schema):
    published: bool
    is_live: bool = Field(
        description="Whether the last publication was purged and is visible at its URL and in all places on this site."
    )
    is_live_everywhere: bool = Field(description="The same, and whether all outlets outside of this site show it.")
    publication: list[StatusStep]
    places: list[StatusPlace] = Field(description="Other pages, feeds, APIs, and outlets outside of this site.")
    checks: list[StatusCheck]
    checklist: list[ChecklistStep]


class Outcome(Schema):
    outcome: Literal["created", "changed", "published", "unchanged"]
    dry_run: bool = Field(description="Whether this was a dry run, which changes nothing.")
    release: ReleaseDetail


def describe_os(os: OS, request: HttpRequest) -> dict:
    return {"id": os.pk, "slug": os.slug, "name": os.name, "url": request.build_absolute_uri(os.get_absolute_url())}


def describe_series(series: ReleaseSeries, latest: dict[int, str], plans: list[PlannedRelease]) -> dict:
    """Return a release series in the format of API v3. `latest` maps series IDs to release slugs."""
    dates = {name: getattr(series, name) for name in ("first_release", "end_of_bugfixes", "end_of_security")}
    return dates | {
        "name": series.name,
        "status": series.status(),
        "is_released": series.is_stable(),
        "pep": series.pep,
        "release_manager": series.release_manager,
        "latest_release": latest.get(series.pk),
        "planned_releases": [
            {"name": plan.name, "date": plan.date, "is_overdue": plan.is_overdue()}
            for plan in plans
            if plan.series_id == series.pk
        ],
    }


def describe_file(file: ReleaseFile) -> dict:
    return {name: getattr(file, column) or None for name, column in FILE_COLUMNS.items()} | {
        "id": file.pk,
        "slug": file.slug,
        "name": file.name,
        "description": file.description,
        "release": file.release.slug,
        "os": file.os.slug,
        "arch": file.architecture,
        "kind": file.kind,
        "url": file.url,
        "filename": file.filename,
        "size": file.filesize,
        "is_source": file.is_source,
        "download_button": file.download_button,
    }


def describe_advisory(advisory: Advisory) -> dict:
    return {
        "id": advisory.name,
        "aliases": advisory.aliases,
        "summary": advisory.summary,
        "url": advisory.get_absolute_url(),
    }


def describe_release(release: Release, request: HttpRequest, latest: set[int], security: dict[int, SecurityFacts]) -> dict:
    """Return a release in the format of API v3. `latest` contains the IDs of the latest releases, `security` the facts of all."""
    facts = security.get(release.pk, NO_FACTS)
    return {
        "id": release.pk,
        "slug": release.slug,
        "name": release.name,
        "version": release.version_string,
        "line": release.version,
        "series": release.series.name if release.series else None,
        "stage": STAGE_NAMES[Stage(release.stage)],
        "pre_release": not release.is_stable,
        "published": release.live,
        "is_latest": release.pk in latest,
        "release_date": release.release_date,
        "phase": release.series.status() if release.series else None,
        "end_of_life": release.series.end_of_security if release.series else None,
        "notes_url": release.release_notes_url or None,
        "url": request.build_absolute_uri(release.get_absolute_url()),
        "fixes": [describe_advisory(advisory) for advisory in facts.fixes],
        "affected_by": [describe_advisory(advisory) for advisory in facts.affected_by],
        "upgrade_to": facts.upgrade_to[1] if facts.upgrade_to else None,
        "warning": release.warning() or None,
    }
