"""Outcome of a submission that has left the moderation queue, for links in emails and for moderators who were slower."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext
from wagtail.log_actions import registry
from wagtail.models import ModelLogEntry, PageLogEntry

from cms.undo.models import UndoStep

MAX_ENTRIES = 10


@dataclass(frozen=True)
class LogLine:
    """Log entry: action, time and user, and the batch that undoes it, if it can be undone."""

    text: str
    at: datetime
    by: str = ""
    batch: UUID | None = None


@dataclass(frozen=True)
class Outcome:
    """State of a submission after its review, with the newest entries of its log. `url` is empty if the record was deleted."""

    title: str
    state: str
    url: str = ""
    log: list[LogLine] = field(default_factory=list)


def describe_entries(entries: Iterable[Any]) -> list[LogLine]:
    """Return the entries of Wagtail's log with the display names of their users, each batch that can be undone once.

    Their reasons stay in the full record.
    """
    entries = list(entries)
    batches = set(UndoStep.objects.open().filter(batch__in={entry.uuid for entry in entries}).values_list("batch", flat=True))
    lines = []
    for entry in entries:
        batch = entry.uuid if entry.uuid in batches else None
        batches.discard(entry.uuid)
        lines.append(LogLine(str(entry.message), entry.timestamp, entry.user.display_name if entry.user else "", batch))
    return lines


def find_log(row: models.Model) -> list[LogLine]:
    """Return the newest log entries of an object."""
    return describe_entries(registry.get_logs_for_instance(row).select_related("user").order_by("-timestamp")[:MAX_ENTRIES])


def find_removed(model: type[models.Model], pk: int) -> Outcome | None:
    """Return the outcome for a deleted object from the log, or None if there never was one."""
    content_type = ContentType.objects.get_for_model(model)
    entries = (
        PageLogEntry.objects.filter(page=pk, content_type=content_type)
        if registry.get_log_model_for_model(model) is PageLogEntry
        else ModelLogEntry.objects.filter(object_id=str(pk), content_type=content_type)
    )
    found = list(entries.select_related("user").order_by("-timestamp")[:MAX_ENTRIES])
    return Outcome(found[0].label, gettext("Removed"), log=describe_entries(found)) if found else None
