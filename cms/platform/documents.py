"""Checks of uploaded documents and archives, without extracting their contents."""

import zipfile
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from pypdf import PasswordType, PdfReader
from pypdf.errors import PyPdfError

MEGABYTE = 1_000_000
# Office files and archives are ZIP files. Legitimate ones do not exceed this size when extracted.
MAX_UNPACKED = 500 * MEGABYTE
MAX_ENTRIES = 10_000


def refuse_large(file: Any, max_bytes: int) -> None:
    if file.size > max_bytes:
        raise ValidationError(
            _("This file is %(size)s MB. The limit is %(max_bytes)s MB.")
            % {"size": f"{file.size / MEGABYTE:.1f}", "max_bytes": f"{max_bytes / MEGABYTE:.0f}"}
        )


def refuse_locked_pdf(file: Any) -> None:
    """Raise ValidationError for a PDF that cannot be opened without a password."""
    file.seek(0)
    content = file.read()
    file.seek(0)
    # The name of the encryption dictionary is never compressed or encrypted itself.
    if not content.startswith(b"%PDF") or b"/Encrypt" not in content:
        return
    try:
        reader = PdfReader(BytesIO(content))
        is_open = not reader.is_encrypted or reader.decrypt("") != PasswordType.NOT_DECRYPTED
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        NotImplementedError,
        RecursionError,
    ) as error:
        raise ValidationError(_("This PDF is encrypted and cannot be read. Save it without a password.")) from error
    if not is_open:
        raise ValidationError(_("This PDF is password-protected. Save it without a password, then upload the new file."))


def refuse_archive_bomb(file: Any, *, max_bytes: int = MAX_UNPACKED) -> None:
    """Raise ValidationError for a ZIP or office file that is broken, or too large when extracted."""
    file.seek(0)
    if zipfile.is_zipfile(file):
        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise ValidationError(_("The archive is damaged. Create it again and upload the new file.")) from error
        if sum(entry.file_size for entry in entries) > max_bytes or len(entries) > MAX_ENTRIES:
            raise ValidationError(
                _("The archive would expand to more than %(max_bytes)s MB, or %(max_entries)s files.")
                % {"max_bytes": max_bytes // MEGABYTE, "max_entries": f"{MAX_ENTRIES:,}"}
            )
        if any(entry.flag_bits & 1 for entry in entries):
            raise ValidationError(_("The archive is password-protected. Save it without a password, then upload the new file."))
    file.seek(0)
