"""Write a snapshot of the demo: `python -m tests.snapshot FILE [--pages-only]`. tests/databases.py runs and loads it."""

import pickle
import shutil
import sys
from pathlib import Path

import django
from django.db import connection

from tests.clean_up import django_tables, filled_tables


def select_rows(cursor, table: str) -> bytes | list[tuple]:
    """Return the rows in the format of `insert_rows`: COPY data on PostgreSQL, plain tuples on SQLite."""
    if connection.vendor == "postgresql":
        with cursor.copy(f"COPY {table} TO STDOUT") as copy:
            return b"".join(bytes(block) for block in copy)
    cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 -- our tables.
    # As expressions, columns have no declared type, so Django's converters do not apply.
    columns = ", ".join(f"coalesce({connection.ops.quote_name(column[0])}, NULL)" for column in cursor.description)
    return cursor.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608


def all_rows() -> dict[str, bytes | list[tuple]]:
    with connection.cursor() as cursor:
        return {name: select_rows(cursor, connection.ops.quote_name(name)) for name in filled_tables(django_tables())}


def main(path: str, *options: str) -> None:
    """Fill the migrated database. Write the rows of each table that changes, and the stored files by name."""
    django.setup()
    from django.conf import settings  # noqa: PLC0415 -- the settings and the models load after the set-up.

    from demo.content import fill  # noqa: PLC0415

    before = all_rows()
    fill(pages_only="--pages-only" in options)
    rows = {name: content for name, content in all_rows().items() if content != before.get(name)}
    stored = [file for file in settings.TEST_DIR.rglob("*") if file.is_file()]
    files = {str(file.relative_to(settings.TEST_DIR)): file.read_bytes() for file in stored}
    shutil.rmtree(settings.TEST_DIR, ignore_errors=True)
    Path(path).write_bytes(pickle.dumps((rows, files)))


if __name__ == "__main__":
    main(*sys.argv[1:])
