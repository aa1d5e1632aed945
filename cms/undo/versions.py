"""Versions of records without Wagtail revisions: settings, catalogs and registers.

A version is recorded with each log entry about a record, and once before its first change, so that the state that an import or a
migration has written is kept. Records with revisions get their first revision at that time if they have none.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models.signals import post_save, pre_save
from django.utils import timezone
from wagtail.log_actions import get_active_log_context, log
from wagtail.models import DraftStateMixin, ModelLogEntry, Revision

from users.models import User

from . import snapshots
from .models import RecordVersion

REVERT_ACTION = "cms.revert"
RECORDED_ACTIONS = {"wagtail.create", "wagtail.edit", "wagtail.copy", REVERT_ACTION}
MAX_TITLE = 255
# Fields that Wagtail writes with each revision.
BOOKKEEPING = {"latest_revision", "latest_revision_created_at", "live_revision", "has_unpublished_changes", "draft_title"}
_versioned: set[type[models.Model]] = set()


def register(model: type[models.Model], *, has_revision_views: bool) -> None:
    """Record versions of a model, unless Wagtail shows and restores its revisions: then record its first revision."""
    dispatch_uid = f"versions-{model._meta.label}"
    if not has_revision_views:
        _versioned.add(model)
        pre_save.connect(_before_save, sender=model, dispatch_uid=dispatch_uid)
    elif not issubclass(model, DraftStateMixin):
        pre_save.connect(_before_save_with_revision, sender=model, dispatch_uid=dispatch_uid)


def has_versions(model: type[models.Model]) -> bool:
    """Return whether `RecordVersion` has the versions of a model."""
    return model in _versioned


def _before_save(sender: type[models.Model], instance: Any, *, raw: bool, **kwargs: Any) -> None:
    """Record the state in the database before the first change by a person."""
    if raw or instance.pk is None or get_active_log_context().user is None or RecordVersion.objects.of(instance).exists():
        return
    if stored := sender._base_manager.filter(pk=instance.pk).first():
        create_version(stored, user=None)


def _before_save_with_revision(sender: type[models.Model], instance: Any, *, raw: bool, **kwargs: Any) -> None:
    """Record the state in the database as a revision before the first change: models without drafts save before they do."""
    if raw or instance.pk is None or get_active_log_context().user is None:
        return
    _create_first_revision(sender, instance.pk, instance.serializable_data(), timezone.now())


def _before_revision(instance: Revision, raw: bool, **kwargs: Any) -> None:  # noqa: FBT001 -- arguments of the signal.
    """Record the state in the database as a revision before the first revision of a person."""
    if raw or instance.pk is not None or get_active_log_context().user is None:
        return
    model: Any = instance.content_type.model_class()
    _create_first_revision(model, instance.object_id, instance.content, instance.created_at)


def _create_first_revision(model: Any, pk: Any, content: Any, at: datetime) -> None:
    stored = model._base_manager.filter(pk=pk).first()
    if stored is None or stored.revisions.exists():
        return
    stored_content = to_json(stored.serializable_data())
    if without_bookkeeping(model, stored_content) != without_bookkeeping(model, to_json(content)):
        revision = Revision(
            content_object=stored,
            base_content_type=stored.get_base_content_type(),
            object_str=str(stored),
            content=stored_content,
            created_at=at - timedelta(seconds=1),
        )
        # Without signals: this is the current state, and the record still refers to its newest revision.
        Revision.objects.bulk_create([revision])


def without_bookkeeping(model: type[models.Model], content: dict[str, Any]) -> dict[str, Any]:
    """Return content without the fields that each save changes."""
    written = {field.name for field in model._meta.get_fields() if getattr(field, "auto_now", False)} | BOOKKEEPING
    return {name: value for name, value in content.items() if name not in written}


def to_json(content: Any) -> Any:
    """Return content as it is after a round trip through the database."""
    return json.loads(json.dumps(content, cls=DjangoJSONEncoder))


pre_save.connect(_before_revision, sender=Revision, dispatch_uid="first-revision")


def create_version(record: models.Model, *, user: User | None) -> None:
    """Record the current state of a record, unless its newest version is the same."""
    snapshot = snapshots.take_snapshot([record])
    newest = RecordVersion.objects.of(record).first()
    if newest is None or snapshots.digest(newest.snapshot) != snapshots.digest(snapshot):
        RecordVersion.objects.create(
            content_type=ContentType.objects.get_for_model(record),
            object_id=str(record.pk),
            title=str(record)[:MAX_TITLE],
            user=user,
            snapshot=snapshot,
        )


def _after_log_entry(instance: ModelLogEntry, created: bool, raw: bool, **kwargs: Any) -> None:  # noqa: FBT001 -- arguments of the signal.
    model = instance.content_type.model_class() if instance.content_type else None
    if raw or not created or model not in _versioned or instance.action not in RECORDED_ACTIONS:
        return
    record = model._base_manager.filter(pk=instance.object_id).first()
    if record is not None:
        create_version(record, user=instance.user)


post_save.connect(_after_log_entry, sender=ModelLogEntry, dispatch_uid="record-versions")


def keep_state(snapshot: snapshots.Snapshot, record: Any) -> snapshots.Snapshot:
    """Return a snapshot with the current state of a record whose state changes by transitions only."""
    names = {name.removesuffix("_id") for name in getattr(record, "STATE_FIELDS", ())}
    state = {name: getattr(record, record._meta.get_field(name).attname) for name in names}
    label = record._meta.label_lower
    rows = [row | {"fields": row["fields"] | state} if row["model"] == label else row for row in snapshot["rows"]]
    return snapshot | {"rows": rows}


@transaction.atomic
def restore_version(version: RecordVersion, *, by: User) -> models.Model:
    """Write a version back. Raises ValidationError if its record is gone, or if the version breaks a rule of today."""
    record = version.get_record()
    if record is None:
        raise ValidationError(f"“{version.title}” was deleted. Restore it from the trash first.")
    create_version(record, user=None)
    snapshots.restore(keep_state(version.snapshot, record), title=version.title)
    restored = type(record)._base_manager.get(pk=record.pk)
    restored.full_clean()
    log(instance=restored, action=REVERT_ACTION, user=by, data={"version": version.created_at.isoformat()}, content_changed=True)
    return restored
