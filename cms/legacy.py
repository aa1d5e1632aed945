"""The import of the old site's data.

A file is a list of rows. Each section has a module `legacy` that registers, for each kind of row, the function that takes them
in. Rows of one kind are given to it together, after the kinds that it builds on.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import IntegrityError, connection, models, transaction
from django.utils.module_loading import autodiscover_modules
from wagtail.models import ModelLogEntry
from wagtail.search.backends import get_search_backends
from wagtail.search.index import Indexed


@dataclass
class Report:
    """What an import did, for the person who ran it."""

    counts: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    notes: list[str] = field(default_factory=list)
    refused: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def count(self, label: str, outcome: str, number: int = 1) -> None:
        self.counts[label][outcome] += number

    def skip(self, label: str, row: str, reason: str, *, pk: int | None = None) -> None:
        self.count(label, "skipped")
        if pk is not None:
            self.refused[label].add(pk)
        self.note(f"Skipped {row}: {reason}")

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)


@dataclass(frozen=True)
class Importer:
    take: Callable[[list[dict], Report], None]
    model: type[models.Model]
    after: tuple[str, ...]


_importers: dict[str, Importer] = {}


def importer(label: str, model: type[models.Model], *, after: Iterable[str] = ()):
    """Register the function below for rows of a kind, to run after the importers of other kinds."""

    def register(take):
        _importers[label] = Importer(take, model, tuple(after))
        return take

    return register


def label_of(row: Any) -> str:
    """The kind of a row: "downloads/release" for one that API v2 answered, "boxes.box" for one of a dump."""
    if isinstance(row, dict) and "fields" in row:
        return str(row.get("model", ""))
    uri = row.get("resource_uri", "") if isinstance(row, dict) else ""
    return uri.partition("/api/v2/")[2].rstrip("/").rpartition("/")[0]


@transaction.atomic
def import_rows(rows: Iterable[Any], *, fresh: bool = False) -> Report:
    """Take in rows of all kinds; `fresh` first deletes what the site has of these kinds."""
    autodiscover_modules("legacy")
    by_label = defaultdict(list)
    for row in rows:
        by_label[label_of(row)].append(row)
    report = Report()
    sequence = list(TopologicalSorter({label: known.after for label, known in _importers.items()}).static_order())
    # An importer may come after a kind of rows that nothing here takes in.
    labels = [label for label in sequence if label in by_label and label in _importers]
    for label in reversed(labels) if fresh else []:
        number, _ = _importers[label].model._default_manager.all().delete()
        report.note(f"Deleted what was here before {label}: {number} rows with all that hangs on them.")
    for label in labels:
        _importers[label].take(by_label.pop(label), report)
    for label, unknown in by_label.items():
        report.count(label or "unknown", "skipped", len(unknown))
        report.note(f"Skipped {len(unknown)} rows of a kind that nothing here knows: {label or unknown[0]!s:.100}.")
    return report


def store(label: str, instances: Iterable[Any], fields: list[str], report: Report) -> None:
    """Write rows that keep their ids. A row that is here already is compared in these fields, and known by its slug.

    What somebody has changed on this site since is left as it is.
    """
    wanted = list(instances)
    if not wanted:
        return
    model = type(wanted[0])
    here = model._default_manager.in_bulk([instance.pk for instance in wanted])
    new = []
    for instance in wanted:
        known = here.get(instance.pk)
        if known is None:
            new.append(instance)
        elif known.slug != instance.slug:
            report.skip(label, instance.slug, f"its id {instance.pk} belongs to {known.slug} here.", pk=instance.pk)
        elif all(getattr(known, name) == getattr(instance, name) for name in fields):
            report.count(label, "unchanged")
        elif _is_edited_here(known):
            report.count(label, "kept")
            report.note(f"Kept {instance.slug} as it is: it was changed on this site.")
        else:
            for name in fields:
                setattr(known, name, getattr(instance, name))
            _save(label, known, "changed", report)
    _create(label, model, new, report)


def _is_edited_here(instance: models.Model) -> bool:
    content_type = ContentType.objects.get_for_model(instance)
    return ModelLogEntry.objects.filter(content_type=content_type, object_id=str(instance.pk)).exists()


def _create(label: str, model: type[models.Model], new: list[models.Model], report: Report) -> None:
    try:
        with transaction.atomic():
            model._default_manager.bulk_create(new, batch_size=500)
        report.count(label, "created", len(new))
    except IntegrityError:
        # One of them does not fit. The others do, one by one.
        for instance in new:
            _save(label, instance, "created", report)
    reset_sequence(model)
    if issubclass(model, Indexed):
        for backend in get_search_backends(with_auto_update=True):
            backend.add_bulk(model, model._default_manager.filter(pk__in=[instance.pk for instance in new]))


def _save(label: str, instance: models.Model, outcome: str, report: Report) -> None:
    try:
        with transaction.atomic():
            instance.save(force_insert=outcome == "created")
    except IntegrityError as error:
        report.skip(label, str(instance), f"the database refuses it ({error}).", pk=instance.pk)
    else:
        report.count(label, outcome)


def reset_sequence(model: type[models.Model]) -> None:
    """Let the next row of a model get an id behind those that were imported."""
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(sql)
