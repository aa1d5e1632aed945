import secrets

from django.db import models
from wagtail.documents.models import AbstractDocument
from wagtail.documents.models import Document as WagtailDocument
from wagtail.images.models import AbstractImage, AbstractRendition
from wagtail.images.models import Image as WagtailImage


class CustomImage(AbstractImage):
    decorative = models.BooleanField(
        default=False, help_text="It says nothing that the text beside it does not say. Then it needs no description."
    )

    admin_form_fields = (*WagtailImage.admin_form_fields, "decorative")

    class Meta(AbstractImage.Meta):
        verbose_name = "image"
        permissions = [("choose_customimage", "Can choose image")]


class CustomRendition(AbstractRendition):
    image = models.ForeignKey(CustomImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = [("image", "filter_spec", "focal_point_key")]


def document_path(document, filename: str) -> str:
    """A folder that nobody guesses: the store itself serves a file to whoever knows its address, the site only after a check."""
    return f"documents/{secrets.token_urlsafe(12)}/{filename}"


class CustomDocument(AbstractDocument):
    file = models.FileField(upload_to=document_path, max_length=255)

    admin_form_fields = WagtailDocument.admin_form_fields

    class Meta(AbstractDocument.Meta):
        verbose_name = "document"
        permissions = [("choose_customdocument", "Can choose document")]
