"""Undo of bulk publishing and unpublishing of pages: one step for each page that changes, one batch for the whole action."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext_lazy
from wagtail.models import Page, PageQuerySet

from cms.undo import snapshots, steps
from users.requests import AuthenticatedRequest

LABELS = {"publish": gettext_lazy("Published"), "unpublish": gettext_lazy("Unpublished")}
# Pages under the chosen ones that the action changes.
CHANGED_BELOW: dict[str, Callable[[PageQuerySet], PageQuerySet]] = {
    "publish": lambda pages: pages.not_live(),
    "unpublish": lambda pages: pages.live(),
}


def take_snapshots(request: AuthenticatedRequest, action_type: str, objects: Iterable[Any], action: Any) -> None:
    """Take snapshots of the pages that a bulk action is about to change. Wagtail hook: `before_bulk_action`."""
    pages = {page.pk: page.specific for page in objects if isinstance(page, Page)} if action_type in LABELS else {}
    if pages and action.cleaned_form.cleaned_data["include_descendants"]:
        for page in list(pages.values()):
            pages |= {below.pk: below for below in CHANGED_BELOW[action_type](page.get_descendants()).specific()}
    action.taken_snapshots = [(page, snapshots.take_snapshot([page])) for page in pages.values()]


def record_steps(request: AuthenticatedRequest, action_type: str, objects: Iterable[Any], action: Any) -> None:
    """Make the changes of a bulk action undoable. Wagtail hook: `after_bulk_action`."""
    for page, before in action.taken_snapshots:
        steps.record_change(page, before, by=request.user, label=str(LABELS[action_type]))
