"""Checks on a draft release. They are advisory and never prevent publishing."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from .artifacts import Kind
from .models import OS, Release, ReleaseFile

# Kinds that always have a column. Others get one if this release or the previous one has such files.
MAIN_KINDS = [Kind.INSTALLER, Kind.SOURCE]
# Maximum number of file problems that are listed individually.
SHOWN_PROBLEMS = 3
STILL_NEW = timedelta(days=90)


@dataclass(frozen=True)
class Check:
    """Result of a check. `url` is that of the form where the problem can be fixed."""

    text: str
    passed: bool
    url: str = ""


@dataclass
class Cell:
    """Files of one kind for one operating system."""

    kind: Kind
    add_url: str
    files: list[ReleaseFile] = field(default_factory=list)
    expected: int = 0

    @property
    def state(self) -> str:
        if not self.files:
            return "expected" if self.expected else "empty"
        return "complete" if all(file.is_verifiable for file in self.files) else "incomplete"


def add_file_url(release: Release, os: OS) -> str:
    return f"{reverse('downloads_files_modeladmin_create')}?{urlencode({'release': release.pk, 'os': os.pk})}"


def files_url(release: Release, missing: str = "") -> str:
    """Return the URL of the register of files, filtered by release and by missing data."""
    query = {"release__id__exact": release.pk} | ({"missing": missing} if missing else {})
    return f"{reverse('downloads_files_modeladmin_index')}?{urlencode(query)}"


def edit_url(release: Release, tab: str = "") -> str:
    url = reverse("wagtailsnippets_downloads_release:edit", args=[release.pk])
    return f"{url}#tab-{tab}" if tab else url


def is_checked(file: ReleaseFile) -> bool:
    """Return whether the file was checked on the server since its last change."""
    return hasattr(file, "url_check") and file.url_check.is_current


class Workbench:
    """Comparison of a release with the previous one, which determines the expected files."""

    def __init__(self, release: Release) -> None:
        self.release = release

    @cached_property
    def files(self) -> list[ReleaseFile]:
        return list(self.release.files.select_related("os", "url_check"))

    @cached_property
    def previous(self) -> Release | None:
        """Return the previous published release of the release series; for the install manager, of the version line."""
        release = self.release
        same = {"series": release.series_id} if release.series_id else {"version": release.version, "series": None}
        older = Release.objects.visible().filter(**same).exclude(pk=release.pk).by_version()
        return next((other for other in older if other.sort_key < release.sort_key), None)

    @cached_property
    def previous_files(self) -> list[ReleaseFile]:
        return list(self.previous.files.select_related("os")) if self.previous else []

    @cached_property
    def kinds(self) -> list[Kind]:
        present = {file.kind for file in [*self.files, *self.previous_files]}
        return [kind for kind in Kind if kind in present or kind in MAIN_KINDS]

    @cached_property
    def rows(self) -> list[tuple[OS, list[Cell]]]:
        """Return the cells of each operating system, in the order of `kinds`."""
        rows = {os: {kind: Cell(kind, add_file_url(self.release, os)) for kind in self.kinds} for os in OS.objects.all()}
        for file in self.files:
            rows[file.os][Kind(file.kind)].files.append(file)
        for file in self.previous_files:
            rows[file.os][Kind(file.kind)].expected += 1
        return [(os, list(cells.values())) for os, cells in rows.items()]

    @cached_property
    def checks(self) -> list[Check]:
        return [*self.check_buttons(), *self.check_files(), *self.check_urls(), *self.check_text()]

    @property
    def warnings(self) -> list[Check]:
        return [check for check in self.checks if not check.passed]

    def check_buttons(self) -> list[Check]:
        if not self.files:
            return [Check(gettext("The release has no files yet. Add them on the Files tab."), passed=False)]
        have = {file.os for file in self.files if file.download_button}
        expected = {file.os: None for file in self.previous_files if file.download_button}
        checks = [
            Check(
                gettext("No file is the download button for %(os)s. %(previous)s has one.")
                % {"os": os, "previous": self.previous},
                passed=False,
                url=add_file_url(self.release, os),
            )
            for os in expected
            if os not in have
        ]
        if not have and not checks:
            return [Check(gettext("No file is a download button. Select one file for each operating system."), passed=False)]
        names = get_text_list(sorted(os.name for os in have), gettext("and"))
        return checks or [Check(gettext("Download buttons are set for %(names)s.") % {"names": names}, passed=True)]

    def check_files(self) -> list[Check]:
        if not self.files:
            return []
        unhashed = sum(not file.has_valid_sha256 for file in self.files)
        unsigned = sum(not file.is_signed for file in self.files)
        no_hash = ngettext("%(number)s file has no SHA-256 checksum.", "%(number)s files have no SHA-256 checksum.", unhashed)
        no_signature = ngettext("%(number)s file has no signature.", "%(number)s files have no signature.", unsigned)
        return [
            Check(no_hash % {"number": unhashed}, passed=False, url=files_url(self.release, "hash"))
            if unhashed
            else Check(gettext("Every file has a SHA-256 checksum."), passed=True),
            Check(no_signature % {"number": unsigned}, passed=False, url=files_url(self.release, "signature"))
            if unsigned
            else Check(gettext("Every file is signed."), passed=True),
        ]

    @cached_property
    def url_problems(self) -> list[str]:
        """Return the problems found by the last check on the server, for files that have not changed since."""
        return [problem for file in self.files if is_checked(file) for problem in file.url_check.problems]

    def check_urls(self) -> list[Check]:
        checked = [file for file in self.files if is_checked(file)]
        if not checked:
            return []
        url = reverse("downloads_release_files", args=[self.release.pk])
        if self.url_problems:
            checks = [Check(problem, passed=False, url=url) for problem in self.url_problems[:SHOWN_PROBLEMS]]
            more = len(self.url_problems) - len(checks)
            text = ngettext(
                "%(number)s more problem with files on the server.", "%(number)s more problems with files on the server.", more
            )
            return [*checks, Check(text % {"number": more}, passed=False, url=url)] if more else checks
        if unchecked := len(self.files) - len(checked):
            text = ngettext(
                "%(number)s file has not been checked on the server yet.",
                "%(number)s files have not been checked on the server yet.",
                unchecked,
            )
            return [Check(text % {"number": unchecked}, passed=False, url=url)]
        if all(file.url_check.is_hashed for file in checked):
            return [Check(gettext("Every file is on the server with its signatures and the correct checksum."), passed=True)]
        return [Check(gettext("Every file is on the server with its signatures."), passed=True)]

    def check_text(self) -> list[Check]:
        release = self.release
        parsed = release.parsed_version
        checks = [
            Check(gettext("The release notes URL is set."), passed=True)
            if release.release_notes_url
            else Check(gettext("The release notes URL is empty."), passed=False, url="#tab-release"),
            Check(gettext("The release has notes."), passed=True)
            if release.body or release.release_page_id
            else Check(gettext("The release has no notes yet."), passed=False, url="#tab-notes"),
        ]
        if parsed and parsed.is_pre_release != release.pre_release:
            text = (
                gettext("The version is a pre-release, but “pre-release” is not selected.")
                if parsed.is_pre_release
                else gettext("The version is a stable release, but “pre-release” is selected.")
            )
            checks.append(Check(text, passed=False, url="#tab-release"))
        if release.has_ended():
            checks.append(
                Check(
                    gettext("Python %(series)s has reached its end of life. The page shows a notice.")
                    % {"series": release.series},
                    passed=False,
                )
            )
        if not release.live and release.release_date > timezone.now() and not release.go_live_at:
            checks.append(Check(gettext("The release date is in the future, but no publication is scheduled."), passed=False))
        return checks


def next_action(release: Release) -> tuple[str, str]:
    """Return the next task of the release manager and its URL, or ("", ""). Reads only prefetched rows."""
    files = release.files.all()
    if not files:
        return gettext("Add files"), edit_url(release, "files")
    # Missing files are reported only for new releases.
    is_old = release.live and release.release_date < timezone.now() - STILL_NEW
    if not is_old and not any(file.download_button for file in files):
        return gettext("Choose download buttons"), files_url(release)
    if not is_old and not all(file.is_verifiable for file in files):
        return gettext("Add checksums and signatures"), edit_url(release, "files")
    if not release.live:
        return "Publish", edit_url(release, "before_publishing")
    if release.has_unpublished_changes:
        return gettext("Publish the draft"), edit_url(release)
    return "", ""
