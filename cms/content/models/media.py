import logging
import secrets
from copy import copy
from pathlib import PurePosixPath
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.db import DatabaseError, models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument
from wagtail.documents.models import Document as WagtailDocument
from wagtail.images.models import AbstractImage, AbstractRendition, Filter, SourceImageIOError
from wagtail.images.models import Image as WagtailImage

logger = logging.getLogger(__name__)
# Together with the folders it fits into the 100 characters of the column.
MAX_NAME = 60
# Errors of a full disk, an unavailable storage and a read-only database.
CANNOT_STORE = (OSError, DatabaseError, BotoCoreError, ClientError)


def in_secret_folder(path: str) -> str:
    """Return a path in a secret folder, because no view checks access to images of private collections."""
    given = PurePosixPath(path)
    name = given.stem[: MAX_NAME - len(given.suffix)] + given.suffix
    return f"{given.parent}/{secrets.token_urlsafe(12)}/{name}"


class CustomImage(AbstractImage):
    decorative = models.BooleanField(
        default=False, help_text=_("The image adds no information to the text next to it, so it needs no description.")
    )

    admin_form_fields = (*WagtailImage.admin_form_fields, "decorative")

    def get_upload_to(self, filename: str) -> str:
        return in_secret_folder(super().get_upload_to(filename))

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        permissions = [("choose_customimage", "Can choose image")]

    def get_rendition(self, spec: Any) -> Any:
        try:
            return super().get_rendition(spec)
        except SourceImageIOError:
            raise
        except CANNOT_STORE:
            logger.exception("No rendition of image %s could be stored.", self.pk)
            return self._stand_in(spec)

    def get_renditions(self, *specs: Any) -> dict[str, Any]:
        try:
            return super().get_renditions(*specs)
        except SourceImageIOError:
            raise
        except CANNOT_STORE:
            logger.exception("No renditions of image %s could be stored.", self.pk)
            return {stand_in.filter_spec: stand_in for stand_in in map(self._stand_in, specs)}

    def _stand_in(self, spec: Filter | str) -> AbstractRendition:
        """Return the original image, so that the page still renders. The next request tries again."""
        name = self.clean_filter_for_svg(spec if isinstance(spec, Filter) else Filter(spec=spec)).spec
        size = {"width": self.width, "height": self.height}
        return self.get_rendition_model()(image=self, filter_spec=name, file=copy(self.file), **size)


class CustomRendition(AbstractRendition):
    image = models.ForeignKey(CustomImage, on_delete=models.CASCADE, related_name="renditions")

    def get_upload_to(self, filename: str) -> str:
        return in_secret_folder(super().get_upload_to(filename))

    class Meta:
        unique_together = [("image", "filter_spec", "focal_point_key")]


def document_path(document: Any, filename: str) -> str:
    """Return a path in a secret folder, because the storage serves files without a permission check."""
    return f"documents/{secrets.token_urlsafe(12)}/{filename}"


class CustomDocument(AbstractDocument):
    file = models.FileField(upload_to=document_path, max_length=255)

    admin_form_fields = WagtailDocument.admin_form_fields

    class Meta(AbstractDocument.Meta):
        verbose_name = _("document")
        permissions = [("choose_customdocument", "Can choose document")]
