"""Values cached in this process until the next purge, whatever it purges."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db import connection

# Maximum age: days can pass without a purge, and a process with a local-memory cache misses the purges of others.
CACHED_SECONDS = 60
MAX_CACHED = 1000
GENERATION = "generation"
# Which keys each of the last purges named, for so many purges and seconds.
PURGED, PURGES_KNOWN, PURGED_SECONDS = "purged-", 100, 3600


class CachedValue(NamedTuple):
    generation: int
    until: float
    value: Any


_cached: dict[str, CachedValue] = {}


# The number that this request has read.
_read: ContextVar[dict[str, int | None] | None] = ContextVar("generation", default=None)


@contextmanager
def one_generation() -> Iterator[None]:
    """Read the purge number once per request instead of once for each cached part."""
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def generation() -> int | None:
    """Return the number of the last purge, or None while the shared cache is unreachable."""
    read = _read.get()
    if read is not None and GENERATION in read:
        return read[GENERATION]
    number = cache.get(GENERATION)
    if number is None:
        cache.add(GENERATION, time.time_ns(), None)
        number = cache.get(GENERATION)
    if read is not None:
        read[GENERATION] = number
    return number


def next_generation() -> int:
    # A cache that was emptied begins with a number that was never used.
    cache.add(GENERATION, time.time_ns(), None)
    return cache.incr(GENERATION)


def record_purge(keys: list[str]) -> None:
    """Count a purge, so that values cached before it are computed again.

    Other processes see the new number before its keys, and then assume that everything was purged.
    """
    cache.set(f"{PURGED}{next_generation()}", keys, PURGED_SECONDS)
    if (read := _read.get()) is not None:
        read.clear()


def purged_between(number: int, last: int) -> set[str] | None:
    """Return keys that were purged after one number and up to another, or None if they are no longer recorded."""
    if not 0 < last - number <= PURGES_KNOWN:
        return None
    names = [f"{PURGED}{each}" for each in range(number + 1, last + 1)]
    found = cache.get_many(names)
    return {key for keys in found.values() for key in keys} if len(found) == len(names) else None


def has_purged_since(number: int | None) -> bool:
    """Return whether any process has purged after this number; False while the shared cache is unreachable.

    The cache in front is needed most of all then, and the purges that wait will reach what it keeps.
    """
    return number is not None and cache.get(GENERATION, number) != number


def clear_cached() -> None:
    _cached.clear()


def cached(name: str, compute: Callable[[], Any]) -> Any:
    """Return the result of `compute()`, cached in this process until the next purge of any key.

    The number of the last purge is read first, so that a value from before a commit is never cached after it. Inside a
    transaction nothing is cached, because it may see uncommitted rows. All requests share the value: do not change it.
    """
    number = None if connection.in_atomic_block else generation()
    if number is None:
        return compute()
    known = _cached.get(name)
    if known is None or known.generation != number or known.until < time.monotonic():
        if len(_cached) >= MAX_CACHED:
            _cached.clear()
        known = _cached[name] = CachedValue(number, time.monotonic() + CACHED_SECONDS, compute())
    return known.value
