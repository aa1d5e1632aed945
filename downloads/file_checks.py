"""Check the files of a release on the server: whether each URL responds, the size and, on request, the checksum."""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.platform.fetching import FetchError, check, fetch_sha256

from .models import FileCheck, ReleaseFile
from .models.files import HOST, SIDE_FILES

# Server from which files are requested. Their URLs start with HOST, regardless of the host name of this site.
ORIGIN = HOST


def check_files(files: Iterable[ReleaseFile], *, with_checksums: bool = False) -> list[FileCheck]:
    """Check files and record the results. An empty size is filled in; an entered size or checksum is never changed."""
    return [_check_file(file, with_checksums=with_checksums) for file in files]


def _check_file(file: ReleaseFile, *, with_checksums: bool) -> FileCheck:
    problems: list[str] = []
    is_hashed = with_checksums and file.has_valid_sha256
    try:
        size = _compare_checksum(file, problems) if is_hashed else check(_origin(file.url))
    except FetchError as error:
        size, is_hashed = None, False
        problems.append(f"{file.filename}: {error}")
    if size and not file.filesize:
        file.filesize = size
        file.save(update_fields=["filesize", "kind", "architecture", "updated_at"])
    elif size and size != file.filesize:
        problems.append(
            _("%(filename)s: the server has %(size)s bytes, but %(filesize)s are entered.")
            % {"filename": file.filename, "size": size, "filesize": file.filesize}
        )
    for name in SIDE_FILES:
        url = getattr(file, name)
        try:
            if url:
                check(_origin(url))
        except FetchError as error:
            problems.append(f"{url.rsplit('/', 1)[-1]}: {error}")
    values = {"checked_at": timezone.now(), "problems": problems, "is_hashed": is_hashed}
    return FileCheck.objects.update_or_create(file=file, defaults=values)[0]


def _compare_checksum(file: ReleaseFile, problems: list[str]) -> int:
    sha256, size = fetch_sha256(_origin(file.url))
    if sha256 != file.sha256_sum:
        problems.append(
            _("%(filename)s: the SHA-256 checksum on the server is %(sha256)s, but %(sha256_sum)s is entered.")
            % {"filename": file.filename, "sha256": sha256, "sha256_sum": file.sha256_sum}
        )
    return size


def _origin(url: str) -> str:
    return ORIGIN + url.removeprefix(HOST)
