"""The first screen of the admin: what waits for whom. Sections say it in their `dashboard_items.py`::

    register("jobs", "Jobs", permission="jobs.moderate_job", items=lambda user, at: [DashboardItem("wait", 3, "/admin/…")])

and what the public has sent and a moderator decides about, for the queue over all sections::

    register_queue(Queue("jobs", "Job", permission=…, items=…, actions={"approve": …}, replies=…))
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, Value
from django.utils import timezone
from wagtail.admin.ui.components import Component

from cms.moderation.queue import pending_items, queues_of


@dataclass(frozen=True)
class DashboardItem:
    """One fact with the way to act on it. `status` is "", "warn" or "stop"."""

    text: str
    count: int | str
    url: str
    status: str = ""


@dataclass(frozen=True)
class Panel:
    key: str
    title: str
    permission: str
    items: Callable[[Any, datetime], list[DashboardItem]]
    order: int


PANELS: dict[str, Panel] = {}


def counts(*querysets: models.QuerySet) -> list[int]:
    """How many rows each of these has, in one query."""
    arms = [
        rows.order_by().annotate(desk_arm=Value(number)).values("desk_arm").annotate(desk_rows=Count("pk"))
        for number, rows in enumerate(querysets)
    ]
    found = {row["desk_arm"]: row["desk_rows"] for row in arms[0].union(*arms[1:], all=True)}
    return [found.get(number, 0) for number in range(len(querysets))]


def register(
    key: str, title: str, *, permission: str, items: Callable[[Any, datetime], list[DashboardItem]], order: int = 100
) -> None:
    PANELS[key] = Panel(key, title, permission, items, order)


class DeskPanel(Component):
    """Everything that waits for this member of staff, by section."""

    name = "desk"
    order = 50
    template_name = "cms/admin/desk_panel.html"

    def get_context_data(self, parent_context):
        user, at = parent_context["request"].user, timezone.now()
        panels = sorted((panel for panel in PANELS.values() if user.has_perm(panel.permission)), key=lambda panel: panel.order)
        shown = [{"panel": panel, "items": panel.items(user, at)} for panel in panels]
        return {"panels": shown, "waiting": len(pending_items(user)), "has_queue": bool(queues_of(user))}
