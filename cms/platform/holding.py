"""Hold-back rules for external data: which changes are applied automatically, and which a person has to confirm.

All sources fail in similar ways: a truncated file, an empty list, or new software that rewrites every entry. Readers of
calendars, release cycles and advisories count the effects of a run and call `reason_to_hold`.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

# A run that removes more than this many entries, and more than this share of all, is held back. The same for changes.
MAX_REMOVED, MAX_REMOVED_SHARE = 2, 1 / 3
MAX_CHANGED, MAX_CHANGED_SHARE = 4, 1 / 2


@dataclass
class Change:
    """Effect of a run on one entry, for people to read: `fields` are (label, old value, new value)."""

    action: str
    key: str
    title: str
    fields: list[tuple[str, str, str]]
    data: Any = None

    ADD, CHANGE, REMOVE = "add", "change", "remove"

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("action", "key", "title", "fields", "data")}


@dataclass(frozen=True)
class Size:
    """Size of a run: entries before it, and numbers of its effects. `changed` counts changes that visitors notice."""

    total: int
    changed: int = 0
    removed: int = 0
    is_complete: bool = True
    # Parts of the file could not be read.
    is_damaged: bool = False
    noun: str = "events"


def reason_to_hold(size: Size) -> str:
    """Return why a run must wait for a person, as a sentence, or an empty string."""
    if not size.is_complete:
        removed = (
            _(" %(removed)s of %(total)s %(noun)s would be removed.")
            % {"removed": size.removed, "total": size.total, "noun": size.noun}
            if size.removed
            else ""
        )
        return _("The file ends in the middle: it was probably truncated during the transfer.%(removed)s") % {"removed": removed}
    if size.removed and size.is_damaged:
        return _("Parts of the file cannot be read, and %(removed)s of %(total)s %(noun)s would be removed.") % {
            "removed": size.removed,
            "total": size.total,
            "noun": size.noun,
        }
    if size.removed and size.removed == size.total:
        return (
            _("All %(total)s %(noun)s would be removed.") % {"total": size.total, "noun": size.noun}
            if size.total > 1
            else _("The only one of the %(noun)s would be removed.") % {"noun": size.noun}
        )
    if size.removed > MAX_REMOVED and size.removed > size.total * MAX_REMOVED_SHARE:
        return _("%(removed)s of %(total)s %(noun)s would be removed.") % {
            "removed": size.removed,
            "total": size.total,
            "noun": size.noun,
        }
    if size.changed > MAX_CHANGED and size.changed > size.total * MAX_CHANGED_SHARE:
        return _("%(changed)s of %(total)s %(noun)s would be changed.") % {
            "changed": size.changed,
            "total": size.total,
            "noun": size.noun,
        }
    return ""
