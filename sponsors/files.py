"""Storage and validation of files that sponsors send."""

import secrets
from collections.abc import Callable
from functools import wraps
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext

from cms.platform.documents import refuse_archive_bomb, refuse_large, refuse_locked_pdf
from cms.platform.drawings import clean_drawing
from cms.platform.pictures import clean_image, replace_content

MEGABYTE = 1024 * 1024
MAX_LOGO_SIZE = 2 * MEGABYTE
MAX_FILE_SIZE = 20 * MEGABYTE
PICTURES = {"png", "jpg", "jpeg", "webp", "gif", "avif", "heic", "heif", "tif", "tiff", "bmp"}
SCREEN_FORMATS = {"svg", "png", "jpg", "jpeg", "webp"}
PRINT_FORMATS = {"eps", "ai", "pdf", "svg", "svgz", "png"}
DOCUMENTS = {"pdf", "doc", "docx", "odt", "ppt", "pptx", "txt", "md", "csv"}
# Print assets can be drawings and archives, screen assets can be videos.
ASSETS = {*PICTURES, *PRINT_FORMATS, *DOCUMENTS, "zip", "mp4"}
CONTRACTS = {"pdf"}
LETTERHEADS = {"docx"}
# First bytes of files of these types.
SIGNATURES = {"pdf": b"%PDF-", "docx": b"PK\x03\x04"}
MIN_LOGO_SIDE = 64
# The site opens letterheads itself, to fill them in.
MAX_UNPACKED = 100_000_000


def private_storage() -> Storage:
    """Return the storage of contracts and assets, which has no public URLs."""
    return storages["private"]


def random_name(folder: str, filename: str) -> str:
    """Return a random file name with the extension of the uploaded file."""
    return f"{folder}/{secrets.token_hex(16)}{PurePath(filename).suffix.lower()[:10]}"


def logo_path(instance: models.Model, filename: str) -> str:
    return random_name("sponsors/logos", filename)


def asset_path(instance: models.Model, filename: str) -> str:
    return random_name("sponsors/assets", filename)


def shared_path(instance: models.Model, filename: str) -> str:
    return random_name("sponsors/shared", filename)


def contract_path(instance: models.Model, filename: str) -> str:
    return random_name("sponsors/contracts", filename)


def extension(file: File) -> str:
    return PurePath(file.name or "").suffix.lower().lstrip(".")


def is_drawing(file: File) -> bool:
    """Return whether a file is an SVG, by its content or its extension."""
    file.seek(0)
    start = file.read(1000)
    file.seek(0)
    return extension(file) in {"svg", "svgz"} or b"<svg" in start


def clean_svg(file: File) -> None:
    """Replace an SVG with a sanitized one. Raises ValidationError."""
    file.seek(0)
    replace_content(file, clean_drawing(file.read()), "svg")


def new_files_only(check: Callable[[File], None]) -> Callable[[File], None]:
    """Skip a validator for stored files, because reading them from remote storage at each save is slow."""

    @wraps(check)
    def checked(file: File) -> None:
        if not getattr(file, "_committed", False):
            check(file)

    return checked


def clean_content(file: File) -> None:
    """Clean a file of any accepted type, detected by its content. Raises ValidationError."""
    if is_drawing(file):
        clean_svg(file)
    elif extension(file) in PICTURES:
        clean_image(file)
    else:
        refuse_locked_pdf(file)
        refuse_archive_bomb(file, max_bytes=MAX_UNPACKED)


def refuse_other_types(file: File, types: set[str]) -> None:
    """Raise ValidationError unless the extension of a file is one of these types and its content matches."""
    kind = extension(file)
    file.seek(0)
    start = file.read(len(SIGNATURES.get(kind, b"")))
    file.seek(0)
    if kind not in types or start != SIGNATURES.get(kind, b""):
        raise ValidationError(
            gettext("Files of type “%(type)s” are not allowed. Upload one of these types: %(types)s.")
            % {"type": kind or file.name, "types": describe_types(types)}
            if kind not in types
            else gettext("This file is not a %(type)s, although its name says so.") % {"type": kind.upper()}
        )


def describe_types(types: set[str]) -> str:
    """Return the names of file types for people, such as “DOC, DOCX, PDF”."""
    return ", ".join(sorted(kind.upper() for kind in types))


def accept(types: set[str]) -> dict[str, str]:
    """Return the `accept` attribute of a file field for these types."""
    return {"accept": ",".join(f".{kind}" for kind in sorted(types))}


def check_types(file: File, types: set[str]) -> None:
    refuse_large(file, MAX_FILE_SIZE)
    refuse_other_types(file, types)
    clean_content(file)


@new_files_only
def check_logo(file: File) -> None:
    """Validate a screen logo: a safe SVG or an image of sufficient size."""
    refuse_large(file, MAX_LOGO_SIZE)
    refuse_other_types(file, SCREEN_FORMATS)
    if is_drawing(file):
        clean_svg(file)
        return
    if min(clean_image(file)) < MIN_LOGO_SIDE:
        raise ValidationError(
            gettext("This image is too small. Its shorter side must be at least %(minimum)s pixels.") % {"minimum": MIN_LOGO_SIDE}
        )


@new_files_only
def check_print_logo(file: File) -> None:
    check_types(file, PRINT_FORMATS)


@new_files_only
def check_contract(file: File) -> None:
    """Validate a signed contract: a PDF."""
    check_types(file, CONTRACTS)


@new_files_only
def check_letterhead(file: File) -> None:
    check_types(file, LETTERHEADS)


@new_files_only
def check_document(file: File) -> None:
    """Validate a file from a sponsor, or one that staff send to all sponsors."""
    check_types(file, ASSETS)
