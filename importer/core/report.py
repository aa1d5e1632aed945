"""Import report: rows created, updated, skipped and failed, with reasons."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DataError, IntegrityError, transaction

from .roles import RoleMapping

# Errors of a single row. Any other error, such as a lost connection, ends the run.
DATA_ERRORS = (
    *(ValidationError, ObjectDoesNotExist, IntegrityError, DataError),
    *(LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError),
)


def reason_of(error: Exception) -> str:
    """Return the reason why a row cannot be imported, as a sentence or two."""
    if isinstance(error, ValidationError):
        if hasattr(error, "error_dict"):
            return "; ".join(f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items())
        return "; ".join(error.messages)
    if isinstance(error, (IntegrityError, DataError)):
        return f"the database rejected it ({' '.join(str(error).split())})."
    if isinstance(error, KeyError):
        return f"it has no field {error}."
    if isinstance(error, ObjectDoesNotExist):
        return f"a record that it belongs to is missing ({error})."
    return f"it cannot be read ({error!r:.300})."


class Mark(NamedTuple):
    counts: dict
    refused: dict
    notes: int
    problems: int
    conflicts: int


@dataclass
class Report:
    counts: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    notes: list[str] = field(default_factory=list)
    refused: dict[str, set] = field(default_factory=lambda: defaultdict(set))
    # Rows that were not imported: model, ID and reason; and rows that changed both here and in the source.
    problems: list[dict] = field(default_factory=list)
    conflicts: list[dict] = field(default_factory=list)
    # Rows that are not overwritten: model and id as text.
    kept: set[tuple[str, str]] = field(default_factory=set)
    # Rows of the current batch that changed since their last import.
    moved: set[tuple[str, str]] = field(default_factory=set)
    # IDs on this site, keyed by model and old ID, for rows that refer to old IDs.
    targets: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    # Permissions of accounts and groups as imported by this run, by model and old ID.
    rights: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    # Roles assigned to accounts in the role file, or None without such a file.
    roles: RoleMapping | None = None

    def count(self, label: str, outcome: str, number: int = 1) -> None:
        if number:
            self.counts[label][outcome] += number

    def skip(self, label: str, row: str, reason: str, *, pk: Any = None) -> None:
        self.count(label, "skipped")
        if pk is not None:
            self.refused[label].add(pk)
        self.problems.append({"model": label, "id": row if pk is None else pk, "reason": reason})
        self.note(f"Skipped {row}: {reason}")

    def leave_out(self, label: str, number: int, reason: str) -> None:
        """Report rows that are skipped on purpose."""
        if not number:
            return
        self.count(label, "left out", number)
        self.note(f"Skipped {number} rows of {label}: {reason}")

    def ignore(self, label: str, number: int, reason: str) -> None:
        """Report all rows of a model that has no importer."""
        self.count(label, "ignored", number)
        self.note(f"Ignored intentionally: {number} rows of {label}. {reason}")

    def keep(self, label: str, pk: Any, name: str) -> None:
        """Report a row that was changed on this site and is not overwritten: a conflict if the source changed too."""
        self.count(label, "kept")
        self.kept.add((label, str(pk)))
        if (label, str(pk)) in self.moved:
            self.conflicts.append({"model": label, "id": pk, "name": name})
            self.note(f"Kept this site’s version of {name}, although both sites have changed it: {label} {pk}.")
        else:
            self.note(f"Kept this site’s version of {name}, which was changed here.")

    def place(self, label: str, pk: Any, target: Any) -> None:
        """Record the ID of a row on this site, for later rows that refer to the old ID."""
        self.targets[label][str(pk)] = target

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)

    @contextmanager
    def row(self, label: str, row: dict) -> Iterator[None]:
        """Import a row completely or, with a reported reason, not at all."""
        try:
            with transaction.atomic():
                yield
        except DATA_ERRORS as error:
            self.skip(label, f"{label} {row['pk']}", reason_of(error), pk=row["pk"])

    def mark(self) -> Mark:
        return Mark(deepcopy(self.counts), deepcopy(self.refused), len(self.notes), len(self.problems), len(self.conflicts))

    def go_back_to(self, mark: Mark) -> None:
        """Discard everything reported since a savepoint."""
        self.counts, self.refused = mark.counts, mark.refused
        del self.notes[mark.notes :], self.problems[mark.problems :], self.conflicts[mark.conflicts :]

    def changes(self) -> int:
        """Return the number of rows created or changed."""
        return sum(counts["created"] + counts["changed"] for counts in self.counts.values())

    def as_json(self) -> dict:
        return {
            "counts": {label: dict(counts) for label, counts in self.counts.items()},
            "problems": self.problems,
            "conflicts": self.conflicts,
            "notes": self.notes,
        }
