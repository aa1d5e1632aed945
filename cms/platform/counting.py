"""Counting what strangers ask for, without a stranger filling the database: one write a minute for each, few new rows."""

from django.core.cache import cache

# So that a scanner fills neither the database nor the report.
NEW_ROWS_PER_MINUTE = 60


def due(kind: str, name: str) -> int:
    """How many times something was asked for since it was last written down; 0 when it is not time to write yet."""
    key = f"{kind}:{hash(name)}"
    cache.add(key, 0, 600)
    hits = cache.incr(key)
    if not cache.add(f"{key}:written", "yes", 60):
        return 0
    cache.delete(key)
    return hits


def may_add(kind: str) -> bool:
    """Whether one more new row may be made this minute."""
    cache.add(f"{kind}:new", 0, 60)
    return cache.incr(f"{kind}:new") <= NEW_ROWS_PER_MINUTE
