"""Rows changed on this site, in the dump format of the old one, so that a switch can be undone.

`importer.returning` says how the rows of each model go back. Everything else is listed for manual entry.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from django.db import models
from wagtail.models import Page

from cms.content.models.legacy import FIRST_NEW_ID
from importer.core.comparison import Check, checks, ours, plain, theirs
from importer.core.rendering import rendered
from importer.core.sources import Spool
from importer.core.verifying import visible_words
from importer.core.writing import is_edited_here
from importer.returning import RETURNS, STAMPS, Return, text_fields

PART = 500
# Stored as digests here, so there is nothing to write back.
SECRETS = {"tastypie.apikey", "authtoken.token"}
GROUPS, PAGES = "auth.group", "pages.page"
# Dates follow from the publication there; passwords are digests of another kind here.
UNWRITTEN = {"first_published_at", "last_published_at", "password"}


@dataclass
class Export:
    """Result of an export: rows in the dump format, and sentences about the content to enter manually."""

    rows: list[dict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, label: str, pk: Any, fields: dict) -> None:
        self.rows.append({"model": label, "pk": pk, "fields": fields})


def export_rows(spool: Spool) -> Export:
    """Return the rows that have changed here since the import or that only this site has, with the values of this site."""
    import_module("importer.checks")
    export = Export()
    known_models = checks()
    for label in dict.fromkeys([*spool.counts(), *RETURNS]):
        check = known_models.get(label)
        if check is None or label in SECRETS or "/" in label:
            continue
        way = RETURNS.get(label, Return())
        known: set[Any] = set()
        for part in spool.parts(label, PART):
            for row, instance in _pairs(part, check):
                known.add(instance.pk)
                _export_known(export, label, way, check, row, instance)
        if label != GROUPS and check.key != "event":
            _export_new(export, label, way, check, known)
    return export


def _export_known(export: Export, label: str, way: Return, check: Check, row: dict, instance: models.Model) -> None:
    fields = row["fields"] | {"pk": row["pk"]}
    changed = dict(_changes(check, fields, instance))
    if way.row and way.whole and is_edited_here(instance):
        values = {name: as_dumped(value, fields.get(name)) for name, value in way.row(_specific(instance)).items()}
        # The dates of a page here follow from these fields, which `loaddata` writes as they are.
        unwritten = STAMPS - {"created", "updated"} if isinstance(instance, Page) and instance.live else STAMPS
        changed |= {
            name: value for name, value in values.items() if name not in unwritten and plain(value) != plain(fields.get(name))
        }
    else:
        values = {}
    for name, html_of in way.texts.items():
        html = html_of(_specific(instance))
        if _is_rewritten(rendered(fields, name, of_page=label == PAGES), html, getattr(instance, "title", "")):
            changed |= text_fields(name, html)
    if changed:
        export.add(label, row["pk"], row["fields"] | changed)
    export.notes += [
        f"{label} {row['pk']} ({instance}): {name} was changed on this site. Enter it manually."
        for name, source in check.fields.items()
        if callable(source)
        and name not in UNWRITTEN
        and not (values and name in way.carried)
        and plain(ours(instance, name)) != plain(theirs(fields, source))
    ]


def _export_new(export: Export, label: str, way: Return, check: Check, known: set[Any]) -> None:
    for instance in filter(way.is_added, _added(check, known)):
        if way.row is None:
            export.notes.append(f"{label}: “{instance}” was added on this site. Enter it manually.")
            continue
        pk = instance.pk if (check.key, check.ours) == ("pk", "pk") else FIRST_NEW_ID + instance.pk
        specific = _specific(instance)
        fields = {name: as_dumped(value, "") for name, value in way.row(specific).items()}
        for name, html_of in way.texts.items():
            fields |= text_fields(name, html_of(specific))
        export.add(label, pk, fields)
        export.rows += way.more(specific) if way.more else []


def _specific(instance: models.Model) -> models.Model:
    return instance.specific if isinstance(instance, Page) else instance


def _is_rewritten(before: str, after: str, title: str) -> bool:
    """Return whether the words of a field differ from the old site. Pages show their title themselves here."""
    old, new = Counter(visible_words(before)), Counter(visible_words(after))
    return old not in (new, new + Counter(visible_words(title)))


def _added(check: Check, known: set[Any]) -> Iterator[models.Model]:
    """Yield the rows that only this site has. Of pages, those that a person has saved."""
    rows = check.model._default_manager.all()
    if issubclass(check.model, Page):
        rows = rows.filter(latest_revision__user__isnull=False)
    return (row for row in rows.iterator(chunk_size=PART) if row.pk not in known)


def _pairs(part: list[dict], check: Check) -> Iterator[tuple[dict, models.Model]]:
    """Yield the rows of a source with their instances here."""
    keys = [(row, theirs(row["fields"] | {"pk": row["pk"]}, check.key)) for row in part]
    wanted = [key for _, key in keys if key is not None]
    here = {plain(ours(one, check.ours)): one for one in check.model._default_manager.filter(**{f"{check.ours}__in": wanted})}
    for row, key in keys:
        if key is not None and plain(key) in here:
            yield row, here[plain(key)]


def _changes(check: Check, fields: dict, instance: models.Model) -> Iterator[tuple[str, Any]]:
    """Yield old field and new value of each field that differs and that both sites store in the same way."""
    mapped = dict(check.fields) | ({check.state[0]: check.state[1]} if check.state else {})
    for name, source in mapped.items():
        if not isinstance(source, str) or source == "pk" or "." in name or source not in fields:
            continue
        value = ours(instance, name)
        if plain(value) != plain(fields[source]):
            yield source, as_dumped(value, fields[source])


def as_dumped(value: Any, before: Any) -> Any:
    """Return a value as the old site dumps it: None stays None where the old site had it for an empty string."""
    if value in ("", None):
        return None if before is None or value is None else ""
    if isinstance(value, (bool, int, float, list)):
        return value
    # Times in UTC end with “Z”, as in `dumpdata`.
    return value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else str(value)
