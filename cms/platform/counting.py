"""Counters of visitor requests that write each object at most once a minute and limit new rows."""

from hashlib import blake2b

from django.core.cache import cache

# Keeps scanners from filling the database and the report.
NEW_ROWS_PER_MINUTE = 60


def due(kind: str, name: str) -> int:
    """Return the number of requests since the last write; 0 if it is too early for the next write."""
    key = f"{kind}:{blake2b(name.encode(), digest_size=16).hexdigest()}"
    cache.add(key, 0, 600)
    hits = cache.incr(key)
    if not cache.add(f"{key}:written", "yes", 60):
        return 0
    cache.delete(key)
    return hits


def may_add(kind: str) -> bool:
    """Return whether one more object may be created this minute."""
    cache.add(f"{kind}:new", 0, 60)
    return cache.incr(f"{kind}:new") <= NEW_ROWS_PER_MINUTE
