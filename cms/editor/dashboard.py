"""Admin home: the main actions of a user, and one list of what the user has to do. Sections add to both in `dashboard_items.py`::

    register(
        "jobs",
        "Jobs",
        permission="jobs.moderate_job",
        items=lambda user, at: [DashboardItem("live jobs", 3, "/admin/…")],
        actions=lambda user, at: [Action("All jobs", "/admin/…")],
    )

and their part of the moderation queue::

    register_queue(Queue("jobs", "Job", permission=…, items=…, actions={"approve": …}, replies=…))
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count, Value
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.components import Component

from cms.moderation.queue import queues_of
from users.models import User

Text = str | Promise
# Groups of the list, in their order.
GROUPS: dict[str, Text] = {
    "failed": _("Failed"),
    "due": _("Due"),
    "review": _("To review"),
    "draft": _("Your drafts"),
    "fact": _("At a glance"),
}
# Buttons on the home of a person with few sections.
MAX_ACTIONS = 9
GROUP_OF_STATUS = {"stop": "failed", "warn": "due"}


@dataclass(frozen=True)
class DashboardItem:
    """Line of the list. With a `count`, the URL opens exactly these rows; without one, the URL opens the record of that name.

    `status` is "", "warn" or "stop". `group` is a key of GROUPS; without one, it follows from the status.
    """

    text: Text
    count: int | str
    url: str
    status: str = ""
    group: str = ""
    note: Text = ""

    @property
    def place(self) -> str:
        return self.group or GROUP_OF_STATUS.get(self.status, "fact")


@dataclass(frozen=True)
class Action:
    """Main action of a role: a button on the admin home, and an entry of the command palette."""

    label: Text
    url: str


Items = Callable[[Any, datetime], list[DashboardItem]]
Actions = Callable[[Any, datetime], list[Action]]


def no_actions(user: User, at: datetime) -> list[Action]:
    return []


@dataclass(frozen=True)
class Panel:
    """Part of a section in the list and among the actions, for users with the permission; an empty one lets all users in."""

    key: str
    title: Text
    permission: str
    items: Items
    actions: Actions
    order: int

    def is_for(self, user: User) -> bool:
        return not self.permission or user.has_perm(self.permission)


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
    key: str, title: Text, *, permission: str = "", items: Items, actions: Actions = no_actions, order: int = 100
) -> None:
    PANELS[key] = Panel(key, title, permission, items, actions, order)


def panels_of(user: User) -> list[Panel]:
    return sorted((panel for panel in PANELS.values() if panel.is_for(user)), key=lambda panel: panel.order)


def actions_of(user: User, at: datetime | None = None) -> list[Action]:
    """Return the main actions of a user, by section."""
    at = at or timezone.now()
    return [action for panel in panels_of(user) for action in panel.actions(user, at)]


def work_of(user: User, at: datetime | None = None) -> list[tuple[Text, list[DashboardItem]]]:
    """Return the work of a user in groups: what failed, what is due, reviews, drafts, and facts. Empty counters are left out."""
    at = at or timezone.now()
    found: dict[str, list[DashboardItem]] = {group: [] for group in GROUPS}
    for panel in panels_of(user):
        for item in panel.items(user, at):
            if item.count != 0:
                found[item.place].append(item if item.note else replace(item, note=panel.title))
    return [(GROUPS[group], items) for group, items in found.items() if items]


def split_actions(user: User, at: datetime) -> tuple[list[Action], list[Action]]:
    """Return the actions that the home shows, and the others: with many sections, it shows the first action of each."""
    of_sections = [actions for panel in panels_of(user) if (actions := panel.actions(user, at))]
    if sum(map(len, of_sections)) <= MAX_ACTIONS:
        return [action for actions in of_sections for action in actions], []
    return [actions[0] for actions in of_sections], [action for actions in of_sections for action in actions[1:]]


class DashboardPanel(Component):
    """Main actions and work of the user."""

    name = "dashboard"
    order = 50
    template_name = "cms/admin/dashboard_panel.html"

    def get_context_data(self, parent_context: dict[str, Any]) -> dict[str, Any]:
        user, at = parent_context["request"].user, timezone.now()
        actions, more_actions = split_actions(user, at)
        return {
            "actions": actions,
            "more_actions": more_actions,
            "groups": work_of(user, at),
            "only_reviews": not queues_of(user) and not any(panel.permission for panel in panels_of(user)),
        }
