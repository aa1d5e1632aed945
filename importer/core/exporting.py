"""Export rows changed on this site in the dump format of the old one, so that a migration can be reverted.

Only fields that the checks map by name are exported, because both sites store them in the same way. Texts (StreamField blocks
on this site) and rows that only this site has are listed for manual entry.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from django.db import models
from wagtail.models import Page

from .comparison import Check, checks, ours, plain, theirs
from .sources import Spool
from .verifying import lacks_words

PART = 500
# Stored as digests here, so there is nothing to write back.
SECRETS = {"tastypie.apikey", "authtoken.token"}


@dataclass
class Export:
    """Result of an export: rows in the dump format, and sentences about changes to enter by hand."""

    rows: list[dict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def export_rows(spool: Spool) -> Export:
    """Return the source rows whose fields have changed on this site, with the new values."""
    import_module("importer.checks")
    export = Export()
    for label, check in checks().items():
        if label in SECRETS or "/" in label:
            continue
        known: set[str] = set()
        for part in spool.parts(label, PART):
            for row, instance in _pairs(part, check):
                known.add(str(instance.pk))
                changed = dict(_changes(check, row["fields"] | {"pk": row["pk"]}, instance))
                if changed:
                    export.rows.append({"model": label, "pk": row["pk"], "fields": row["fields"] | changed})
                if check.texts and lacks_words(check, row["fields"] | {"pk": row["pk"]}, instance):
                    export.notes.append(
                        f"The text of {label} {row['pk']} ({instance}) was changed on this site. Enter it manually."
                    )
        if known and check.key == "pk":
            export.notes += [f"{label}: “{one}” was added on this site. Enter it manually." for one in _added(check, known)]
    return export


def _added(check: Check, known: set[str]) -> Iterator[models.Model]:
    """Yield the rows that only this site has. Pages are included only if a person has saved them."""
    rows = check.model._default_manager.all()
    if issubclass(check.model, Page):
        rows = rows.filter(latest_revision__user__isnull=False)
    return (row for row in rows.iterator(chunk_size=PART) if str(row.pk) not in known)


def _pairs(part: list[dict], check: Check) -> Iterator[tuple[dict, models.Model]]:
    """Yield the rows of a source with their instances here."""
    keys = [(row, theirs(row["fields"] | {"pk": row["pk"]}, check.key)) for row in part]
    wanted = [key for _, key in keys if key is not None]
    here = {plain(ours(one, check.ours)): one for one in check.model._default_manager.filter(**{f"{check.ours}__in": wanted})}
    for row, key in keys:
        if key is not None and plain(key) in here:
            yield row, here[plain(key)]


def _changes(check: Check, fields: dict, instance: models.Model) -> Iterator[tuple[str, Any]]:
    """Yield the old field name and the new value of each changed field that both sites store in the same way."""
    mapped = dict(check.fields) | ({check.state[0]: check.state[1]} if check.state else {})
    for name, source in mapped.items():
        if not isinstance(source, str) or source == "pk" or "." in name or source not in fields:
            continue
        value = ours(instance, name)
        if plain(value) != plain(fields[source]):
            yield source, _as_dumped(value, fields[source])


def _as_dumped(value: Any, before: Any) -> Any:
    """Return a value in the dump format of the old site. None stays None if the old site stored it for an empty text."""
    if value in ("", None):
        return None if before is None or value is None else ""
    if isinstance(value, (bool, int, float)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
