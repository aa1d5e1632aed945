"""Deleted and changed records that can be restored, and versions of records."""

import uuid
from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any, Self

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

DAYS_IN_TRASH = 30


class SnapshotEncoder(DjangoJSONEncoder):
    """Encoder that keeps microseconds, which Django's encoder leaves out."""

    def default(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime | time) else super().default(value)


class UndoStepQuerySet(models.QuerySet["UndoStep"]):
    def open(self, at: datetime | None = None) -> Self:
        """Return steps that can still be undone."""
        return self.filter(undone_at=None, created_at__gt=(at or timezone.now()) - timedelta(days=DAYS_IN_TRASH))

    def in_trash(self, at: datetime | None = None) -> Self:
        """Return deleted records that can still be restored."""
        return self.open(at).filter(is_deletion=True)

    def expired(self, at: datetime | None = None) -> Self:
        return self.filter(created_at__lte=(at or timezone.now()) - timedelta(days=DAYS_IN_TRASH))


class UndoStep(models.Model):
    """Deletion or action with the rows as they were before, so that it can be undone for 30 days.

    All steps of one request have the same `batch` and are undone together. The log entries of the request have it, too.
    """

    batch = models.UUIDField(default=uuid.uuid4, db_index=True)
    is_deletion = models.BooleanField()
    label = models.CharField(_("action"), max_length=100)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+", verbose_name=_("type"))
    object_id = models.CharField(max_length=255)
    title = models.CharField(max_length=255)
    # ID of the parent of a page, whose permissions decide who can restore it.
    parent_page_id = models.BigIntegerField(null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(_("date"), default=timezone.now, db_index=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    # The format is described in `cms.undo.snapshots`.
    snapshot = models.JSONField(encoder=SnapshotEncoder)
    # Digest of the rows after an action. It can be undone only while they are unchanged.
    digest_after = models.CharField(max_length=64, blank=True)

    objects = UndoStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("deleted record")
        verbose_name_plural = _("deleted records")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="undo_step_record")]

    def __str__(self) -> str:
        return self.title

    @property
    def model(self) -> type[models.Model] | None:
        return self.content_type.model_class()

    @property
    def type_name(self) -> str:
        return capfirst(str(self.model._meta.verbose_name)) if self.model else self.content_type.model

    def get_record(self) -> Any:
        """Return the record, or None if it does not exist."""
        return self.model._base_manager.filter(pk=self.object_id).first() if self.model else None

    @property
    def contents(self) -> list[tuple[str, int]]:
        """Return the types of the rows that are restored with the record, with their numbers."""
        numbers = Counter(row["model"] for row in self.snapshot["rows"])
        known = {label: apps.get_model(label) for label in numbers if label.split(".")[0] in apps.app_configs}
        found = [
            (str(model._meta.verbose_name if numbers[label] == 1 else model._meta.verbose_name_plural), numbers[label])
            for label, model in known.items()
            if not model._meta.auto_created
        ]
        return sorted(found)

    @property
    def expires_at(self) -> datetime:
        return self.created_at + timedelta(days=DAYS_IN_TRASH)


class RecordVersionQuerySet(models.QuerySet["RecordVersion"]):
    def of(self, record: models.Model) -> Self:
        """Return the versions of a record, newest first."""
        return self.filter(content_type=ContentType.objects.get_for_model(record), object_id=str(record.pk))


class RecordVersion(models.Model):
    """Version of a record without Wagtail revisions, with its rows of other tables that are edited in the same form."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=255)
    title = models.CharField(max_length=255)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    snapshot = models.JSONField(encoder=SnapshotEncoder)

    objects = RecordVersionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="undo_version_record")]

    def __str__(self) -> str:
        return self.title

    def get_record(self) -> Any:
        """Return the record, or None if it was deleted."""
        model = self.content_type.model_class()
        return model._base_manager.filter(pk=self.object_id).first() if model else None
