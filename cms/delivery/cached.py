"""Values and rendered parts of pages that are cached until one of their surrogate keys is purged.

Each process has its own copy. Rendered parts are also in the shared cache, so that a new process need not render them.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from .surrogate_keys import SITE_KEY

# Maximum age in seconds: days can pass without a purge, and a local-memory cache misses the purges of other processes.
CACHED_SECONDS = 60
MAX_CACHED = 1000
GENERATION = "generation"
# Keys of the last purges are kept for this many purges and seconds.
PURGED, PURGES_KNOWN, PURGED_SECONDS = "purged-", 100, 3600


class CachedValue(NamedTuple):
    """Cached value with the number of the last purge before it was computed, its expiry (Unix time), and its surrogate keys."""

    generation: int
    until: float
    value: Any
    keys: tuple[str, ...]


_cached: dict[str, CachedValue] = {}


# Purge number read by this request, and the keys purged between it and earlier numbers.
_read: ContextVar[dict[Any, Any] | None] = ContextVar("generation", default=None)


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
    # An emptied cache starts with a number that was never used.
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
    read = _read.get()
    if read is not None and (number, last) in read:
        return read[number, last]
    names = [f"{PURGED}{each}" for each in range(number + 1, last + 1)]
    found = cache.get_many(names)
    purged = {key for keys in found.values() for key in keys} if len(found) == len(names) else None
    if read is not None:
        read[number, last] = purged
    return purged


def has_purged_since(number: int | None) -> bool:
    """Return whether any process has purged after this number; False while the shared cache is unreachable.

    The cache in front is most needed in this case, and pending purges will remove outdated responses later.
    """
    return number is not None and cache.get(GENERATION, number) != number


def clear_cached() -> None:
    _cached.clear()


def cached(name: str, compute: Callable[[], Any], keys: Iterable[str] = ()) -> Any:
    """Return the result of `compute()`, cached in this process until one of the surrogate keys, or the site's, is purged.

    Without keys, any purge ends it. The number of the last purge is read first, so that a value from before a commit is
    never cached after it. Inside a transaction nothing is cached, because it may see uncommitted rows. All requests share
    the value: do not change it.
    """
    number = None if connection.in_atomic_block else generation()
    if number is None:
        return compute()
    known = _cached.get(name)
    if known is None or not _holds(name, known, number):
        known = _keep(name, CachedValue(number, time.time() + CACHED_SECONDS, compute(), tuple(keys)))
    return known.value


def cached_part(name: str, render: Callable[[], tuple[str, tuple[str, ...]]]) -> tuple[str, tuple[str, ...]]:
    """Return the result of `render()`, HTML with its surrogate keys, cached like a value but shared by all processes."""
    number = None if connection.in_atomic_block else generation()
    if number is None:
        return render()
    known = _cached.get(name)
    if known is not None and _holds(name, known, number):
        return known.value, known.keys
    # Another release of the site may render different HTML.
    shared_name = f"part:{settings.RELEASE}:{settings.COMMIT}:{name}"
    if found := cache.get(shared_name):
        drawn_after, until, html, keys = found
        known = CachedValue(drawn_after, until, html, tuple(keys))
        if _holds(name, known, number):
            return known.value, known.keys
    html, keys = render()
    known = _keep(name, CachedValue(number, time.time() + CACHED_SECONDS, str(html), keys))
    cache.set(shared_name, list(known), CACHED_SECONDS)
    return known.value, known.keys


def _holds(name: str, known: CachedValue, number: int) -> bool:
    """Return whether a value is still valid after the purges up to a number, and record that it is."""
    if known.until < time.time():
        return False
    if known.generation != number:
        purged = purged_between(known.generation, number) if known.keys else None
        if purged is None or not purged.isdisjoint({SITE_KEY, *known.keys}):
            return False
    _keep(name, known._replace(generation=number))
    return True


def _keep(name: str, value: CachedValue) -> CachedValue:
    if name not in _cached and len(_cached) >= MAX_CACHED:
        _cached.clear()
    _cached[name] = value
    return value
