"""Read rows from the database of the old site, in the format of a dump, over a read-only connection."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import environ
from django.db import DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend
from django.utils.duration import duration_string

from .sources import SourceError
from .table import IMPORTED_MODELS

# Tables not named after app and model.
TABLES = {"redirects.redirect": "django_redirect"}
CONTENT_TYPES, PERMISSIONS = "django_content_type", "auth_permission"
READ_ONLY = "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
CHUNK = 1000


def is_database(source: str) -> bool:
    return source.startswith(("postgres://", "postgresql://", "sqlite://"))


def read_database(url: str) -> Iterator[dict]:
    """Yield the rows of all imported models from one snapshot of the database. Raises SourceError."""
    settings = connections["default"].settings_dict | {"TEST": {}, "TIME_ZONE": None} | environ.Env.db_url_config(url)
    settings["OPTIONS"] = {"options": READ_ONLY} if settings["ENGINE"].endswith("postgresql") else {}
    settings["CONN_MAX_AGE"] = 0
    connection = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, alias="old")
    try:
        with closing(connection):
            connections["old"] = connection
            with transaction.atomic(using="old"):
                yield from _Reader(connection).rows()
    except DatabaseError as error:
        raise SourceError(f"The old database cannot be read: {error}") from error
    finally:
        del connections["old"]


class _Reader:
    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        with connection.cursor() as cursor:
            self.tables = set(connection.introspection.table_names(cursor))
        self.kinds = {row["id"]: [row["app_label"], row["model"]] for row in self.read(CONTENT_TYPES)}
        self.permissions = {row["id"]: [row["codename"], *self.kinds[row["content_type_id"]]] for row in self.read(PERMISSIONS)}

    def read(self, table: str) -> Iterator[dict]:
        if table not in self.tables:
            return
        with self.connection.chunked_cursor() as cursor:
            cursor.execute(f"SELECT * FROM {self.connection.ops.quote_name(table)}")  # noqa: S608 -- a name from our table.
            names = None
            while part := cursor.fetchmany(CHUNK):
                names = names or [column[0] for column in cursor.description]
                yield from (dict(zip(names, values, strict=True)) for values in part)

    def rows(self) -> Iterator[dict]:
        for label in IMPORTED_MODELS:
            table = TABLES.get(label, label.replace(".", "_"))
            if table in self.tables:
                yield from self.rows_of(label, table)

    def rows_of(self, label: str, table: str) -> Iterator[dict]:
        with self.connection.cursor() as cursor:
            key = self.connection.introspection.get_primary_key_column(cursor, table)
            relations = self.connection.introspection.get_relations(cursor, table)
        lists = {name: self.list_of(table, name) for name in self.lists_of(table)}
        for values in self.read(table):
            pk = values.pop(key)
            fields = {
                name.removesuffix("_id") if name in relations else name: self.value(value, relations.get(name))
                for name, value in values.items()
            }
            yield {"model": label, "pk": plain(pk), "fields": fields | {name: found.get(pk, []) for name, found in lists.items()}}

    def value(self, value: Any, relation: tuple | None) -> Any:
        return self.kinds.get(value) if relation and relation[1] == CONTENT_TYPES else plain(value)

    def lists_of(self, table: str) -> list[str]:
        """Return the names of many-to-many fields. Each has a table with an ID and two foreign keys."""
        ours = {TABLES.get(label, label.replace(".", "_")) for label in IMPORTED_MODELS}
        names = [name for name in self.tables - ours if name.startswith(f"{table}_")]
        return [name.removeprefix(f"{table}_") for name in sorted(names)]

    def list_of(self, table: str, name: str) -> dict[Any, list]:
        found: dict[Any, list] = {}
        for row in self.read(f"{table}_{name}"):
            row.pop("id", None)
            owner, other = row.values()
            found.setdefault(owner, []).append(self.permissions.get(other) if name.endswith("permissions") else other)
        return found


def plain(value: Any) -> Any:
    """Return a value in the format of a dump."""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_string(value)
    return str(value) if isinstance(value, (UUID, Decimal)) else value
