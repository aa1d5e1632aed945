"""Checks of uploaded images and documents."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from .documents import MEGABYTE, refuse_archive_bomb, refuse_large, refuse_locked_pdf
from .pictures import clean_image


class CleanImageField(forms.ImageField):
    """Image of a public form, replaced by a clean copy in a format that browsers support."""

    def __init__(self, *, max_bytes: int, **kwargs: Any) -> None:
        self.max_bytes = max_bytes
        super().__init__(**kwargs)

    def to_python(self, data: Any) -> Any:
        if data:
            refuse_large(data, self.max_bytes)
            clean_image(data)
        return super().to_python(data)


class ImageFileField(WagtailImageField):
    """Image of the image library, cleaned in the same way."""

    def to_python(self, data: Any) -> Any:
        if data and data.size <= settings.WAGTAILIMAGES_MAX_UPLOAD_SIZE:
            clean_image(data)
        return super().to_python(data)


class ImageForm(BaseImageForm):
    file = ImageFileField(label=_("File"), widget=forms.FileInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A partial update by an API does not contain the file.
        self.fields["file"].required = not self.instance.pk

    def clean(self) -> Any:
        cleaned = super().clean()
        if "description" in self.fields and not cleaned.get("description") and not cleaned.get("decorative"):
            self.add_error(
                "description", ValidationError(_("Enter a description for screen reader users, or mark the image as decorative."))
            )
        return cleaned


class DocumentForm(BaseDocumentForm):
    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        if file and "file" in self.changed_data:
            check_document(file)
        return file


def check_document(file: Any) -> None:
    """Raise ValidationError for a file that is too large, requires a password, or is an archive bomb."""
    if file.size > settings.DOCUMENT_LARGEST:
        raise ValidationError(
            _("The file is %(size)s MB. The limit is %(document_largest)s MB. Make it smaller, or put it on the download server.")
            % {"size": f"{file.size / MEGABYTE:.0f}", "document_largest": settings.DOCUMENT_LARGEST // MEGABYTE}
        )
    refuse_locked_pdf(file)
    refuse_archive_bomb(file)
