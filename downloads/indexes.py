"""Lists of releases for programs: a table of all files for shell scripts, and the JSON Schema of the index."""

from typing import Any

from .models import ReleaseFile
from .versions import STAGE_NAMES, Stage

TABLE_COLUMNS = ("version", "stage", "date", "os", "arch", "kind", "filename", "url", "size", "sha256")
NEWEST = ["-release__major", "-release__minor", "-release__patch", "-release__stage", "-release__serial", "-release__pk"]


def file_table() -> str:
    """Return all files of published releases as tab-separated values, newest version first, with “-” for unknown values."""
    columns = ("release__name", "release__stage", "release__release_date", "os__slug", "architecture", "kind", "url")
    lines = ["\t".join(TABLE_COLUMNS)]
    rows = ReleaseFile.objects.visible().order_by(*NEWEST, "os__order", "name", "pk")
    for name, stage, day, os, arch, kind, url, size, sha256 in rows.values_list(*columns, "filesize", "sha256_sum"):
        version = name.removeprefix("Python ").replace(" ", "-")
        filename = url.rsplit("/", 1)[-1]
        values = (version, STAGE_NAMES[Stage(stage)], day.date(), os, arch, kind, filename, url, size, sha256)
        lines.append("\t".join(str(value or "-").replace("\t", " ") for value in values))
    return "\n".join(lines) + "\n"


def checksums(**release: Any) -> str:
    """Return the SHA-256 checksums of the files of a published release in the format of `sha256sum --check`."""
    files = ReleaseFile.objects.visible().filter(**{f"release__{name}": value for name, value in release.items()}).order_by("url")
    return "".join(f"{file.sha256_sum}  {file.filename}\n" for file in files if file.has_valid_sha256)
