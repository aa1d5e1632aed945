"""Searches without results."""

from django.db.models import F
from django.utils import timezone

from cms.platform import counting

from .models import EmptySearch


def count_empty(query: str) -> None:
    """Count a search without results. Each query is saved at most once a minute."""
    query = query.lower()[:200]
    hits = counting.due("empty-search", query)
    if not hits:
        return
    now = timezone.now()
    if EmptySearch.objects.filter(query=query).update(hits=F("hits") + hits, last_searched_at=now):
        return
    if counting.may_add("empty-search"):
        EmptySearch.objects.get_or_create(query=query, defaults={"hits": hits, "last_searched_at": now})
