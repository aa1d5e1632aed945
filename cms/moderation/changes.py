"""Differences between two versions of a submission, for moderators who have read the first one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Change:
    """Changed field, with its lines marked as "same", "gone" or "new"."""

    label: str
    lines: list[tuple[str, str]]


def compare_lines(before: str, after: str) -> Iterator[tuple[str, str]]:
    old, new = before.splitlines(), after.splitlines()
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield from (("same", line) for line in old[old_from:old_to])
        else:
            yield from (("gone", line) for line in old[old_from:old_to])
            yield from (("new", line) for line in new[new_from:new_to])


def compare_fields(fields: Iterable[tuple[str, str, str]]) -> list[Change]:
    """Return the changes of fields, each given as its label, old value and new value."""
    return [Change(label, list(compare_lines(before, after))) for label, before, after in fields if before != after]
