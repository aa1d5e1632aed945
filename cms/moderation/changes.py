"""Differences between two versions of a submission, for moderators who have read the first one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.db import models
from django.utils.text import capfirst


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


def display_value(record: Any, name: str) -> str:
    """Return the value of a field for people: the label of a choice, the names of related records, or the text."""
    display = getattr(record, f"get_{name}_display", None)
    value = display() if display else getattr(record, name)
    if hasattr(value, "all"):
        return ", ".join(sorted(str(row) for row in value.all()))
    if hasattr(value, "name") and hasattr(value, "code"):
        return str(value.name)
    return "" if value is None else str(value)


def compare_versions(before: models.Model, after: models.Model, names: Iterable[str]) -> list[Change]:
    """Return the changed fields of two versions of a record, labeled with their verbose names."""
    labels = {field.name: capfirst(str(getattr(field, "verbose_name", field.name))) for field in before._meta.get_fields()}
    return compare_fields((labels[name], display_value(before, name), display_value(after, name)) for name in names)


def describe_changes(changes: Iterable[Change]) -> str:
    """Return changes as the text of an email, with “−” before removed lines and “+” before added ones."""
    signs = {"same": "  ", "gone": "− ", "new": "+ "}
    blocks = [
        "\n".join([f"{change.label}:", *(signs[kind] + line for kind, line in change.lines if kind != "same")])
        for change in changes
    ]
    return "\n\n".join(blocks)


def compare_fields(fields: Iterable[tuple[str, str, str]]) -> list[Change]:
    """Return the changes of fields, each given as its label, old value and new value."""
    return [Change(label, list(compare_lines(before, after))) for label, before, after in fields if before != after]
