"""Undo of page actions: one step for each changed page, one batch for the whole action.

Bulk publishing and unpublishing change the rows of pages, and moving changes their place in the tree.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext_lazy
from wagtail.models import Page, PageQuerySet

from cms.undo import snapshots, steps
from users.requests import AuthenticatedRequest

MOVE = "move"
LABELS = {"publish": gettext_lazy("Published"), "unpublish": gettext_lazy("Unpublished"), MOVE: gettext_lazy("Moved")}
# Pages under the chosen ones that the action changes.
CHANGED_BELOW: dict[str, Callable[[PageQuerySet], PageQuerySet]] = {
    "publish": lambda pages: pages.not_live(),
    "unpublish": lambda pages: pages.live(),
}


def take_snapshots(request: AuthenticatedRequest, action_type: str, objects: Iterable[Any], action: Any) -> None:
    """Take snapshots of the pages that a bulk action is about to change. Wagtail hook: `before_bulk_action`."""
    pages = {page.pk: page.specific for page in objects if isinstance(page, Page)} if action_type in LABELS else {}
    if action_type == MOVE:
        action.taken_snapshots = [(page, snapshots.take_place_snapshot(page)) for page in pages.values()]
        return
    if pages and action.cleaned_form.cleaned_data["include_descendants"]:
        for page in list(pages.values()):
            pages |= {below.pk: below for below in CHANGED_BELOW[action_type](page.get_descendants()).specific()}
    action.taken_snapshots = [(page, snapshots.take_snapshot([page])) for page in pages.values()]


def record_steps(request: AuthenticatedRequest, action_type: str, objects: Iterable[Any], action: Any) -> None:
    """Make the changes of a bulk action undoable. Wagtail hook: `after_bulk_action`."""
    for page, before in action.taken_snapshots:
        steps.record_change(page, before, by=request.user, label=str(LABELS[action_type]))


def take_place(request: AuthenticatedRequest, page: Page, destination: Page) -> None:
    """Take a snapshot of the place of a page that is about to be moved alone. Hook of Wagtail, `before_move_page`."""
    if request.method == "POST":
        request.taken_place = snapshots.take_place_snapshot(page)  # type: ignore[attr-defined]  # For the next hook.


def record_move(request: AuthenticatedRequest, page: Page) -> None:
    """Make the move of a page undoable. Hook of Wagtail, `after_move_page`."""
    steps.record_change(page, request.taken_place, by=request.user, label=str(LABELS[MOVE]))  # type: ignore[attr-defined]  # Above.
