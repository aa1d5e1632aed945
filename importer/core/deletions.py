"""Rows deleted on the old site since their import: revoke the access they gave, and list deleted content in the report."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from importer.models import ImportedRow

from .report import Report
from .sources import Spool

End = Callable[[ImportedRow], Any]
_ends: dict[str, End] = {}


def ends_with(label: str) -> Callable[[End], End]:
    """Register a function that revokes the access granted by a deleted row of an old model.

    The function returns a sentence for the report, or None if there was nothing to revoke.
    """

    def register(end: End) -> End:
        _ends[label] = end
        return end

    return register


def follow_deletions(spool: Spool, report: Report) -> None:
    """Compare the imported rows of each model with the source, and apply its deletions.

    If a source contains accounts but no keys, all keys count as deleted.
    """
    labels = [*spool.counts(), *_ends] if "users.user" in spool.counts() else list(spool.counts())
    for label in dict.fromkeys(labels):
        here = {str(row.get("pk")) for row in spool.rows(label) if isinstance(row, dict)}
        for row in ImportedRow.objects.filter(label=label).iterator():
            if row.key not in here:
                _follow(row, report)


@transaction.atomic
def _follow(row: ImportedRow, report: Report) -> None:
    end = _ends.get(row.label)
    done = end(row) if end else None
    if end:
        row.delete()
    report.count(row.label, "changed" if done else "deleted there")
    report.note(done or f"{row.label} {row.key} was deleted on the old site. Delete it here too, or keep it on purpose.")
