"""Admin home. Sections register panels in their `dashboard_items.py`::

    register("jobs", "Jobs", permission="jobs.moderate_job", items=lambda user, at: [DashboardItem("wait", 3, "/admin/…")])

and their part of the moderation queue::

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
    """Count with a link to its list. `status` is "", "warn" or "stop"."""

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
    """Return the number of rows of each queryset, in one query."""
    arms = [
        rows.order_by().annotate(panel_arm=Value(number)).values("panel_arm").annotate(panel_rows=Count("pk"))
        for number, rows in enumerate(querysets)
    ]
    found = {row["panel_arm"]: row["panel_rows"] for row in arms[0].union(*arms[1:], all=True)}
    return [found.get(number, 0) for number in range(len(querysets))]


def register(
    key: str, title: str, *, permission: str, items: Callable[[Any, datetime], list[DashboardItem]], order: int = 100
) -> None:
    PANELS[key] = Panel(key, title, permission, items, order)


class DashboardPanel(Component):
    """Dashboard panels that the user may see, by section."""

    name = "dashboard"
    order = 50
    template_name = "cms/admin/dashboard_panel.html"

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        user, at = parent_context["request"].user, timezone.now()
        panels = sorted((panel for panel in PANELS.values() if user.has_perm(panel.permission)), key=lambda panel: panel.order)
        shown = [{"panel": panel, "items": panel.items(user, at)} for panel in panels]
        return {"panels": shown, "waiting": len(pending_items(user)), "has_queue": bool(queues_of(user))}
