"""Place of a restored or moved page in the page tree, which may have changed since."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _
from wagtail.actions.move_page import MovePageAction
from wagtail.coreutils import find_available_slug
from wagtail.models import Page

from users.models import User

PAGE = "wagtailcore.page"


def relocate(snapshot: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a deleted page and its descendants with their paths under the parent page.

    A page gets its old position unless another page has it, and another slug if a sibling has the old one. Raises
    ValidationError if the parent page no longer exists.
    """
    parent = Page.objects.select_for_update().filter(pk=snapshot["parent"]).first()
    pages = [row for row in snapshot["rows"] if row["model"] == PAGE]
    top = min(pages, key=lambda row: row["fields"]["depth"])["fields"]
    if parent is None:
        raise ValidationError(
            _("“%(title)s” cannot be restored: the page above it no longer exists. Restore that first.") % {"title": top["title"]}
        )
    old_path, old_url, old_depth = top["path"], top["url_path"], top["depth"]
    new_path = _find_path(parent, old_path)
    slug = find_available_slug(parent, top["slug"])
    new_url = f"{parent.url_path}{slug}/"
    moved = {
        row["pk"]: row["fields"]
        | {
            "path": new_path + row["fields"]["path"][len(old_path) :],
            "depth": row["fields"]["depth"] - old_depth + parent.depth + 1,
            "url_path": new_url + row["fields"]["url_path"][len(old_url) :],
            "slug": slug if row["fields"] is top else row["fields"]["slug"],
        }
        for row in pages
    }
    Page.objects.filter(pk=parent.pk).update(numchild=F("numchild") + 1)
    return [row | {"fields": moved[row["pk"]]} if row["model"] == PAGE else row for row in snapshot["rows"]]


def find_place(pk: int) -> dict[str, Any] | None:
    """Return the parent of a page and the sibling after it, as in a snapshot, or None if the page does not exist."""
    page = Page.objects.filter(pk=pk).first()
    parent = page.get_parent() if page else None
    if page is None or parent is None:
        return None
    sibling = page.get_next_sibling()
    return {"page": pk, "parent": parent.pk, "next": sibling.pk if sibling else None}


def move_back(place: dict[str, Any], *, title: str, by: User) -> None:
    """Move a page to the place that it had. Raises ValidationError if this is not possible, or not allowed to the user."""
    page = Page.objects.get(pk=place["page"])
    parent = Page.objects.select_for_update().filter(pk=place["parent"]).first()
    if parent is None:
        raise ValidationError(_("“%(title)s” cannot be moved back: the page above it no longer exists.") % {"title": title})
    if not Page._slug_is_available(page.slug, parent, page):
        raise ValidationError(
            _("“%(title)s” cannot be moved back: another page there now has the slug “%(slug)s”.")
            % {"title": title, "slug": page.slug}
        )
    if not page.permissions_for_user(by).can_move_to(parent):
        raise ValidationError(
            _("“%(title)s” cannot be moved back: you may not move it to “%(parent)s”.") % {"title": title, "parent": parent}
        )
    sibling = parent.get_children().filter(pk=place["next"]).first()
    target, position = (sibling, "left") if sibling else (parent, "last-child")
    MovePageAction(page.specific, target, pos=position, user=by).execute(skip_permission_checks=True)


def _find_path(parent: Page, old_path: str) -> str:
    is_below = old_path.startswith(parent.path) and len(old_path) == len(parent.path) + Page.steplen
    if is_below and not Page.objects.filter(path=old_path).exists():
        return old_path
    last = parent.get_last_child()
    return last._inc_path() if last else Page._get_path(parent.path, parent.depth + 1, 1)
