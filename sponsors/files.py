"""Files that sponsors send: where they are kept, and what is refused with a sentence."""

import re
import secrets
from functools import wraps
from pathlib import PurePath

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from django.core.exceptions import ValidationError
from django.core.files.storage import Storage, storages
from PIL import Image

MEGABYTE = 1024 * 1024
LARGEST_LOGO = 2 * MEGABYTE
LARGEST_FILE = 20 * MEGABYTE
RASTER = {"PNG", "JPEG", "WEBP", "GIF"}
PICTURES = {"png", "jpg", "jpeg", "webp", "gif"}
PRINT_FORMATS = {"eps", "ai", "pdf", "svg", "png"}
DOCUMENTS = {*PICTURES, *PRINT_FORMATS, "doc", "docx", "odt", "ppt", "pptx", "txt", "md", "csv", "zip", "mp4"}
SHORTEST_LOGO_SIDE = 64
# What a drawing may not hold: programs, and whatever fetches something from elsewhere.
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
    """Agreements and what sponsors send: never under a public address."""
    return storages["private"]


def random_name(folder: str, filename: str) -> str:
    """A name that nobody guesses, with the ending of the file that was sent."""
    return f"{folder}/{secrets.token_hex(16)}{PurePath(filename).suffix.lower()[:10]}"


def logo_path(instance, filename: str) -> str:
    return random_name("sponsors/logos", filename)


def answer_path(instance, filename: str) -> str:
    return random_name("sponsors/answers", filename)


def shared_path(instance, filename: str) -> str:
    return random_name("sponsors/shared", filename)


def agreement_path(instance, filename: str) -> str:
    return random_name("sponsors/agreements", filename)


def ending(file) -> str:
    return PurePath(file.name).suffix.lower().lstrip(".")


def refuse_large(file, most: int) -> None:
    if file.size > most:
        raise ValidationError(f"This file has {file.size / MEGABYTE:.1f} MB. At most {most / MEGABYTE:.0f} MB are taken.")


def refuse_programs(file) -> None:
    """Refuse an SVG that holds more than a drawing."""
    file.seek(0)
    try:
        root = ElementTree.parse(file).getroot()
    except DefusedXmlException as error:
        raise ValidationError("This drawing declares entities. Export it again as a plain SVG.") from error
    except ElementTree.ParseError as error:
        raise ValidationError("This file is no SVG that we can read.") from error
    finally:
        file.seek(0)
    if local_name(root.tag) != "svg":
        raise ValidationError("This file is no SVG that we can read.")
    for element in root.iter():
        refuse_element(element)


def refuse_element(element) -> None:
    name = local_name(element.tag)
    if name in FORBIDDEN_ELEMENTS:
        raise ValidationError(f"This drawing holds a <{name}> element. Export it again as a plain SVG, without programs.")
    for attribute, value in element.attrib.items():
        attribute_name = local_name(attribute)
        if attribute_name.startswith("on"):
            raise ValidationError(f"This drawing runs something ({attribute_name}). Export it again as a plain SVG.")
        if attribute_name in {"href", "src"} and not value.strip().startswith(("#", "data:image/png", "data:image/jpeg")):
            raise ValidationError("This drawing fetches something from elsewhere. Embed its pictures and export it again.")
        if FETCHES.search(value):
            raise ValidationError("This drawing fetches something from elsewhere. Export it again as a plain SVG.")
    if name == "style" and FETCHES.search(element.text or ""):
        raise ValidationError("This drawing fetches something from elsewhere. Export it again as a plain SVG.")


def local_name(tag) -> str:
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def size_of(file) -> tuple[int, int]:
    """Width and height of a picture in pixels. Raises ValidationError where it is none."""
    file.seek(0)
    try:
        with Image.open(file) as image:
            image.verify()
            size, kind = image.size, image.format
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValidationError("This file is no image that we can read. Please send PNG, JPEG or WebP.") from error
    finally:
        file.seek(0)
    if kind not in RASTER:
        raise ValidationError("This file is no image that we can read. Please send PNG, JPEG or WebP.")
    return size


def new_files_only(check):
    """A file that is stored already was checked when it came: reading it again for each save would take it from afar."""

    @wraps(check)
    def checked(file) -> None:
        if not getattr(file, "_committed", False):
            check(file)

    return checked


@new_files_only
def check_logo(file) -> None:
    """A logo for the screen: a safe SVG, or an image that is large enough."""
    refuse_large(file, LARGEST_LOGO)
    if ending(file) == "svg":
        refuse_programs(file)
        return
    if min(size_of(file)) < SHORTEST_LOGO_SIDE:
        raise ValidationError(f"This image is too small. Its shorter side needs {SHORTEST_LOGO_SIDE} pixels or more.")


@new_files_only
def check_print_logo(file) -> None:
    refuse_large(file, LARGEST_FILE)
    if ending(file) not in PRINT_FORMATS:
        raise ValidationError("Send the logo for print as EPS, AI, PDF, SVG or PNG.")
    if ending(file) == "svg":
        refuse_programs(file)
    elif ending(file) == "png":
        size_of(file)


@new_files_only
def check_document(file) -> None:
    refuse_large(file, LARGEST_FILE)
    if ending(file) not in DOCUMENTS:
        raise ValidationError(f"Files of the kind “{ending(file) or file.name}” are not taken here.")
    if ending(file) == "svg":
        refuse_programs(file)
