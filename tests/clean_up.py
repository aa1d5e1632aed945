"""Restore the rows created by migrations after a test that really commits.

Django truncates all 200 tables and writes the rows of the migrations again, which takes two to five seconds per test. This
keeps copies of the few tables that migrations fill and only empties tables with rows, which takes milliseconds.
"""

import threading
import time
from collections import Counter

from django.core.signals import request_finished, request_started
from django.db import IntegrityError, OperationalError, connection, transaction

COPY = "migrated_"
# Seconds before each further attempt.
PAUSES = (0.5, 1, 2)


def django_tables() -> list[str]:
    """Return the tables of models, except the full-text index of SQLite, which triggers update."""
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted(name for name in names if not name.endswith("_fts"))


def filled_tables(names: list[str]) -> list[str]:
    """Return the tables that have rows."""
    quote = connection.ops.quote_name
    queries = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quote(name)})" for name in names]  # noqa: S608 -- our tables.
    found = []
    with connection.cursor() as cursor:
        for start in range(0, len(queries), 100):
            cursor.execute(" UNION ALL ".join(queries[start : start + 100]))
            found += [name for (name,) in cursor.fetchall()]
    return found


class ServedRequests:
    """Count of the requests that other threads, which are those of a live server, have not finished.

    The server still processes a page that a test left early. Its rows would appear in the next test, and the client
    of that test would raise its exception as its own.
    """

    def __init__(self):
        self.unfinished: Counter[int] = Counter()
        self.change = threading.Condition()
        request_started.connect(self.start, weak=False)
        request_finished.connect(self.finish, weak=False)

    def start(self, **kwargs) -> None:
        with self.change:
            self.unfinished[threading.get_ident()] += 1

    def finish(self, **kwargs) -> None:
        with self.change:
            self.unfinished[threading.get_ident()] -= 1
            self.change.notify_all()

    def wait(self, seconds: float = 30) -> None:
        """Wait until all are finished. Raises `TimeoutError` if one takes longer than a test should."""
        with self.change:
            if not self.change.wait_for(self.are_finished, seconds):
                raise TimeoutError(f"A request of the live server was not finished after {seconds} seconds.")

    def are_finished(self) -> bool:
        own = threading.get_ident()
        return not any(number for thread, number in self.unfinished.items() if thread != own)


class MigratedRows:
    """Copies of the rows created by migrations, in separate tables."""

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
        """Restore the rows. Retries if a request of a closed page is still writing."""
        for pause in PAUSES:
            try:
                return self._restore()
            except (IntegrityError, OperationalError):
                time.sleep(pause)
        return self._restore()

    def _restore(self) -> None:
        """Restore in one transaction. Foreign keys are checked at its end, so the order of tables does not matter."""
        quote = connection.ops.quote_name
        unchanged = self.unchanged()
        with transaction.atomic(), connection.cursor() as cursor:
            for name in filled_tables([name for name in self.tables if name not in unchanged]):
                cursor.execute(f"DELETE FROM {quote(name)}")  # noqa: S608
            for name in self.filled:
                if name not in unchanged:
                    cursor.execute(f"INSERT INTO {quote(name)} SELECT * FROM {quote(COPY + name)}")  # noqa: S608

    def unchanged(self) -> set[str]:
        """Return the tables whose rows are those of the migrations, which need no check of their foreign keys."""
        quote = connection.ops.quote_name
        queries = []
        for name in self.filled:
            now, then = f"SELECT * FROM {quote(name)}", f"SELECT * FROM {quote(COPY + name)}"  # noqa: S608
            is_equal = " AND ".join(
                f"NOT EXISTS (SELECT 1 FROM ({more} EXCEPT {less}) AS difference)"  # noqa: S608
                for more, less in [(now, then), (then, now)]
            )
            queries.append(f"SELECT '{name}' WHERE {is_equal}")
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(queries))
            return {name for (name,) in cursor.fetchall()}
