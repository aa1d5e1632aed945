"""Media files of the old site, by URL and by path in the storage."""

import re
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage

from cms.content.conversion import normalize_url
from cms.content.models.media import CustomDocument, CustomImage

# URL prefixes of media files, of their short URLs, and of the bucket.
PREFIX = re.compile(r"^(?:/media/|/m/|https?://[^/]*amazonaws\.com/pythondotorg-assets/media/)")


def path_of(url: str) -> str:
    """Return the path of a file in the storage by its URL, or an empty string for other URLs."""
    here = normalize_url(url.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0])
    match = PREFIX.match(here)
    path = here[match.end() :] if match else ""
    return "" if ".." in PurePosixPath(path).parts else path


def image_at(path: str, title: str) -> CustomImage:
    """Return the image of a file. Raises ValidationError if the file is missing or not an image."""
    known = CustomImage.objects.filter(file=path).first()
    if known:
        return known
    refuse_missing(path)
    try:
        return CustomImage.objects.create(title=title[:255], file=path)
    except (OSError, ValueError) as error:
        raise ValidationError(f"the image {path} cannot be read ({type(error).__name__}).") from error


def document_at(path: str, title: str) -> CustomDocument:
    known = CustomDocument.objects.filter(file=path).first()
    if known:
        return known
    refuse_missing(path)
    return CustomDocument.objects.create(title=title[:255], file=path)


def refuse_missing(path: str) -> None:
    if not path or not default_storage.exists(path):
        raise ValidationError(f"the file {path} is missing from the media files. Copy them first, then import again.")


def image_of(url: str) -> CustomImage | None:
    """Return the image at a URL of the old site, created from its file if necessary."""
    path = path_of(url)
    if not path:
        return None
    try:
        return image_at(path, PurePosixPath(path).stem)
    except ValidationError:
        return None
