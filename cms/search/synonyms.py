"""Synonyms that staff enter: a query also finds what its terms mean."""

import re

from cms.delivery import cached

from .models import SynonymGroup

MAX_VARIANTS = 5


def read_groups() -> list[list[str]]:
    return [group.split() for group in SynonymGroup.objects.all()]


def variants(query: str) -> list[str]:
    """Return the query, and the queries with a term replaced by each of its synonyms."""
    found = [query]
    for terms in cached.cached("search-synonyms", read_groups, [SynonymGroup.KEY]):
        for term in terms:
            pattern = re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.IGNORECASE)
            if pattern.search(query):
                # Backslashes in a replacement would have a meaning.
                found += [pattern.sub(other.replace("\\", r"\\"), query) for other in terms if other != term]
    return list(dict.fromkeys(found))[:MAX_VARIANTS]
