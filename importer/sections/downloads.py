"""Import operating systems, releases and files, from responses of API v2 or from a dump.

API responses refer to other rows by URL and have no release notes; dumps refer to rows by ID. Dump rows are converted to the
API format.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.text import slugify
from wagtail.models import Page

from cms.content.conversion import convert
from cms.delivery import purging
from cms.platform.sequences import reset_sequence
from downloads.artifacts import classify
from downloads.models import OS, DownloadsSettings, Release, ReleaseFile, ReleaseSeries
from downloads.models.files import SIDE_FILES
from downloads.platform_facts import fill_empty_fields
from downloads.series_facts import SERIES
from downloads.versions import is_install_manager, parse_name
from importer.core import DATA_ERRORS, Report, after_rows, importer, rendered, store
from importer.core.report import reason_of
from importer.models import ImportedRow

RELEASES, FILES = "downloads/release", "downloads/release_file"
DUMPED_OS, DUMPED_RELEASES, DUMPED_FILES = "downloads.os", "downloads.release", "downloads.releasefile"
# Ids that scripts rely on. The names determine the order of the API lists.
PLATFORMS = {
    1: {"slug": "windows", "name": "Windows", "icon": OS.Icon.WINDOWS, "order": 10, "detection_hints": "Windows NT, Win64"},
    2: {"slug": "macos", "name": "macOS", "icon": OS.Icon.LAPTOP, "order": 20, "detection_hints": "Macintosh"},
    3: {
        "slug": "source",
        "name": "Source release",
        "icon": OS.Icon.ARCHIVE,
        "order": 30,
        "detection_hints": "Linux, X11, FreeBSD",
        "page_title": "Python for Linux and source code",
    },
}
PLATFORMS_OF_OURS = {(pk, values["slug"]): OS(pk=pk, **values) for pk, values in PLATFORMS.items()}
# Field on this site -> key in the source.
RELEASE_KEYS = {
    "name": "name",
    "slug": "slug",
    "version": "version",
    "live": "is_published",
    "release_date": "release_date",
    "pre_release": "pre_release",
    "release_notes_url": "release_notes_url",
    "show_on_download_page": "show_on_download_page",
}
FILE_KEYS = [
    "name",
    "slug",
    "description",
    "is_source",
    "url",
    *SIDE_FILES,
    "md5_sum",
    "filesize",
    "download_button",
]
# Field of the downloads settings -> slugs of its page on the old site, under /download/ or /downloads/.
PAGE_SLUGS = {
    "sigstore_page": ["sigstore"],
    "sbom_page": ["sbom"],
    "gpg_page": ["gpg", "pgp", "pubkeys"],
    "identities_page": ["sigstore"],
}
IN_FILENAME = re.compile(r"[Pp]ython-(\d+\.\d+(?:\.\d+)?(?:(?:a|b|rc)\d+)?)[.-]")


@importer(DUMPED_OS, OS)
def import_platforms(rows: list[dict], report: Report) -> None:
    """Import operating systems. Known ones get complete values, others only their old name."""
    wanted = [OS(pk=row["pk"], slug=row["fields"]["slug"], name=row["fields"]["name"]) for row in rows]
    store(DUMPED_OS, [PLATFORMS_OF_OURS.get((row.pk, row.slug), row) for row in wanted], [], report)


@importer(RELEASES, Release)
def import_releases(rows: list[dict], report: Report) -> None:
    _store_releases(RELEASES, rows, list(RELEASE_KEYS), report)


@importer(DUMPED_RELEASES, Release, after=[RELEASES, FILES, "pages.page"])
def import_dumped_releases(rows: list[dict], report: Report) -> None:
    pages = ImportedRow.targets("pages.page")
    answers = []
    for row in rows:
        with report.row(DUMPED_RELEASES, row):
            fields = row["fields"]
            page = pages.get(str(fields["release_page"]))
            more = {
                "body": convert(rendered(fields, "content", default="markdown")).blocks,
                "page_pk": int(page) if page else None,
            }
            answers.append(fields | more | {"resource_uri": f"/api/v2/downloads/release/{row['pk']}/"})
    _store_releases(DUMPED_RELEASES, answers, [*RELEASE_KEYS, "body", "release_page_id"], report)


def _store_releases(label: str, rows: list[dict], fields: list[str], report: Report) -> None:
    releases = list(_readable(label, rows, _release, report))
    _give_series(releases)
    store(label, releases, fields, report)
    purging.purge("downloads")


@importer(FILES, ReleaseFile, after=[RELEASES, DUMPED_OS])
def import_files(rows: list[dict], report: Report) -> None:
    files = list(_readable(FILES, rows, _file, report))
    _draft_missing_releases(files, report)
    # Responses from before 2025 have no SHA-256 checksums, so existing checksums are not compared.
    digests = ["sha256_sum"] if any("sha256_sum" in row for row in rows) else []
    _store_files(FILES, RELEASES, files, [*FILE_KEYS, *digests], report)


@importer(DUMPED_FILES, ReleaseFile, after=[DUMPED_RELEASES])
def import_dumped_files(rows: list[dict], report: Report) -> None:
    answers = [
        row["fields"]
        | {"resource_uri": f"/{row['pk']}/", "os": f"/{row['fields']['os']}/", "release": f"/{row['fields']['release']}/"}
        for row in rows
    ]
    files = list(_readable(DUMPED_FILES, answers, _file, report))
    _store_files(DUMPED_FILES, DUMPED_RELEASES, files, [*FILE_KEYS, "sha256_sum"], report)


def _store_files(label: str, releases_label: str, files: list[ReleaseFile], fields: list[str], report: Report) -> None:
    _create_platforms()
    platforms = dict(OS.objects.values_list("pk", "file_patterns"))
    releases = set(Release.objects.values_list("pk", flat=True)) - report.refused[releases_label]
    homeless = [file for file in files if file.os_id not in platforms or file.release_id not in releases]
    for file in homeless:
        reason = f"its release {file.release_id} or its operating system {file.os_id} was not imported."
        report.skip(label, file.slug, reason, pk=file.pk)
    files = [file for file in files if file not in homeless]
    for file in files:
        file.kind, file.architecture = classify(file.url, platforms[file.os_id])
    side_files = [(file.url + suffix, getattr(file, field)) for file in files for field, suffix in SIDE_FILES.items()]
    elsewhere = sum(1 for expected, url in side_files if url and url != expected)
    if elsewhere:
        report.note(f"{elsewhere} signatures are not at the URL of their file plus a suffix. They were imported unchanged.")
    store(label, files, ["os_id", "release_id", *fields], report)
    purging.purge("downloads")


def _readable(label: str, rows: list[dict], read: Callable[[dict], Any], report: Report) -> Iterator[Any]:
    """Yield instances of the valid rows; report the others."""
    for row in rows:
        try:
            instance = read(row)
            relations = [field.name for field in instance._meta.fields if field.is_relation]
            instance.clean_fields(exclude=relations)
        except DATA_ERRORS as error:
            report.skip(label, row["resource_uri"], reason_of(error), pk=_pk(row["resource_uri"]))
        else:
            yield instance


def _pk(url: str) -> int:
    return int(url.rstrip("/").rpartition("/")[2])


def _release(row: dict) -> Release:
    release = Release(pk=_pk(row["resource_uri"]), **{field: row[key] for field, key in RELEASE_KEYS.items()})
    release.release_date = datetime.fromisoformat(row["release_date"])
    release.body, release.release_page_id = row.get("body", []), row.get("page_pk")
    if release.live:
        release.first_published_at = release.last_published_at = release.release_date
    return release


def _file(row: dict) -> ReleaseFile:
    return ReleaseFile(
        pk=_pk(row["resource_uri"]),
        os_id=_pk(row["os"]),
        release_id=_pk(row["release"]),
        sha256_sum=row.get("sha256_sum", ""),
        **{key: row[key] for key in FILE_KEYS},
    )


def _give_series(releases: list[Release]) -> None:
    """Set the fields derived from release names, and create the release series."""
    series = {(row.major, row.minor): row for row in ReleaseSeries.objects.all()}
    for release in releases:
        version = parse_name(release.name)
        if version and not is_install_manager(release.name):
            key = (version.major, version.minor)
            if key not in series:
                series[key] = ReleaseSeries.objects.create(major=version.major, minor=version.minor, **SERIES.get(key, {}))
            release.series = series[key]
        line = release.version
        release.read_name()
        release.version = line


def _create_platforms() -> None:
    for pk, values in PLATFORMS.items():
        if not OS.objects.filter(Q(pk=pk) | Q(slug=values["slug"])).exists():
            OS.objects.create(pk=pk, **values)
    reset_sequence(OS)
    for os in OS.objects.all():
        if fill_empty_fields(os):
            os.save()


@after_rows
def choose_pages(report: Report) -> None:
    """Set empty page fields of the downloads settings to imported pages with these slugs."""
    chosen = DownloadsSettings.load()
    found = {
        field: Page.objects.live().filter(slug__in=slugs, url_path__contains="/download").order_by("depth", "pk").first()
        for field, slugs in PAGE_SLUGS.items()
        if getattr(chosen, field) is None
    }
    pages = {field: page for field, page in found.items() if page}
    for field, page in pages.items():
        setattr(chosen, field, page)
    if pages:
        chosen.save()
        report.note(f"Set {len(pages)} pages about verification in the downloads settings.")


def _draft_missing_releases(files: list[ReleaseFile], report: Report) -> None:
    """Create draft releases for files of unpublished releases, because the old site served these files publicly."""
    here = set(Release.objects.values_list("pk", flat=True)) | report.refused[RELEASES]
    drafts: dict[int, Release] = {}
    for file in files:
        match = IN_FILENAME.match(file.filename)
        if file.release_id not in here and file.release_id not in drafts and match:
            name = f"Python {match[1]}"
            drafts[file.release_id] = Release(pk=file.release_id, name=name, slug=slugify(name))
    _give_series(list(drafts.values()))
    for pk, draft in drafts.items():
        draft.pre_release = not draft.is_stable
        report.note(f"Release {pk} is missing: created the draft {draft.name} for its files.")
    store(RELEASES, drafts.values(), [], report)
