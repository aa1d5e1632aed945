"""Personal data of deleted accounts in the trash and in versions: erased for good."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import ForeignKey

from users.models import User
from users.personal import PARTS, emails_of

from .models import RecordVersion, UndoStep

Row = dict[str, Any]


def forget(user: User) -> None:
    """Erase an account from the trash and from versions.

    Records of the person, such as jobs and nominations, are removed with the rows that depend on them. In other rows,
    references to the account and its email addresses are cleared.
    """
    emails = {email.lower() for email in emails_of(user)}
    personal = {part.rows(user).model._meta.label_lower for part in PARTS.values()}
    for model in (UndoStep, RecordVersion):
        for stored in model._default_manager.select_related("content_type").iterator(chunk_size=100):
            _forget_in(stored, user, emails, personal)


def _forget_in(stored: UndoStep | RecordVersion, user: User, emails: set[str], personal: set[str]) -> None:
    rows: list[Row] = stored.snapshot["rows"]
    doomed = {key_of(row) for row in rows if row["model"] in personal and _names(row, user, emails)}
    while more := {key_of(row) for row in rows if key_of(row) not in doomed and _depends_on(row, doomed)}:
        doomed |= more
    model = stored.content_type.model_class()
    if model is None or (model._meta.label_lower, stored.object_id) in doomed:
        stored.delete()
        return
    cleaned = [_clean(row, user, emails) for row in rows if key_of(row) not in doomed]
    if cleaned != rows:
        stored.snapshot["rows"] = cleaned
        stored.save(update_fields=["snapshot"])


def key_of(row: Row) -> tuple[str, str]:
    return row["model"], str(row["pk"])


def _references(row: Row) -> Iterator[tuple[str, type[models.Model], Any, bool]]:
    """Return the foreign keys of a row with a value: name, model, value, and whether it can be null."""
    for field in apps.get_model(row["model"])._meta.local_concrete_fields:
        if isinstance(field, ForeignKey) and row["fields"].get(field.name) is not None:
            yield field.name, field.remote_field.model, row["fields"][field.name], field.null


def _names(row: Row, user: User, emails: set[str]) -> bool:
    is_referring = any(model is User and str(value) == str(user.pk) for _name, model, value, _null in _references(row))
    return is_referring or _has_email(row["fields"], emails)


def _depends_on(row: Row, doomed: set[tuple[str, str]]) -> bool:
    """Return whether a row cannot exist without one of the removed rows, or is the other row of the same record."""
    parents = apps.get_model(row["model"])._meta.get_parent_list()
    return any((parent._meta.label_lower, str(row["pk"])) in doomed for parent in parents) or any(
        not is_null and (model._meta.label_lower, str(value)) in doomed for _name, model, value, is_null in _references(row)
    )


def _clean(row: Row, user: User, emails: set[str]) -> Row:
    cleared = {name: None for name, model, value, _null in _references(row) if model is User and str(value) == str(user.pk)}
    return row | {"fields": _without_emails(row["fields"], emails) | cleared}


def _has_email(value: Any, emails: set[str]) -> bool:
    return value != _without_emails(value, emails)


def _without_emails(value: Any, emails: set[str]) -> Any:
    """Return a value with the email addresses in it replaced by empty strings, at any depth."""
    if isinstance(value, dict):
        return {name: _without_emails(one, emails) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_emails(one, emails) for one in value]
    return "" if isinstance(value, str) and value.lower() in emails else value
