"""Files of a release in one step: derived from a list of checksums, or from the files of the previous release."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext

from .artifacts import Architecture, Kind, classify, matches_pattern
from .models import OS, Release, ReleaseFile
from .models.files import HOST, SIDE_FILES
from .readiness import Workbench
from .versions import Version

MAX_FILES = 200
GNU_LINE = re.compile(r"^\\?(?P<sha256>[0-9a-fA-F]{64})[ \t]+\*?(?P<name>\S+)$")
BSD_LINE = re.compile(r"^SHA256 ?\((?P<name>\S+)\) ?= ?(?P<sha256>[0-9a-fA-F]{64})$")
# Relative paths under the folder of the release.
FILE_NAME = re.compile(r"^[\w+-][\w.+-]*(/[\w+-][\w.+-]*)*$", re.ASCII)
# Operating systems by file name; patterns of the operating systems themselves (`OS.file_patterns`) come first.
OS_OF_NAMES = [
    (r"-android[-.]", "android"),
    (r"-ios[-.]|xcframework", "ios"),
    (r"wasi|emscripten", "wasm"),
    (r"\.(exe|msi|msix|msixbundle|chm|appinstaller)$|amd64|win32|-embed-|-arm64\.zip$|^windows-", "windows"),
    (r"\.(pkg|dmg)$|macos", "macos"),
    (r"\.(tgz|tar\.(xz|gz|bz2|zst))$", "source"),
]
NAMES = [(r"\.tgz$|\.tar\.gz$", "Gzipped source tarball"), (r"\.tar\.xz$", "XZ compressed source tarball")]
# Files of the listing that are never added to a release.
IGNORED = re.compile(r"(^|/)(SHA256SUMS|SHA512SUMS|MD5SUMS|README)[^/]*$", re.IGNORECASE)


def slug_of_file(url: str) -> str:
    """Return the default slug of a file: its name with hyphens."""
    return slugify(re.sub(r"[._]", "-", url.rsplit("/", 1)[-1]))


def parse_checksums(text: str) -> dict[str, str]:
    """Return SHA-256 checksums by file name, from the output of `sha256sum` or `shasum --tag`. Raises ValidationError."""
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.lstrip("\ufeff").splitlines())):
        if line.startswith("#"):
            continue
        match = GNU_LINE.match(line) or BSD_LINE.match(line)
        name = match["name"].removeprefix("./") if match else ""
        if match is None or not FILE_NAME.match(name):
            raise ValidationError(
                gettext("“%(line)s” is not a line of SHA256SUMS: a checksum of 64 digits, two spaces, and a file name.")
                % {"line": line[:90]}
            )
        if found.setdefault(name, match["sha256"].lower()) != match["sha256"].lower():
            raise ValidationError(gettext("“%(name)s” has two different checksums.") % {"name": name})
    if not found:
        raise ValidationError(gettext("There are no checksums. Paste the content of SHA256SUMS, or upload the file."))
    if len(found) > MAX_FILES:
        raise ValidationError(gettext("There are more than %(count)d files in this list.") % {"count": MAX_FILES})
    return found


def release_folder(release: Release) -> str:
    """Return the URL of the folder on www.python.org with the files of a release."""
    if release.is_install_manager:
        return f"{HOST}ftp/python/pymanager/"
    return f"{HOST}ftp/python/{release.major}.{release.minor}.{release.patch}/"


def version_in_names(release: Release) -> str:
    """Return the version as it is in the names of files: "3.16.0rc1", and "25.2" for the install manager."""
    version = release.parsed_version or Version(release.major, release.minor, release.patch)
    # The install manager omits the patch number if it is 0.
    return str(version).replace(".0", "", 1) if release.is_install_manager and not version.patch else str(version)


@dataclass
class ProposedFile:
    """File to add to a release, for a person to confirm."""

    url: str
    os: OS | None = None
    name: str = ""
    description: str = ""
    sha256: str = ""
    size: int = 0
    side_files: list[str] = field(default_factory=list)
    download_button: bool = False

    @property
    def filename(self) -> str:
        return self.url.rsplit("/", 1)[-1]

    def initial(self) -> dict[str, Any]:
        """Return the initial values of the row in the grid."""
        return {
            "include": True,
            "url": self.url,
            "os": self.os.slug if self.os else "",
            "name": self.name,
            "description": self.description,
            "size": self.size or None,
            "sha256": self.sha256,
            "side_files": self.side_files,
            "download_button": self.download_button,
        }


class FileSet:
    """Files that a release is expected to have, and those of a list of checksums."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.folder = release_folder(release)

    @cached_property
    def systems(self) -> list[OS]:
        return list(OS.objects.order_by("order", "name"))

    @cached_property
    def model(self) -> Release | None:
        """Return the release whose files are copied: the previous one of the series, or the newest older one with files."""
        bench = Workbench(self.release)
        if bench.previous_files:
            return bench.previous
        older = Release.objects.visible().filter(version=self.release.version, files__isnull=False).exclude(pk=self.release.pk)
        return next((one for one in older.distinct().by_version().defer("body") if one.sort_key < self.release.sort_key), None)

    @cached_property
    def stored(self) -> dict[str, ReleaseFile]:
        """Return the files that the release already has, by URL."""
        return {file.url: file for file in self.release.files.select_related("os")}

    @cached_property
    def expected(self) -> dict[str, ProposedFile]:
        """Return the model release's files with the version replaced, by URL, without checksums and sizes."""
        if self.model is None:
            return {}
        files = self.model.files.select_related("os").order_by("os__order", "os__name", "-download_button", "name")
        found = (self._with_version(file, self.model) for file in files)
        return {file.url: file for file in found}

    def _with_version(self, file: ReleaseFile, model: Release) -> ProposedFile:
        old, new = version_in_names(model), version_in_names(self.release)
        pattern = re.compile(rf"(?<![\d.]){re.escape(old)}(?!\d|rc\d|[ab]\d)")
        folder = release_folder(model)
        path = file.url.removeprefix(folder)
        url = pattern.sub(new, file.url) if path == file.url else self.folder + pattern.sub(new, path)
        return ProposedFile(
            url,
            file.os,
            pattern.sub(new, file.name),
            pattern.sub(new, file.description),
            side_files=[name for name in SIDE_FILES if getattr(file, name)],
            download_button=file.download_button,
        )

    def copied(self) -> list[ProposedFile]:
        """Return the model release's files, with the values that the release already has for them."""
        return [self._merged(file) for file in self.expected.values()]

    def from_checksums(self, checksums: Mapping[str, str], folder: str = "") -> list[ProposedFile]:
        """Return the files of a list of checksums. Signatures and SBOMs belong to the file whose name they start with."""
        base = folder or self.folder
        names = [name for name in checksums if not IGNORED.search(name)]
        mains = [name for name in names if not self._is_side_file(name, checksums)]
        lists_side_files = len(mains) < len(names)
        return [self._file(base + name, checksums[name], checksums if lists_side_files else None) for name in mains]

    def missing(self, files: Iterable[ProposedFile]) -> list[str]:
        """Return the names of expected files that are neither in this list nor in the release."""
        present = {file.url for file in files} | set(self.stored)
        return [file.filename for url, file in self.expected.items() if url not in present]

    @staticmethod
    def _is_side_file(name: str, checksums: Mapping[str, str]) -> bool:
        return any(name.endswith(suffix) and name.removesuffix(suffix) in checksums for suffix in SIDE_FILES.values())

    def _file(self, url: str, sha256: str, listed: Mapping[str, str] | None) -> ProposedFile:
        file = self.expected.get(url)
        if file is None:
            os = self._os_of(url)
            file = ProposedFile(url, os, self._name_of(url, os), side_files=self._usual_side_files(os))
        if listed is not None:
            name = url.removeprefix(self.folder)
            name = name if name in listed else file.filename
            file.side_files = [field for field, suffix in SIDE_FILES.items() if name + suffix in listed]
        file.sha256 = sha256
        return self._merged(file, keep_sha256=True)

    def _merged(self, file: ProposedFile, *, keep_sha256: bool = False) -> ProposedFile:
        """Return a proposed file with the stored values, so that a second list does not overwrite changes by staff."""
        stored = self.stored.get(file.url)
        if stored is None:
            return file
        sides = [name for name in SIDE_FILES if getattr(stored, name) or name in file.side_files]
        return ProposedFile(
            file.url,
            stored.os,
            stored.name,
            stored.description,
            file.sha256 if keep_sha256 else stored.sha256_sum,
            stored.filesize if not keep_sha256 or stored.sha256_sum == file.sha256 else 0,
            sides,
            stored.download_button,
        )

    def _os_of(self, url: str) -> OS | None:
        name = url.rsplit("/", 1)[-1].lower()
        by_pattern = next((os for os in self.systems if matches_pattern(url, os.file_patterns)), None)
        slugs = [slug for pattern, slug in OS_OF_NAMES if re.search(pattern, name)]
        return by_pattern or next((os for os in self.systems if os.slug in slugs[:1]), None)

    def _name_of(self, url: str, os: OS | None) -> str:
        """Return a name for the table of files, such as "Windows installer (ARM64)"."""
        name = url.rsplit("/", 1)[-1].lower()
        kind, architecture = classify(url, os.file_patterns if os else "")
        if kind == Kind.SOURCE:
            return next((label for pattern, label in NAMES if re.search(pattern, name)), str(kind.label))
        label = str(kind.label)
        label = f"{os} {label[0].lower()}{label[1:]}" if os else label
        return label if architecture in {Architecture.ANY, Architecture.OTHER} else f"{label} ({_short(architecture)})"

    def _usual_side_files(self, os: OS | None) -> list[str]:
        """Return the types of signatures that most expected files have, of the same operating system if possible."""
        files = list(self.expected.values())
        files = [file for file in files if file.os == os] or files
        counts = Counter(name for file in files for name in file.side_files)
        return [name for name in SIDE_FILES if counts[name] * 2 > len(files)]


def _short(architecture: Architecture) -> str:
    return {Architecture.X86_64: "64-bit", Architecture.X86: "32-bit"}.get(architecture, str(architecture.label))


def file_columns(release: Release, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the columns of confirmed rows for `workflows.write_files`. An existing file with the same URL keeps its slug."""
    systems = {os.slug: os for os in OS.objects.all()}
    stored = dict(release.files.values_list("url", "slug"))
    return [
        {
            "slug": stored.get(row["url"]) or slug_of_file(row["url"]),
            "name": row["name"],
            "os": systems[row["os"]],
            "url": row["url"],
            "description": row["description"],
            "is_source": row["os"] == "source",
            "filesize": row["size"] or 0,
            "sha256_sum": row["sha256"],
            "download_button": row["download_button"],
        }
        | {name: row["url"] + suffix if name in row["side_files"] else "" for name, suffix in SIDE_FILES.items()}
        for row in rows
    ]
