"""Copy the files of the old site: those named in rows and those linked in content."""

import re
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.core.management.base import CommandError

from .media import path_of
from .report import Report
from .sources import Spool

# Fields with file names, and their storage. On the old site, anyone with the URL could open sponsor files.
PUBLIC, PRIVATE = "default", "private"
FIELDS: dict[str, tuple[list[str], str]] = {
    "companies.company": (["logo"], PUBLIC),
    "pages.documentfile": (["document"], PUBLIC),
    "pages.image": (["image"], PUBLIC),
    "sponsors.contract": (["document", "document_docx", "signed_document"], PRIVATE),
    "sponsors.fileasset": (["file"], PRIVATE),
    "sponsors.imgasset": (["image"], PRIVATE),
    "sponsors.providedfileasset": (["shared_file"], PRIVATE),
    "sponsors.providedfileassetconfiguration": (["shared_file"], PRIVATE),
    "sponsors.sponsor": (["web_logo", "white_logo", "print_logo"], PUBLIC),
    "successstories.story": (["image"], PUBLIC),
}
PART = 1 << 20
ADDRESS = re.compile(r"""(?:src|href)=["']([^"']+)["']""")


class Wanted(NamedTuple):
    path: str
    storage: str
    label: str
    key: str


def source_at(place: str) -> Storage:
    """Return the storage of a directory, or of "s3://bucket/folder" with the credentials of this site's bucket.

    Raises CommandError if there is no such directory.
    """
    at = urlsplit(place)
    if at.scheme != "s3":
        if not Path(place).is_dir():
            raise CommandError(f"{place} is not a directory. Media are copied from a directory or from s3://bucket/folder.")
        return FileSystemStorage(location=place)
    from storages.backends.s3 import S3Storage  # noqa: PLC0415 -- boto3 takes a while to load.

    ours = settings.STORAGES[PUBLIC].get("OPTIONS", {})
    options = {
        name: ours[name] for name in ("endpoint_url", "region_name", "addressing_style", "signature_version") if name in ours
    }
    return S3Storage(bucket_name=at.netloc, location=at.path.strip("/"), **options)


def wanted_files(spool: Spool) -> Iterator[Wanted]:
    """Yield the files named in rows, private ones first, and those linked in content."""
    for label in sorted(spool.counts(), key=lambda label: FIELDS.get(label, ([], PUBLIC))[1] == PUBLIC):
        names, storage = FIELDS.get(label, ([], PUBLIC))
        for row in spool.rows(label):
            if not isinstance(row, dict) or "fields" not in row:
                continue
            key = str(row["pk"])
            yield from (Wanted(row["fields"][name], storage, label, key) for name in names if row["fields"].get(name))
            texts = [value for value in row["fields"].values() if isinstance(value, str)]
            for url in (match[1] for text in texts for match in ADDRESS.finditer(text)):
                if path := path_of(url):
                    yield Wanted(path, PUBLIC, label, key)


def copy_files(
    spool: Spool, source: Storage, progress: Callable[[str, int, int], None] = lambda *_: None, *, checksums: bool = False
) -> Report:
    """Copy each file that is missing or has a different size or, with `checksums`, a different content.

    A private file never becomes public.
    """
    report = Report()
    wanted: dict[str, Wanted] = {}
    for one in wanted_files(spool):
        wanted.setdefault(one.path, one)
    for number, one in enumerate(wanted.values(), 1):
        try:
            outcome = _copy(one.path, source, storages[one.storage], checksums=checksums)
        except (OSError, SuspiciousOperation) as error:
            report.skip(one.label, one.path, f"it cannot be copied ({error}).", pk=one.key)
        else:
            report.count(one.storage, outcome)
        progress("files", number, len(wanted))
    return report


def _copy(path: str, source: Storage, target: Storage, *, checksums: bool) -> str:
    """Copy a file and compare the sizes. Raises OSError if it is missing, or if the copy has a different size or name."""
    if not source.exists(path):
        raise FileNotFoundError("it is not in the source")
    size = source.size(path)
    is_here = target.exists(path)
    if is_here and target.size(path) == size and not (checksums and _digest(source, path) != _digest(target, path)):
        return "unchanged"
    if is_here:
        target.delete(path)
    with source.open(path) as file:
        name = target.save(path, file)
    if name != path or target.size(name) != size:
        target.delete(name)
        raise OSError(f"it was copied as {name}, but its size is not {size} bytes")
    return "changed" if is_here else "created"


def compare_files(spool: Spool, source: Storage) -> Iterator[tuple[Wanted, str]]:
    """Yield each file that is missing here or differs from the source, with the problem."""
    compared: set[str] = set()
    for one in wanted_files(spool):
        if one.path in compared:
            continue
        compared.add(one.path)
        try:
            target = storages[one.storage]
            if not source.exists(one.path):
                yield one, f"{one.path} is not in the source either."
            elif not target.exists(one.path):
                yield one, f"{one.path} has not been copied."
            elif _digest(source, one.path) != _digest(target, one.path):
                yield one, f"{one.path} differs from the file in the source."
        except (OSError, SuspiciousOperation) as error:
            yield one, f"{one.path} cannot be read ({error})."


def _digest(storage: Storage, path: str) -> str:
    with storage.open(path) as file:
        digest = blake2b(digest_size=16)
        while part := file.read(PART):
            digest.update(part)
    return digest.hexdigest()
