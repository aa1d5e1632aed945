from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from users.models import User

from .changes import Change
from .duplicates import Duplicate
from .outcomes import Outcome


@dataclass(frozen=True)
class QueueItem:
    """Submission that is waiting for a decision."""

    pk: int
    title: str
    since: datetime
    by: str = ""
    # URLs of the preview, shown in a frame, and of the full record.
    preview_url: str = ""
    url: str = ""
    note: str = ""
    # Version that the moderator has read. An action is rejected if there is a newer version.
    version: str = ""


QueueAction = Callable[[int, Any, str, str], str]


@dataclass(frozen=True)
class Queue:
    """Moderation queue of a section. An action takes the id, the moderator, the message and the version that was read, and
    returns a sentence about the result.

    Actions raise ValidationError if another moderator was faster or if a required message is missing.
    """

    key: str
    label: str
    permission: str
    items: Callable[[Any], Iterable[QueueItem]]
    actions: Mapping[str, QueueAction]
    replies: Callable[[], list[tuple[str, str]]] = field(default=list)
    # Records that may be the same as a submission. Read for one item at a time.
    duplicates: Callable[[int], list[Duplicate]] = field(default=lambda _: [])
    # Outcome of a submission that is no longer pending, or None if this ID never existed.
    outcome: Callable[[int], Outcome | None] = field(default=lambda _: None)
    # What the submitter changed since the last review.
    changes: Callable[[int], list[Change]] = field(default=lambda _: [])
    # Effects of the removal as spam, one sentence for each.
    spam_effects: Callable[[int], list[str]] = field(default=lambda _: [])
    # Model of the submissions if they are in a workflow.
    model: type[Any] | None = None


QUEUES: dict[str, Queue] = {}


def register_queue(queue: Queue) -> None:
    QUEUES[queue.key] = queue


def queues_of(user: User) -> list[Queue]:
    return [queue for queue in QUEUES.values() if user.has_perm(queue.permission)]


def items_of(key: str, user: User) -> list[QueueItem]:
    """Return the pending items of one queue, without the user's own, which others decide on.

    They are read once per request and cached on its user object.
    """
    read = user.__dict__.setdefault("_dashboard_items", {})
    if key not in read:
        read[key] = [item for item in QUEUES[key].items(user) if item.by != user.get_username()]
    return read[key]


def pending_items(user: User) -> list[tuple[Queue, QueueItem]]:
    """Return all items that a user may decide on, oldest first."""
    found = [(queue, item) for queue in queues_of(user) for item in items_of(queue.key, user)]
    return sorted(found, key=lambda row: (row[1].since, row[0].key, row[1].pk))


def decide(queue: Queue, action: str, pk: int, *, by: User, message: str, version: str) -> str:
    """Run an action of a queue. Raises ValidationError if it is not allowed now."""
    if action not in queue.actions:
        raise ValidationError(_("This action is not available."))
    return queue.actions[action](pk, by, message.strip(), version)
