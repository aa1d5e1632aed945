from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from users.models import User


@dataclass(frozen=True)
class QueueItem:
    """Something that the public has sent and nobody has decided about."""

    pk: int
    title: str
    since: datetime
    by: str = ""
    # Where it shows as it will be, in a frame, and where all about it stands.
    preview_url: str = ""
    url: str = ""
    note: str = ""
    # What the moderator has read. An act on something that has changed since is refused.
    version: str = ""


QueueAction = Callable[[int, Any, str, str], str]


@dataclass(frozen=True)
class Queue:
    """What of a section waits for a decision. An act takes the id, the moderator, the message and the version that was read, and
    answers with a sentence.

    Acts raise ValidationError with a sentence when somebody else was first, or when message are missing.
    """

    key: str
    label: str
    permission: str
    items: Callable[[Any], Iterable[QueueItem]]
    actions: Mapping[str, QueueAction]
    replies: Callable[[], list[tuple[str, str]]] = field(default=list)


QUEUES: dict[str, Queue] = {}


def register_queue(queue: Queue) -> None:
    QUEUES[queue.key] = queue


def queues_of(user: User) -> list[Queue]:
    return [queue for queue in QUEUES.values() if user.has_perm(queue.permission)]


def items_of(key: str, user: User) -> list[QueueItem]:
    """What waits in one queue, read once for each request: the user object lives as long as that."""
    read = user.__dict__.setdefault("_desk_items", {})
    if key not in read:
        read[key] = list(QUEUES[key].items(user))
    return read[key]


def pending_items(user: User) -> list[tuple[Queue, QueueItem]]:
    """All that a moderator may decide about, what waits longest first."""
    found = [(queue, item) for queue in queues_of(user) for item in items_of(queue.key, user)]
    return sorted(found, key=lambda row: (row[1].since, row[0].key, row[1].pk))


def decide(queue: Queue, action: str, pk: int, *, by, message: str, version: str) -> str:
    """Raises ValidationError with a sentence for an act that is not allowed now."""
    if action not in queue.actions:
        raise ValidationError("This cannot be done with it.")
    return queue.actions[action](pk, by, message.strip(), version)
