"""Run an import: models in order of their dependencies, in batches. Invalid rows are reported and skipped."""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from django.db import connection, reset_queries, transaction
from wagtail.models import Site

from cms.delivery import purging, surrogate_keys
from importer.models import ImportedRow

from .deletions import follow_deletions
from .registry import Importer, endings, importers, preparations
from .report import DATA_ERRORS, Report, reason_of
from .roles import RoleMapping
from .sources import Spool, digest_of, key_of
from .table import OMITTED_MODELS

PART = 250


def import_rows(
    rows: Iterable[Any] | Spool,
    *,
    fresh: bool = False,
    dry_run: bool = False,
    delta: bool = False,
    complete: bool = False,
    roles: RoleMapping | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Report:
    """Import rows of all models.

    `fresh` deletes existing rows of these models first. `dry_run` reports without writing. `delta` imports only rows that are
    new or changed since the last run. `complete` says that the source contains every row of its models, so that missing rows
    were deleted there. `roles` is the content of the role file; without it, the roles of the last file are kept. `progress` gets
    the model, the number of finished rows and the total.
    """
    report = Report(roles=roles)
    with (
        nullcontext(rows) if isinstance(rows, Spool) else Spool(rows) as spool,
        purging.one_purge(),
        transaction.atomic() if dry_run else nullcontext(),
    ):
        _run(spool, report, fresh=fresh, delta=delta, progress=progress or (lambda *_: None))
        if complete:
            follow_deletions(spool, report)
        if report.changes() and not dry_run:
            purging.purge(surrogate_keys.SITE_KEY)
        if dry_run:
            transaction.set_rollback(True)
    Site.clear_site_root_paths_cache()
    return report


def _run(spool: Spool, report: Report, *, fresh: bool, delta: bool, progress: Callable[[str, int, int], None]) -> None:
    counts, known = spool.counts(), importers()
    for label, key in spool.twice():
        report.note(f"{label} {key} appears twice in the sources with different values. The later one was used.")
    labels = [label for label in known if label in counts]
    if fresh:
        with transaction.atomic():
            _delete([(label, known[label]) for label in reversed(labels)], report)
    for prepare in preparations():
        with transaction.atomic():
            prepare(report)
    for label in labels:
        done = 0
        for part in spool.parts(label, PART if known[label].in_parts else None):
            # A row is imported completely or not at all, and so is a batch: an interrupted run continues with the next one.
            with transaction.atomic():
                _take_part(label, known[label], part, report, delta=delta)
            done += len(part)
            # With DEBUG, Django stores every SQL statement.
            reset_queries()
            progress(label, done, counts[label])
    for finish in endings():
        with transaction.atomic():
            finish(report)
    for label in [label for label in counts if label not in known]:
        if label in OMITTED_MODELS:
            report.ignore(label, counts[label], OMITTED_MODELS[label])
        else:
            _refuse_unknown(label, spool, counts[label], report)


def _delete(doomed: list[tuple[str, Importer]], report: Report) -> None:
    for label, known in doomed:
        if known.model is None:
            continue
        number, _ = known.model._default_manager.all().delete()
        report.note(f"Deleted existing rows of {label}: {number}, including dependent rows.")
        ImportedRow.objects.filter(label=label).delete()


def _refuse_unknown(label: str, spool: Spool, number: int, report: Report) -> None:
    example = ""
    for row in spool.rows(label):
        example = example or f"{row!s:.100}"
        reason = "this model is not supported."
        report.problems.append({"model": label or "unknown", "id": key_of(row) or f"{row!s:.100}", "reason": reason})
    report.count(label or "unknown", "skipped", number)
    report.note(f"Skipped {number} rows of an unsupported model: {label or example}.")


def _take_part(label: str, known: Importer, part: list[dict], report: Report, *, delta: bool) -> None:
    digests = {str(key_of(row)): digest_of(row) for row in part}
    before = ImportedRow.objects.filter(label=label)
    if known.in_parts:
        before = before.filter(key__in=digests)
    taken = dict(before.values_list("key", "digest"))
    if delta and not known.always:
        changed = [row for row in part if taken.get(str(key_of(row))) != digests[str(key_of(row))]]
        wanted = changed if known.in_parts or not changed else part
        report.count(label, "unchanged", len(part) - len(wanted))
        part = wanted
    if not part:
        return
    report.moved = {(label, key) for key, digest in digests.items() if taken.get(key, digest) != digest}
    earlier = len(report.problems)
    _take(known, label, part, report)
    refused = {str(problem["id"]) for problem in report.problems[earlier:]}
    new = {key: digest for key, digest in digests.items() if key not in refused and taken.get(key) != digest}
    ImportedRow.remember(label, new, report.targets.pop(label, {}))
    ImportedRow.remember_rights(label, report.rights.pop(label, {}))


def _take(known: Importer, label: str, rows: list[dict], report: Report) -> None:
    """Pass rows to their importer. If some fail, report them and pass the others again."""
    mark = report.mark()
    try:
        _attempt(known, rows, report)
    except DATA_ERRORS as error:
        report.go_back_to(mark)
        broken = _broken(known, rows, report)
        report.go_back_to(mark)
        good = [row for number, row in enumerate(rows) if number not in broken]
        # Each row can be imported alone, but not all together.
        if not broken:
            broken, good = dict.fromkeys(range(len(rows)), error), []
        for number, reason in broken.items():
            key = key_of(rows[number])
            report.skip(label, f"{label} {key}", reason_of(reason), pk=rows[number].get("pk", key))
        if good:
            _take(known, label, good, report)


def _attempt(known: Importer, rows: list[dict], report: Report) -> None:
    with transaction.atomic():
        known.take(rows, report)
        # Otherwise rows with missing parents fail at the commit, and the error does not name them.
        connection.check_constraints()


@transaction.atomic
def _broken(known: Importer, rows: list[dict], report: Report) -> dict[int, Exception]:
    """Return the rows that break the import, found by bisection. Everything written here is rolled back."""
    found: dict[int, Exception] = {}
    waiting = [list(enumerate(rows))]
    while waiting:
        numbered = waiting.pop()
        try:
            _attempt(known, [row for _, row in numbered], report)
        except DATA_ERRORS as error:
            if len(numbered) == 1:
                found[numbered[0][0]] = error
            else:
                middle = len(numbered) // 2
                # The first half runs first, so that of two conflicting rows the later one is reported.
                waiting += [numbered[middle:], numbered[:middle]]
    transaction.set_rollback(True)
    return found
