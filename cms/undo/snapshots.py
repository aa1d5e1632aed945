"""Snapshots: serialize database rows, and restore them.

A snapshot is a dictionary that can be stored as JSON::

    {
        "rows": [{"model": "downloads.releasefile", "pk": 7, "fields": {…}}, …],
        "links": [["downloads.release", "release_page_id", 7, 12], …],      # references that a deletion sets to null
        "sets": [["downloads.plannedrelease", "series_id", 3], …],          # rows that a restoration replaces
        "parent": 4,                                                        # parent page of a deleted page
        "place": {"page": 7, "parent": 4, "next": 9},                       # place of a page that was moved
    }

`fields` are those of Django's serializers, without relations that have a table of their own: their rows are in the snapshot.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.serializers.python import Deserializer, Serializer
from django.db import DEFAULT_DB_ALIAS, IntegrityError, models, transaction
from django.db.models.deletion import Collector
from django.dispatch import Signal
from django.utils.translation import gettext as _
from modelcluster.models import get_all_child_relations
from wagtail.models import Page, ReferenceIndex
from wagtail.search import index

from cms.delivery import purging

from . import page_paths
from .models import SnapshotEncoder

Snapshot = dict[str, Any]
# Rows that the site derives from other rows: the search index, references, and sizes of images.
DERIVED = {
    *(
        "modelsearch.indexentry",
        "modelsearch.sqliteftsindexentry",
        "wagtailsearch.indexentry",
        "wagtailsearch.sqliteftsindexentry",
    ),
    *("wagtailcore.referenceindex", "cms.customrendition"),
}
# Sent for each restored row: `sender` is its model.
row_restored = Signal()


class _RowSerializer(Serializer):
    def handle_m2m_field(self, obj: Any, field: Any) -> None:
        """Leave out relations with a table of their own."""


def serialize(rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    """Return rows of any models as data, without rows that can be derived."""
    return _RowSerializer().serialize(row for row in rows if row._meta.label_lower not in DERIVED)


def take_deletion_snapshot(record: Any) -> Snapshot:
    """Return a snapshot of everything that the deletion of a record deletes or changes."""
    collector = Collector(using=DEFAULT_DB_ALIAS, origin=record)
    is_page = isinstance(record, Page)
    by_model: dict[type[models.Model], list[models.Model]] = defaultdict(list)
    for one in record.get_descendants(inclusive=True).specific() if is_page else [record]:
        by_model[type(one)].append(one)
    for instances in by_model.values():
        collector.collect(instances)
    rows = [row for model, instances in collector.data.items() for row in _reload(model, instances)]
    for queryset in collector.fast_deletes:
        rows += list(queryset.defer(None))
    links = []
    for (field, _value), groups in collector.field_updates.items():
        for group in groups:
            changed = group if isinstance(group, models.QuerySet) else _reload(field.model, group)
            links += [[field.model._meta.label_lower, field.attname, row.pk, getattr(row, field.attname)] for row in changed]
    snapshot: Snapshot = {"rows": serialize(_unique(rows)), "links": links}
    if is_page:
        snapshot["parent"] = record.get_parent().pk
    return snapshot


def _reload(model: type[models.Model], instances: Iterable[models.Model] | models.Model) -> list[models.Model]:
    """Return rows with all fields as they are in the database."""
    pks = [one.pk for one in instances] if not isinstance(instances, models.Model) else [instances.pk]
    return list(model._base_manager.filter(pk__in=pks).order_by("pk"))


def _unique(rows: Iterable[models.Model]) -> list[models.Model]:
    return list({(row._meta.label_lower, row.pk): row for row in rows}.values())


def owned_sets(record: Any) -> list[list[Any]]:
    """Return the sets of rows that are edited in the form of a record: its child rows, and rows of its relations."""
    sets = [
        [relation.related_model._meta.label_lower, relation.field.attname, record.pk]
        for relation in get_all_child_relations(type(record))
    ]
    for field in record._meta.many_to_many:
        through = field.remote_field.through
        if through._meta.auto_created:
            sets.append([through._meta.label_lower, f"{field.m2m_field_name()}_id", record.pk])
    return sets


def _rows_of_set(label: str, attname: str, pk: Any) -> models.QuerySet:
    return apps.get_model(label)._base_manager.filter(**{attname: pk}).order_by("pk")


def take_snapshot(records: Iterable[models.Model], sets: Iterable[list[Any]] = ()) -> Snapshot:
    """Return a snapshot of records as they are in the database, with their own rows of other tables and the rows of `sets`."""
    rows: list[models.Model] = []
    sets = list(sets)
    for record in records:
        # A model that inherits from another one has rows in several tables.
        for model in [*record._meta.get_parent_list(), type(record)]:
            rows += _reload(model, [record])
        sets += owned_sets(record)
    for one in sets:
        rows += list(_rows_of_set(*one))
    return {"rows": serialize(_unique(rows)), "sets": sets}


def take_place_snapshot(page: Page) -> Snapshot:
    """Return a snapshot of the place of a page in the tree. Its content may change before the move is undone."""
    return {"rows": [], "place": page_paths.find_place(page.pk)}


def take_again(snapshot: Snapshot) -> Snapshot:
    """Return a new snapshot of the rows, sets and place of a snapshot."""
    if "place" in snapshot:
        return {"rows": [], "place": page_paths.find_place(snapshot["place"]["page"])}
    rows: list[models.Model] = []
    for row in snapshot["rows"]:
        rows += list(apps.get_model(row["model"])._base_manager.filter(pk=row["pk"]))
    for one in snapshot.get("sets", ()):
        rows += list(_rows_of_set(*one))
    return {"rows": serialize(_unique(rows))}


def digest(snapshot: Snapshot) -> str:
    """Return a digest of the rows of a snapshot, or of the parent of a page that was moved."""
    rows = sorted(json.dumps(row, cls=SnapshotEncoder, sort_keys=True) for row in snapshot["rows"])
    if place := snapshot.get("place"):
        rows.append(f"{place['page']} is in {place['parent']}")
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


@transaction.atomic
def restore(snapshot: Snapshot, *, title: str) -> list[models.Model]:
    """Write the rows of a snapshot and return them.

    References to records that no longer exist are left out. Raises ValidationError if a required one is missing, or if another
    record now has the same unique value.
    """
    rows = page_paths.relocate(snapshot) if "parent" in snapshot else snapshot["rows"]
    found = list(Deserializer(rows, ignorenonexistent=True))
    _clear_missing_references([one.object for one in found], title)
    try:
        with transaction.atomic():
            _delete_superfluous(snapshot)
            for one in found:
                one.save(save_m2m=False)
            for label, attname, pk, value in snapshot.get("links", ()):
                model = apps.get_model(label)
                model._base_manager.filter(**{"pk": pk, attname: None}).update(**{attname: value})
    except IntegrityError as error:
        raise ValidationError(
            _("“%(title)s” cannot be restored: another record now has the same URL, name or other unique value.")
            % {"title": title}
        ) from error
    restored = [one.object for one in found]
    _announce(restored)
    return restored


def _delete_superfluous(snapshot: Snapshot) -> None:
    rows = defaultdict(set)
    for row in snapshot["rows"]:
        rows[row["model"]].add(row["pk"])
    for label, attname, pk in snapshot.get("sets", ()):
        for extra in _rows_of_set(label, attname, pk).exclude(pk__in=rows[label]):
            extra.delete()


def _clear_missing_references(rows: list[models.Model], title: str) -> None:
    present = {(model, row.pk) for row in rows for model in [type(row), *row._meta.get_parent_list()]}
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    references = [
        (row, field, field.remote_field.model, getattr(row, field.attname))
        for row in rows
        for field in row._meta.local_concrete_fields
        if isinstance(field, models.ForeignKey) and getattr(row, field.attname) is not None
    ]
    for _row, _field, model, pk in references:
        wanted[model].add(pk)
    existing = {
        (model, pk) for model, pks in wanted.items() for pk in model._base_manager.filter(pk__in=pks).values_list("pk", flat=True)
    }
    known = existing | present
    for row, field, model, pk in references:
        if (model, pk) in known or not getattr(field, "db_constraint", True):
            continue
        if not field.null:
            raise ValidationError(
                _("“%(title)s” cannot be restored: its %(field)s no longer exists. Restore that first.")
                % {"title": title, "field": field.verbose_name}
            )
        setattr(row, field.attname, None)


def _announce(rows: list[models.Model]) -> None:
    """Update what is derived from the rows: references, search index, caches."""
    for row in rows:
        stored = type(row)._base_manager.filter(pk=row.pk).first()
        # The other row of a page, that of its type, is the one with its content.
        if stored is None or row._meta.auto_created or type(row) is Page:
            continue
        if ReferenceIndex.model_is_indexable(type(stored)):
            ReferenceIndex.create_or_update_for_object(stored)
        if index.class_is_indexed(type(stored)):
            index.insert_or_update_object(stored)
        purging.purge(*purging.keys_of(stored))
        row_restored.send(sender=type(stored), instance=stored)
