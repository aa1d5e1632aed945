"""Hold-back rules for data from outside: when a program applies a change itself, and when a person has to confirm it.

Sources break in the same ways whatever they contain: a file that ends in the middle, an empty list, a new program that writes
everything anew. Readers of calendars, release cycles and advisories count what a run would do and ask `reason_to_hold`.
"""

from dataclasses import dataclass
from typing import Any

# A run may remove fewer entries than this at once, or this share of them.
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
    """Numbers of a run: entries before it, and what it would do. `changed` counts changes that visitors notice."""

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
        removed = f" {size.removed} of {size.total} {size.noun} would be removed." if size.removed else ""
        return f"The file ends in the middle: it was probably cut off on the way.{removed}"
    if size.removed and size.is_damaged:
        return f"Parts of the file cannot be read, and {size.removed} of {size.total} {size.noun} would be removed."
    if size.removed and size.removed == size.total:
        return (
            f"All {size.total} {size.noun} would be removed."
            if size.total > 1
            else f"The only one of the {size.noun} would be removed."
        )
    if size.removed > MAX_REMOVED and size.removed > size.total * MAX_REMOVED_SHARE:
        return f"{size.removed} of {size.total} {size.noun} would be removed."
    if size.changed > MAX_CHANGED and size.changed > size.total * MAX_CHANGED_SHARE:
        return f"{size.changed} of {size.total} {size.noun} would be changed."
    return ""
