"""Sources of a command, stored for one run."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.base import CommandError

from .database import is_database, read_database
from .sources import SourceError, Spool, read_rows

HELP = "a list of rows as JSON, plain or gzip; or the address of the old database, postgres://…, which is only read"


@contextmanager
def spool_of(sources: Iterable[str]) -> Iterator[Spool]:
    """Yield the rows of all sources. Raises CommandError for an unreadable one."""
    with Spool() as spool:
        try:
            for source in sources:
                spool.add(read_database(source) if is_database(source) else read_rows(Path(source)))
        except SourceError as error:
            raise CommandError(str(error)) from error
        yield spool
