"""Checks of uploaded images and documents."""

import zipfile
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from PIL import UnidentifiedImageError
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm
from willow.image import UnrecognisedImageFormatError

MEGABYTE = 1_000_000
# Office files and archives are ZIP files. Of honest ones, none grows to more than this when it is opened.
LARGEST_UNPACKED = 500 * MEGABYTE


class ImageFileField(WagtailImageField):
    def to_python(self, data: Any) -> Any:
        try:
            return super().to_python(data)
        except (UnidentifiedImageError, UnrecognisedImageFormatError, OSError, SyntaxError) as error:
            # Wagtail counts the pixels before it knows that there are any.
            raise ValidationError(
                "Not a valid image: the file is broken, or something else. Save it again and upload that."
            ) from error


class ImageForm(BaseImageForm):
    file = ImageFileField(label="File", widget=forms.FileInput())

    def clean(self) -> Any:
        cleaned = super().clean()
        if "description" in self.fields and not cleaned.get("description") and not cleaned.get("decorative"):
            self.add_error(
                "description", ValidationError("Describe the image for those who cannot see it, or mark it as decorative.")
            )
        return cleaned


class DocumentForm(BaseDocumentForm):
    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        if file and "file" in self.changed_data:
            check_document(file)
        return file


def check_document(file: Any) -> None:
    """Raise ValidationError for a file that is too large, or that grows beyond all measure when it is opened."""
    if file.size > settings.DOCUMENT_LARGEST:
        raise ValidationError(
            f"The file has {file.size / MEGABYTE:.0f} MB; at most {settings.DOCUMENT_LARGEST // MEGABYTE} MB are taken. "
            "Make it smaller, or put it on the download server."
        )
    file.seek(0)
    if zipfile.is_zipfile(file):
        try:
            with zipfile.ZipFile(file) as archive:
                unpacked = sum(entry.file_size for entry in archive.infolist())
        except zipfile.BadZipFile as error:
            raise ValidationError("The archive is broken. Make it again and upload it once more.") from error
        if unpacked > LARGEST_UNPACKED:
            raise ValidationError("The archive would grow to more than 500 MB when somebody opens it. It is not taken.")
    file.seek(0)
