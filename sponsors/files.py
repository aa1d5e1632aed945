"""Storage and validation of files that sponsors send."""

import re
import secrets
from collections.abc import Callable
from functools import wraps
from pathlib import PurePath
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext
from PIL import Image

MEGABYTE = 1024 * 1024
MAX_LOGO_SIZE = 2 * MEGABYTE
MAX_FILE_SIZE = 20 * MEGABYTE
RASTER = {"PNG", "JPEG", "WEBP", "GIF"}
PICTURES = {"png", "jpg", "jpeg", "webp", "gif"}
PRINT_FORMATS = {"eps", "ai", "pdf", "svg", "png"}
DOCUMENTS = {*PICTURES, *PRINT_FORMATS, "doc", "docx", "odt", "ppt", "pptx", "txt", "md", "csv", "zip", "mp4"}
MIN_LOGO_SIDE = 64
# Elements that an SVG must not contain: scripts, and elements that load external content.
FORBIDDEN_ELEMENTS = {
    "script",
    "foreignobject",
    "iframe",
    "object",
    "embed",
    "audio",
    "video",
    "link",
    "handler",
    "animate",
    "set",
}
FETCHES = re.compile(r"(@import|url\(\s*['\"]?\s*(?!#|['\"]?#)|javascript:|expression\()", re.IGNORECASE)


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


def refuse_large(file: File, limit: int) -> None:
    if file.size > limit:
        raise ValidationError(
            gettext("This file is %(size)s MB. The maximum is %(limit)s MB.")
            % {"size": f"{file.size / MEGABYTE:.1f}", "limit": f"{limit / MEGABYTE:.0f}"}
        )


def refuse_active_svg(file: File) -> None:
    """Raise ValidationError for an SVG with scripts, entities or external content."""
    file.seek(0)
    try:
        root = ElementTree.parse(file).getroot()
    except DefusedXmlException as error:
        raise ValidationError(
            gettext("This SVG declares XML entities, which are not allowed. Export it again as plain SVG.")
        ) from error
    except ElementTree.ParseError as error:
        raise ValidationError(gettext("This file is not a valid SVG. Export it again as plain SVG.")) from error
    finally:
        file.seek(0)
    if local_name(root.tag) != "svg":
        raise ValidationError(gettext("This file is not a valid SVG. Export it again as plain SVG."))
    for element in root.iter():
        refuse_element(element)


def refuse_element(element: Element) -> None:
    name = local_name(element.tag)
    if name in FORBIDDEN_ELEMENTS:
        raise ValidationError(
            gettext("This SVG contains a <%(name)s> element, which is not allowed. Export it again as plain SVG.")
            % {"name": name}
        )
    for attribute, value in element.attrib.items():
        attribute_name = local_name(attribute)
        if attribute_name.startswith("on"):
            raise ValidationError(
                gettext("This SVG contains a script (%(attribute_name)s), which is not allowed. Export it again as plain SVG.")
                % {"attribute_name": attribute_name}
            )
        if attribute_name in {"href", "src"} and not value.strip().startswith(("#", "data:image/png", "data:image/jpeg")):
            raise ValidationError(gettext("This SVG links to external files. Embed its images and export it again."))
        if FETCHES.search(value):
            raise ValidationError(
                gettext("This SVG links to external files, which is not allowed. Export it again as plain SVG.")
            )
    if name == "style" and FETCHES.search(element.text or ""):
        raise ValidationError(gettext("This SVG links to external files, which is not allowed. Export it again as plain SVG."))


def local_name(tag: Any) -> str:
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def get_image_size(file: File) -> tuple[int, int]:
    """Return width and height of an image in pixels. Raises ValidationError if it is not an image."""
    file.seek(0)
    try:
        with Image.open(file) as image:
            image.verify()
            size, kind = image.size, image.format
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError(gettext("This file is not a valid image. Upload a PNG, JPEG or WebP file.")) from error
    finally:
        file.seek(0)
    if kind not in RASTER:
        raise ValidationError(gettext("This file is not a valid image. Upload a PNG, JPEG or WebP file."))
    return size


def new_files_only(check: Callable[[File], None]) -> Callable[[File], None]:
    """Skip a validator for stored files: reading them from remote storage on each save is slow."""

    @wraps(check)
    def checked(file: File) -> None:
        if not getattr(file, "_committed", False):
            check(file)

    return checked


@new_files_only
def check_logo(file: File) -> None:
    """Validate a logo for the screen: a safe SVG or an image of sufficient size."""
    refuse_large(file, MAX_LOGO_SIZE)
    if extension(file) == "svg":
        refuse_active_svg(file)
        return
    if min(get_image_size(file)) < MIN_LOGO_SIDE:
        raise ValidationError(
            gettext("This image is too small. Its shorter side must be at least %(minimum)s pixels.") % {"minimum": MIN_LOGO_SIDE}
        )


@new_files_only
def check_print_logo(file: File) -> None:
    refuse_large(file, MAX_FILE_SIZE)
    if extension(file) not in PRINT_FORMATS:
        raise ValidationError(gettext("Upload the print logo as an EPS, AI, PDF, SVG or PNG file."))
    if extension(file) == "svg":
        refuse_active_svg(file)
    elif extension(file) == "png":
        get_image_size(file)


@new_files_only
def check_document(file: File) -> None:
    refuse_large(file, MAX_FILE_SIZE)
    if extension(file) not in DOCUMENTS:
        raise ValidationError(
            gettext("Files of type “%(type)s” are not allowed. Upload another file type.")
            % {"type": extension(file) or file.name}
        )
    if extension(file) == "svg":
        refuse_active_svg(file)
