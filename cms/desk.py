"""The first screen of the admin: what waits for whom. Sections say it in their `waiting.py`::

    register("jobs", "Jobs", permission="jobs.moderate_job", lines=lambda user, at: [Line("wait", 3, "/admin/…")])

and what the public has sent and a moderator decides about, for the queue over all sections::

    register_queue(Queue("jobs", "Job", permission=…, waiting=…, acts={"approve": …}, replies=…))
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Value
from django.utils import timezone
from wagtail.admin.ui.components import Component


@dataclass(frozen=True)
class Line:
    """One fact with the way to act on it. `tone` is "", "warn" or "stop"."""

    text: str
    count: int | str
    url: str
    tone: str = ""


@dataclass(frozen=True)
class Panel:
    key: str
    title: str
    permission: str
    lines: Callable[[Any, datetime], list[Line]]
    order: int


@dataclass(frozen=True)
class Waiting:
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


Act = Callable[[int, Any, str, str], str]


@dataclass(frozen=True)
class Queue:
    """What of a section waits for a decision. An act takes the id, the moderator, the words and the version that was read, and
    answers with a sentence.

    Acts raise ValidationError with a sentence when somebody else was first, or when words are missing.
    """

    key: str
    label: str
    permission: str
    waiting: Callable[[Any], Iterable[Waiting]]
    acts: Mapping[str, Act]
    replies: Callable[[], list[tuple[str, str]]] = field(default=list)


PANELS: dict[str, Panel] = {}
QUEUES: dict[str, Queue] = {}


def counts(*querysets: models.QuerySet) -> list[int]:
    """How many rows each of these has, in one query."""
    arms = [
        rows.order_by().annotate(desk_arm=Value(number)).values("desk_arm").annotate(desk_rows=Count("pk"))
        for number, rows in enumerate(querysets)
    ]
    found = {row["desk_arm"]: row["desk_rows"] for row in arms[0].union(*arms[1:], all=True)}
    return [found.get(number, 0) for number in range(len(querysets))]


def register(key: str, title: str, *, permission: str, lines: Callable[[Any, datetime], list[Line]], order: int = 100) -> None:
    PANELS[key] = Panel(key, title, permission, lines, order)


def register_queue(queue: Queue) -> None:
    QUEUES[queue.key] = queue


def queues_of(user) -> list[Queue]:
    return [queue for queue in QUEUES.values() if user.has_perm(queue.permission)]


def items(key: str, user) -> list[Waiting]:
    """What waits in one queue, read once for each request: the user object lives as long as that."""
    read = user.__dict__.setdefault("_desk_items", {})
    if key not in read:
        read[key] = list(QUEUES[key].waiting(user))
    return read[key]


def waiting_for(user) -> list[tuple[Queue, Waiting]]:
    """All that a moderator may decide about, what waits longest first."""
    found = [(queue, item) for queue in queues_of(user) for item in items(queue.key, user)]
    return sorted(found, key=lambda row: (row[1].since, row[0].key, row[1].pk))


def decide(queue: Queue, act: str, pk: int, *, by, words: str, seen: str) -> str:
    """Raises ValidationError with a sentence for an act that is not allowed now."""
    if act not in queue.acts:
        raise ValidationError("This cannot be done with it.")
    return queue.acts[act](pk, by, words.strip(), seen)


class DeskPanel(Component):
    """Everything that waits for this member of staff, by section."""

    name = "desk"
    order = 50
    template_name = "cms/admin/desk_panel.html"

    def get_context_data(self, parent_context):
        user, at = parent_context["request"].user, timezone.now()
        panels = sorted((panel for panel in PANELS.values() if user.has_perm(panel.permission)), key=lambda panel: panel.order)
        shown = [{"panel": panel, "lines": panel.lines(user, at)} for panel in panels]
        return {"panels": shown, "waiting": len(waiting_for(user)), "has_queue": bool(queues_of(user))}
