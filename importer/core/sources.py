"""Sources of rows, read as a stream and stored by model on disk to limit the use of memory."""

import gzip
import json
import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, Self

import orjson

from cms.platform.text import clean_value

GZIP = b"\x1f\x8b"


class SourceError(Exception):
    """Unreadable source, with the reason as a sentence."""


def label_of(row: Any) -> str:
    """Return the model of a row: "downloads/release" for API v2, "boxes.box" for a dump."""
    if isinstance(row, dict) and "fields" in row:
        return str(row.get("model", ""))
    uri = row.get("resource_uri", "") if isinstance(row, dict) else ""
    return uri.partition("/api/v2/")[2].rstrip("/").rpartition("/")[0]


def key_of(row: Any) -> str | None:
    """Return the old ID of a row as a string."""
    if not isinstance(row, dict):
        return None
    if "fields" in row:
        return None if row.get("pk") is None else str(row["pk"])
    return str(row.get("resource_uri", "")).rstrip("/").rpartition("/")[2] or None


def without_secret(row: Any) -> Any:
    """Return a row with its ID replaced by a digest if it is secret: the ID of an API v2 token is the token itself."""
    if label_of(row) != "authtoken.token" or "key" in row["fields"]:
        return row
    digest = blake2b(str(row["pk"]).encode(), digest_size=8).hexdigest()
    return row | {"pk": digest, "fields": row["fields"] | {"key": row["pk"]}}


def digest_of(row: dict) -> str:
    return blake2b(orjson.dumps(row, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def read_rows(path: Path) -> Iterator[Any]:
    """Yield the rows of a JSON file, plain or gzip. Raises SourceError."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == GZIP
        with gzip.open(path) if packed else path.open("rb") as file:
            if not _first_letter(file) == b"[":
                raise SourceError(f"{path} does not contain a list of rows.")
            yield from _items(file)
    except (OSError, EOFError, ValueError) as error:
        raise SourceError(f"{path} cannot be read: {error}.") from error


def _first_letter(file: Any) -> bytes:
    start = file.read(4096).lstrip()
    file.seek(0)
    if start[:1] not in {b"[", b"{"}:
        # Raises an error with a reason, such as for an empty file.
        json.loads(start or b" ")
    return start[:1]


def _items(file: Any) -> Iterator[Any]:
    try:
        import ijson  # noqa: PLC0415 -- a dependency of the import alone.
    except ImportError as error:
        raise SourceError(
            "The import needs more packages. `make import FILE=…` installs them; or run pip install --require-hashes -r "
            "requirements/import.txt."
        ) from error
    try:
        yield from ijson.items(file, "item", use_float=True)
    except ijson.JSONError as error:
        raise ValueError(str(error)) from error


def clean_row(row: Any) -> Any:
    return without_secret(clean_value(row))


class Spool:
    """Rows of all sources by model, in a temporary file. If two rows have the same ID, the later one counts."""

    def __init__(self, rows: Iterable[Any] = ()) -> None:
        self._store = sqlite3.connect("", isolation_level=None)
        self._store.execute(
            "CREATE TABLE rows (number INTEGER PRIMARY KEY, label TEXT, key TEXT, body BLOB, twice INTEGER DEFAULT 0, "
            "UNIQUE (label, key))"
        )
        self._store.execute("BEGIN")
        try:
            self.add(rows)
        except BaseException:
            # No other code has a reference to this object yet.
            self._store.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()

    def add(self, rows: Iterable[Any]) -> None:
        self._store.executemany(
            "INSERT INTO rows (label, key, body) VALUES (?, ?, ?) ON CONFLICT (label, key) "
            "DO UPDATE SET body = excluded.body, twice = 1 WHERE body <> excluded.body",
            ((label_of(row), key_of(row), orjson.dumps(row, default=str)) for row in map(clean_row, rows)),
        )

    def counts(self) -> dict[str, int]:
        return dict(self._store.execute("SELECT label, count(*) FROM rows GROUP BY label ORDER BY min(number)"))

    def rows(self, label: str) -> Iterator[Any]:
        for (body,) in self._store.execute("SELECT body FROM rows WHERE label = ? ORDER BY number", [label]):
            yield orjson.loads(body)

    def parts(self, label: str, size: int | None) -> Iterator[list[Any]]:
        """Yield the rows of a model in batches, or all at once without a size."""
        rows = self.rows(label)
        while part := list(islice(rows, size)):
            yield part

    def twice(self) -> list[tuple[str, str]]:
        """Return the model and ID of rows that occur in the sources with different contents."""
        return list(self._store.execute("SELECT label, key FROM rows WHERE twice ORDER BY label, number"))
