"""Files of images and documents in the trash: kept as long as their rows."""

from functools import partial
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models.signals import post_delete
from wagtail.documents.signal_handlers import post_delete_file_cleanup as delete_document_file
from wagtail.images.signal_handlers import post_delete_file_cleanup as delete_image_file

from .models import RecordVersion, UndoStep

CLEANERS = (delete_image_file, delete_document_file)
# Images and documents.
WITH_FILES = {"cms.customimage", "cms.customdocument"}


def keep_files(model: type[models.Model]) -> None:
    """Keep the file of a deleted row while it is in the trash. Replaces Wagtail's receiver, which deletes it at once."""
    for cleaner in CLEANERS:
        if post_delete.disconnect(cleaner, sender=model):
            post_delete.connect(_keep_or(cleaner), sender=model, weak=False, dispatch_uid=f"trash-file-{model._meta.label}")


def _keep_or(cleaner: Any) -> Any:
    def clean(instance: models.Model, **kwargs: Any) -> None:
        content_type = ContentType.objects.get_for_model(instance)
        if not UndoStep.objects.in_trash().filter(content_type=content_type, object_id=str(instance.pk)).exists():
            cleaner(instance, **kwargs)

    return clean


@transaction.atomic
def empty_trash() -> int:
    """Delete what has been in the trash for 30 days, with files and versions. Return the number of steps."""
    steps = list(UndoStep.objects.expired().select_related("content_type"))
    for step in steps:
        if step.is_deletion and step.undone_at is None and step.get_record() is None:
            RecordVersion.objects.filter(content_type=step.content_type, object_id=step.object_id).delete()
            _delete_files(step)
        step.delete()
    return len(steps)


def _delete_files(step: UndoStep) -> None:
    for row in step.snapshot["rows"]:
        if row["model"] in WITH_FILES:
            name, model = row["fields"].get("file"), apps.get_model(row["model"])
            if name and not model._base_manager.filter(file=name).exists():
                transaction.on_commit(partial(default_storage.delete, name))
