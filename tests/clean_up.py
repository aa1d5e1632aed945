"""Restore the rows that the migrations made, after a test that really commits.

Django's own way empties all 200 tables and writes each row of the migrations anew: two to five seconds a test. Here the
few tables that the migrations fill have a copy beside them, and only tables with rows are emptied: some milliseconds.
"""

import time

from django.db import IntegrityError, OperationalError, connection, transaction

COPY = "migrated_"
# Seconds before each further attempt.
PAUSES = (0.5, 1, 2)


def django_tables() -> list[str]:
    """Return the tables of models, except the full-text index of SQLite, which triggers keep."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(name for name in names if not name.endswith("_fts"))


def filled_tables(names: list[str]) -> list[str]:
    """Return those tables that have rows."""
    quote = connection.ops.quote_name
    queries = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quote(name)})" for name in names]  # noqa: S608 -- our tables.
    found = []
    with connection.cursor() as cursor:
        for start in range(0, len(queries), 100):
            cursor.execute(" UNION ALL ".join(queries[start : start + 100]))
            found += [name for (name,) in cursor.fetchall()]
    return found


class MigratedRows:
    """The rows that the migrations made, in tables of their own beside the originals."""

    def __init__(self):
        self.tables = django_tables()
        self.filled = [name.removeprefix(COPY) for name in connection.introspection.table_names() if name.startswith(COPY)]

    @staticmethod
    def save() -> None:
        quote = connection.ops.quote_name
        with connection.cursor() as cursor:
            for name in filled_tables(django_tables()):
                cursor.execute(f"CREATE TABLE {quote(COPY + name)} AS SELECT * FROM {quote(name)}")  # noqa: S608

    def restore(self) -> None:
        """Restore the rows, again if a request of a page that the test has closed still writes."""
        for pause in PAUSES:
            try:
                return self._restore()
            except (IntegrityError, OperationalError):
                time.sleep(pause)
        return self._restore()

    def _restore(self) -> None:
        """All in one transaction: foreign keys are checked when it ends, so the order of tables does not matter."""
        quote = connection.ops.quote_name
        with transaction.atomic(), connection.cursor() as cursor:
            for name in filled_tables(self.tables):
                cursor.execute(f"DELETE FROM {quote(name)}")  # noqa: S608
            for name in self.filled:
                cursor.execute(f"INSERT INTO {quote(name)} SELECT * FROM {quote(COPY + name)}")  # noqa: S608
