"""Purge surrogate keys after the commit of a change.

A model declares once which keys a change to it purges (`register`). All keys of a transaction are purged together by a task
after the commit; each purge is a row (`cms.delivery.models.Purge`) that staff can view and retry.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.signals import post_delete, post_save

from .cached import record_purge
from .models import Purge
from .sending import send_purge

logger = logging.getLogger(__name__)
# Fields that Wagtail writes when a draft is saved. Visitors see no change.
DRAFT_FIELDS = frozenset({"latest_revision", "latest_revision_created_at", "has_unpublished_changes", "draft_title"})
# Functions that return the keys to purge for a changed instance, keyed by model.
_purges: dict[type[models.Model], Callable[[Any], Iterable[str]]] = {}


_gathered: ContextVar[set[str] | None] = ContextVar("gathered", default=None)


def register(model: type[models.Model], purges: Callable[[Any], Iterable[str]]) -> None:
    """Purge the keys that `purges(instance)` names whenever an instance of the model is saved or deleted."""

    def purge_instance(instance: Any, *, raw: bool = False, update_fields: Any = None, **details: Any) -> None:
        if not raw and (update_fields is None or not DRAFT_FIELDS.issuperset(update_fields)):
            keys = set(purges(instance))
            purge(*keys)
            reason = "saved" if "created" in details else "deleted"
            logger.info("Purge of %s: %s %s was %s.", ", ".join(sorted(keys)), model._meta.label, instance.pk, reason)

    _purges[model] = purges
    dispatch_uid = f"cdn-{model._meta.label}"
    post_save.connect(purge_instance, sender=model, weak=False, dispatch_uid=dispatch_uid)
    post_delete.connect(purge_instance, sender=model, weak=False, dispatch_uid=dispatch_uid)


def keys_of(instance: models.Model) -> set[str]:
    """Return the keys that a change to this object purges."""
    return {key for model in type(instance).__mro__ if model in _purges for key in _purges[model](instance)}


def purge(*keys: str) -> None:
    """Purge keys after the commit, together with all other keys of the transaction."""
    if not keys:
        return
    waiting = connection.__dict__.setdefault("keys_to_purge", {})
    waiting.update(dict.fromkeys(keys))
    transaction.on_commit(partial(_flush, waiting))


def _flush(waiting: dict[str, None]) -> None:
    if not waiting:
        return
    keys = sorted(waiting)
    waiting.clear()
    # Other processes see the new number before its keys, and then assume that everything was purged.
    record_purge(keys)
    if (gathered := _gathered.get()) is not None:
        gathered.update(keys)
    else:
        _order(keys)


def _order(keys: list[str]) -> None:
    if keys and settings.CDN_BACKEND != "none":
        send_purge.enqueue(Purge.objects.create(keys=keys).pk)


@contextmanager
def one_purge() -> Iterator[None]:
    """Collect the keys from many transactions, such as those of an import, and purge them once at the end."""
    gathered: set[str] = set()
    token = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(token)
        _order(sorted(gathered))


def send_again(purge: Purge) -> None:
    """Enqueue a purge again, after the commit."""
    purge.status = Purge.Status.WAITING
    purge.save(update_fields=["status"])
    transaction.on_commit(partial(send_purge.enqueue, purge.pk))


def is_gathering() -> bool:
    """Return whether the keys of many transactions are being collected."""
    return _gathered.get() is not None
