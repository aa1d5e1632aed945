"""Record what people delete and decide, and undo it.

Every deletion of a registered record by a person goes into the trash, regardless of the view or API: a receiver of Django's
signal takes a snapshot before anything is deleted. The person is that of Wagtail's log context, which the admin sets for each
request; deletions by tasks, imports and the deletion of an account are final.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import pre_delete
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import get_active_log_context, log, registry
from wagtail.models import Page

from cms.email.models import SentEmail, about_key
from users.models import User

from . import page_paths, snapshots
from .models import UndoStep

DELETED = "Deleted"
UNDO_ACTION = "cms.undo"
MAX_LABEL, MAX_TITLE = 100, 255
# Batches recorded during a request, for its success message.
_batches: ContextVar[set[uuid.UUID] | None] = ContextVar("batches", default=None)


@contextmanager
def gather_batches() -> Iterator[set[uuid.UUID]]:
    """Collect the batches that are recorded in a request."""
    found: set[uuid.UUID] = set()
    token = _batches.set(found)
    try:
        yield found
    finally:
        _batches.reset(token)


def register(model: type[models.Model]) -> None:
    """Put records of a model into the trash when a person deletes them."""
    if issubclass(model, Page):
        # Pages of every type are deleted as rows of the tree.
        pre_delete.connect(_on_delete_page, sender=Page, dispatch_uid="trash-page")
    else:
        pre_delete.connect(_on_delete, sender=model, dispatch_uid=f"trash-{model._meta.label}")


def _on_delete(sender: type[models.Model], instance: models.Model, origin: Any = None, **kwargs: Any) -> None:
    if origin.model is sender if isinstance(origin, models.QuerySet) else origin is instance:
        put_in_trash(instance)


def _on_delete_page(instance: Page, origin: Any = None, **kwargs: Any) -> None:
    """Record the top page of a deleted branch. `origin` is the queryset of all its pages."""
    above = [instance.path[:length] for length in range(Page.steplen, len(instance.path), Page.steplen)]
    if isinstance(origin, models.QuerySet) and not origin.filter(path__in=above).exists():
        put_in_trash(instance.specific)


def put_in_trash(record: models.Model) -> UndoStep | None:
    """Record a deletion that is about to happen, if a person makes it."""
    user = find_person(record)
    if user is None:
        return None
    return _record(record, snapshots.take_deletion_snapshot(record), user=user, label=DELETED, is_deletion=True)


def find_person(record: models.Model) -> User | None:
    """Return the person who is deleting a record: the user of the admin request, or the one of the log entry of an API."""
    if user := get_active_log_context().user:
        return user
    entries = registry.get_logs_for_instance(record).filter(
        action="wagtail.delete", timestamp__gt=timezone.now() - timedelta(minutes=1)
    )
    entry = entries.select_related("user").order_by("-timestamp").first()
    return entry.user if entry else None


def _record(record: models.Model, snapshot: snapshots.Snapshot, *, user: User, label: str, **fields: Any) -> UndoStep:
    step = UndoStep.objects.create(
        batch=get_active_log_context().uuid or uuid.uuid4(),
        label=label[:MAX_LABEL],
        content_type=ContentType.objects.get_for_model(record),
        object_id=str(record.pk),
        title=str(record)[:MAX_TITLE],
        user=user,
        parent_page_id=snapshot.get("parent"),
        snapshot=snapshot,
        **fields,
    )
    if (found := _batches.get()) is not None:
        found.add(step.batch)
    return step


@contextmanager
def undoable(
    record: models.Model, *, by: User, label: str, also: Iterable[models.Model] = (), sets: Iterable[list[Any]] = ()
) -> Iterator[None]:
    """Make the changes of the `with` block to a record and to the records `also` undoable, as one step.

    `sets` are further rows that belong to them, as in a snapshot. If the block deletes the record, the trash has it instead.
    """
    before = snapshots.take_snapshot([record, *also], sets)
    with transaction.atomic():
        yield
        record_change(record, before, by=by, label=label)


def record_change(record: models.Model, before: snapshots.Snapshot, *, by: User, label: str) -> None:
    """Make a change that was made since a snapshot undoable, unless nothing has changed or the record is gone."""
    after = snapshots.take_again(before)
    is_there = type(record)._base_manager.filter(pk=record.pk).exists()
    if is_there and snapshots.digest(after) != snapshots.digest(before):
        _record(record, before, user=by, label=label, is_deletion=False, digest_after=snapshots.digest(after))


@transaction.atomic
def undo(batch: uuid.UUID, *, by: User) -> list[UndoStep]:
    """Undo all open steps of a batch, the last one first. Raises ValidationError, and then undoes none of them."""
    steps = list(UndoStep.objects.select_for_update(of=("self",)).open().filter(batch=batch).order_by("-pk"))
    if not steps:
        raise ValidationError(_("This was already undone, or it is older than 30 days."))
    for step in steps:
        _undo_step(step, by)
    return steps


def _undo_step(step: UndoStep, by: User) -> None:
    model = step.model
    if model is None:
        raise ValidationError(_("“%(title)s” has a type that no longer exists.") % {"title": step.title})
    # Locked, so that nobody changes it between the comparison and the restoration.
    is_there = model._base_manager.select_for_update(of=("self",)).filter(pk=step.object_id).first() is not None
    if step.is_deletion and is_there:
        raise ValidationError(_("“%(title)s” has already been restored or created again.") % {"title": step.title})
    if not step.is_deletion and snapshots.digest(snapshots.take_again(step.snapshot)) != step.digest_after:
        raise ValidationError(_("“%(title)s” has changed since then. Open it and edit it there.") % {"title": step.title})
    if "place" in step.snapshot:
        page_paths.move_back(step.snapshot["place"], title=step.title, by=by)
    else:
        snapshots.restore(step.snapshot, title=step.title)
    record = step.get_record()
    # What was not sent yet about the undone decision is not sent any more.
    SentEmail.objects.filter(status=SentEmail.Status.DRAFT, about=about_key(record)).delete()
    step.undone_at = timezone.now()
    step.save(update_fields=["undone_at"])
    log(instance=record.specific if isinstance(record, Page) else record, action=UNDO_ACTION, user=by, data={"step": step.label})
