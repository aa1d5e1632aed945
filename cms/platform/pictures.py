"""Uploaded images: fully decoded, rotated upright, without metadata, in a format that browsers support."""

from collections.abc import Iterator
from io import BytesIO
from itertools import count
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

register_heif_opener()
# Formats that are kept, with their file extensions, and formats that are converted.
EXTENSIONS = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "GIF": "gif", "AVIF": "avif"}
CONVERTED = {"TIFF", "BMP", "HEIF"}
OTHER_NAMES = {"jpg": {"jpg", "jpeg"}}
# JPEG files keep their quality unless they are rotated.
QUALITY = {"JPEG": 92, "WEBP": 90, "AVIF": 80}
MAX_FRAMES = 1000
# First bytes of files that are often mistaken for images.
SIGNATURES = {
    b"%PDF": _("a PDF document"),
    b"PK\x03\x04": _("an archive or an office document"),
    b"%!PS": _("a PostScript file"),
    b"<svg": _("an SVG drawing"),
    b"<?xml": _("an SVG drawing or another XML document"),
    b"<!DOCTYPE": _("a web page"),
    b"<html": _("a web page"),
    b"8BPS": _("a Photoshop file"),
}
ADVICE = "Save it as PNG or JPEG, then upload the new file."


def clean_image(file: Any) -> tuple[int, int]:
    """Replace the content of an uploaded image with a clean version, and return its width and height.

    Raises ValidationError with the reason for a file that is empty, truncated, too large or not an image.
    """
    file.seek(0)
    content = file.read()
    if not content:
        raise ValidationError(_("The file is empty."))
    try:
        new, extension, size = _cleaned(content)
    except UnidentifiedImageError as error:
        raise ValidationError(_reason(content)) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(_too_many_pixels()) from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, IndexError, TypeError) as error:
        is_cut_off = "truncated" in str(error) or isinstance(error, EOFError)
        reason = _("The image is incomplete: the file ends too early.") if is_cut_off else _("The image is damaged.")
        raise ValidationError(
            _("%(reason)s Export or download it again, then upload the new file.") % {"reason": reason}
        ) from error
    replace_content(file, new, extension)
    return size


def replace_content(file: Any, content: bytes, extension: str) -> None:
    """Write new content into an uploaded file, and correct the extension of its name."""
    upload = file.file if isinstance(file, FieldFile) else file
    if not isinstance(upload, File):
        raise TypeError("Only uploaded files can be converted.")
    upload.seek(0)
    if isinstance(upload, ContentFile):
        upload.file = BytesIO(content)
    else:
        upload.truncate()
        upload.write(content)
        upload.flush()
    upload.size = len(content)
    upload.seek(0)
    path = PurePath(file.name or "file")
    if path.suffix.lower().lstrip(".") not in OTHER_NAMES.get(extension, {extension}):
        upload.name = file.name = str(path.with_suffix(f".{extension}"))


def _cleaned(content: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """Return the clean content of an image, its extension and its size."""
    # Importing WeasyPrint enables this for the whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    # Only these readers are allowed, because others start programs or read other files.
    with Image.open(BytesIO(content), formats=[*EXTENSIONS, *CONVERTED]) as image:
        _refuse_pixels(image.width * image.height)
        if image.format not in {"MPO", *CONVERTED} and getattr(image, "is_animated", False):
            return _clean_animation(image), EXTENSIONS[str(image.format)], image.size
        image.load()
        target = "JPEG" if image.format == "MPO" else str(image.format)
        options: dict[str, Any] = {"icc_profile": image.info.get("icc_profile")}
        upright = ImageOps.exif_transpose(image)
        if target in CONVERTED:
            is_photo = upright.mode in {"RGB", "YCbCr", "CMYK"} and target != "BMP"
            target = "JPEG" if is_photo else "PNG"
            if target == "PNG" and upright.mode not in {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}:
                upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        is_turned = upright.size != image.size or image.getexif().get(0x0112, 1) != 1
        if target in QUALITY:
            keeps = target == "JPEG" and image.format == "JPEG" and not is_turned
            options["quality"] = "keep" if keeps else QUALITY[target]
        saved = image if options.get("quality") == "keep" else upright
        if "transparency" in image.info and saved.mode in {"1", "L", "P", "RGB"}:
            options["transparency"] = image.info["transparency"]
        saved.info = {}
        output = BytesIO()
        saved.save(output, target, exif=b"", **{name: value for name, value in options.items() if value is not None})
        return output.getvalue(), EXTENSIONS[target], saved.size


def _clean_animation(image: Image.Image) -> bytes:
    """Return an animation with all its frames, decoded one after the other, and without metadata."""
    durations = []
    pixels = 0
    for _frame in _frames(image):
        pixels += image.width * image.height
        _refuse_pixels(pixels // 4)
        image.load()
        durations.append(image.info.get("duration", 100))
    if len(durations) > MAX_FRAMES:
        raise ValidationError(_("The animation has more than %(max_frames)s frames.") % {"max_frames": MAX_FRAMES})
    image.seek(0)
    options = {"loop": image.info.get("loop", 0), "duration": durations, "save_all": True}
    if image.format in QUALITY:
        options["quality"] = QUALITY[image.format]
    for name in ("exif", "xmp", "comment", "XML:com.adobe.xmp"):
        image.info.pop(name, None)
    output = BytesIO()
    image.save(output, image.format, **options)
    return output.getvalue()


def _frames(image: Image.Image) -> Iterator[int]:
    for number in count():
        try:
            image.seek(number)
        except EOFError:
            return
        yield number
        if number >= MAX_FRAMES:
            return


def _refuse_pixels(pixels: int) -> None:
    if pixels > settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS:
        raise ValidationError(_too_many_pixels())


def _too_many_pixels() -> str:
    most = settings.WAGTAILIMAGES_MAX_IMAGE_PIXELS // 1_000_000
    return f"The image has too many pixels; at most {most} megapixels are accepted. Make it smaller and upload that."


def _reason(content: bytes) -> str:
    start = content[:200].lstrip(b"\xef\xbb\xbf \r\n\t")
    for signature, name in SIGNATURES.items():
        if start.lower().startswith(signature.lower()):
            return f"This file is {name}, not an image. {ADVICE}"
    return f"This file is not an image in a supported format. {ADVICE}"
