"""Storage and validation of files that sponsors send."""

import secrets
from collections.abc import Callable
from functools import wraps
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import models

from cms.platform.documents import refuse_archive_bomb, refuse_large, refuse_locked_pdf
from cms.platform.drawings import clean_drawing
from cms.platform.pictures import clean_image, replace_content

MEGABYTE = 1024 * 1024
MAX_LOGO_SIZE = 2 * MEGABYTE
MAX_FILE_SIZE = 20 * MEGABYTE
PICTURES = {"png", "jpg", "jpeg", "webp", "gif", "avif", "heic", "heif", "tif", "tiff", "bmp"}
PRINT_FORMATS = {"eps", "ai", "pdf", "svg", "svgz", "png"}
DOCUMENTS = {*PICTURES, *PRINT_FORMATS, "doc", "docx", "odt", "ppt", "pptx", "txt", "md", "csv", "zip", "mp4"}
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
    """Replace an SVG by one that only draws. Raises ValidationError."""
    file.seek(0)
    replace_content(file, clean_drawing(file.read()), "svg")


def new_files_only(check: Callable[[File], None]) -> Callable[[File], None]:
    """Skip a validator for stored files: reading them from remote storage on each save is slow."""

    @wraps(check)
    def checked(file: File) -> None:
        if not getattr(file, "_committed", False):
            check(file)

    return checked


def clean_content(file: File) -> None:
    """Clean a file of any accepted type by what it contains. Raises ValidationError."""
    if is_drawing(file):
        clean_svg(file)
    elif extension(file) in PICTURES:
        clean_image(file)
    else:
        refuse_locked_pdf(file)
        refuse_archive_bomb(file, max_bytes=MAX_UNPACKED)


@new_files_only
def check_logo(file: File) -> None:
    """Validate a logo for the screen: a safe SVG or an image of sufficient size."""
    refuse_large(file, MAX_LOGO_SIZE)
    if is_drawing(file):
        clean_svg(file)
        return
    if min(clean_image(file)) < MIN_LOGO_SIDE:
        raise ValidationError(f"This image is too small. Its shorter side needs {MIN_LOGO_SIDE} pixels or more.")


@new_files_only
def check_print_logo(file: File) -> None:
    refuse_large(file, MAX_FILE_SIZE)
    if extension(file) not in PRINT_FORMATS:
        raise ValidationError("Send the logo for print as EPS, AI, PDF, SVG or PNG.")
    clean_content(file)


@new_files_only
def check_document(file: File) -> None:
    refuse_large(file, MAX_FILE_SIZE)
    if extension(file) not in DOCUMENTS:
        raise ValidationError(f"Files of the kind “{extension(file) or file.name}” are not taken here.")
    clean_content(file)
