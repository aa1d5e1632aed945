"""File storage that fails quickly with one type of error and leaves no partial files."""

import errno
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

from .breaker import CircuitBreaker, CircuitOpenError

# Seconds without requests to a store that did not respond.
PAUSE = 10
# Libraries whose errors come from the store while files are read or written.
STORE_LIBRARIES = {"boto3", "botocore", "s3transfer"}
FULL = {errno.ENOSPC, errno.EDQUOT}
UNWRITABLE = {errno.EROFS, errno.EACCES, errno.EIO}


store = CircuitBreaker("The file storage", pause=PAUSE)


def is_storage_error(error: BaseException | None) -> bool:
    """Return whether an error comes from the storage of files, except for a file that does not exist."""
    if error is None or isinstance(error, FileNotFoundError):
        return False
    library = type(error).__module__.partition(".")[0]
    is_known = isinstance(error, CircuitOpenError) or library in STORE_LIBRARIES
    return is_known or (isinstance(error, OSError) and error.errno in UNWRITABLE) or is_storage_error(error.__cause__)


class DiskStorage(FileSystemStorage):
    """Files on disk. A file that could not be written completely, for example to a full disk, is removed."""

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        existed = path.exists()
        try:
            return super()._save(name, content)  # type: ignore[misc]  # Missing in django-stubs.
        except OSError:
            if not existed:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
            raise


def watch_store(events: Any) -> None:
    """Connect the events of a botocore client to the circuit breaker of the store."""
    events.register_first("before-call.s3", refuse_while_open)
    events.register("after-call.s3", close_circuit)
    events.register("after-call-error.s3", open_circuit)


def refuse_while_open(**kwargs: Any) -> None:
    store.check()


def close_circuit(http_response: Any, **kwargs: Any) -> None:
    store.reset()


def open_circuit(exception: Exception, **kwargs: Any) -> None:
    store.trip()
