"""The search of the site. A section says once what can be found, and how it is shown::

search.register("jobs", "Jobs", Job.objects.visible, title=str, text=lambda job: job.description)
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from wagtail.search.backends import get_search_backend

EXCERPT = 220
LIMIT = 100


@dataclass(frozen=True)
class Group:
    """A kind of thing that can be found. `titles` are the columns whose match counts more than one in the text."""

    key: str
    label: str | Promise
    rows: Callable[[], QuerySet]
    titles: tuple[str, ...]
    text: Callable[[Any], str]
    url: Callable[[Any], str]
    full_text: bool = True

    def find(self, query: str) -> list[Any]:
        """Return rows whose title matches, the nearest first; then those with the words in their text."""
        exact, starts, holds = Q(), Q(), Q()
        terms = query.split()
        for column in self.titles:
            exact |= Q(**{f"{column}__iexact": query})
            starts |= Q(**{f"{column}__istartswith": query})
            in_this = Q()
            for term in terms:
                in_this &= Q(**{f"{column}__icontains": term})
            holds |= in_this
        rank = Case(When(exact, then=Value(0)), When(starts, then=Value(1)), default=Value(2))
        found = list(self.rows().filter(holds).annotate(nearness=rank).order_by("nearness", *self.rows().query.order_by)[:LIMIT])
        # Signs have a meaning of their own in the databases' full-text languages.
        plain = " ".join(re.findall(r"\w+", query))
        if self.full_text and plain:
            known = {row.pk for row in found}
            found += [row for row in get_search_backend().search(plain, self.rows().order_by())[:LIMIT] if row.pk not in known]
        return found[:LIMIT]

    def result(self, row: Any, query: str) -> dict:
        return {"title": str(row), "url": self.url(row), "excerpt": excerpt(self.text(row), query)}


_groups: dict[str, Group] = {}


def register(
    key: str,
    label: str | Promise,
    rows: Callable[[], QuerySet],
    *,
    titles: tuple[str, ...],
    text: Callable[[Any], str] = str,
    url: Callable[[Any], str] = lambda row: row.get_absolute_url(),
    full_text: bool = True,
) -> None:
    """Let the search find rows. `rows()` is a queryset of what visitors may see."""
    _groups[key] = Group(key, label, rows, titles, text, url, full_text)


def groups() -> list[Group]:
    return list(_groups.values())


def excerpt(text: str, query: str) -> SafeString:
    """Return a piece of the text around the first word that was asked for, with the words marked."""
    terms = [re.escape(term) for term in query.split() if term]
    plain = " ".join(strip_tags(text).split())
    pattern = re.compile("|".join(terms) or r"(?!)", re.IGNORECASE)
    hit = pattern.search(plain)
    start = max(0, hit.start() - EXCERPT // 3) if hit else 0
    start = plain.rfind(" ", 0, start) + 1 if start else 0
    piece = plain[start : start + EXCERPT]
    parts, at = [], 0
    for match in pattern.finditer(piece):
        parts += [escape(piece[at : match.start()]), "<mark>", escape(match[0]), "</mark>"]
        at = match.end()
    marked = "".join([*parts, escape(piece[at:])])
    return mark_safe(f"{'… ' if start else ''}{marked}{' …' if start + EXCERPT < len(plain) else ''}")  # noqa: S308 -- escaped piece by piece.
