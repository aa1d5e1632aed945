"""Search of the site. Each section registers its searchable records::

search.register("jobs", "Jobs", Job.objects.visible, title=str, text=lambda job: job.description)
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.functional import Promise
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from wagtail.search.backends import get_search_backend

from cms.delivery import cached

from . import ranking, synonyms

EXCERPT = 220
LIMIT = 100
# Below any title that matches.
TEXT_SCORE = 4.0
# Any title with nearly all words in the query.
ANSWER_SCORE = 9.0
MINOR = 0.5


@dataclass(frozen=True)
class Group:
    """Type of searchable records. Matches in the `titles` columns count more than matches in the text."""

    key: str
    label: str | Promise
    rows: Callable[[], QuerySet]
    titles: tuple[str, ...]
    text: Callable[[Any], str]
    url: Callable[[Any], str]
    full_text: bool = True
    more_words: Callable[[Any], str] | None = None
    is_minor: Callable[[Any], bool] | None = None

    def find(self, query: str, *, is_typing: bool = False) -> list[Any]:
        """Return rows whose title matches the query, best first; then those with its words in their text.

        Each row gets its `search_score`. With `is_typing`, the last word may be a part of a word, and body text is not searched.
        """
        terms = ranking.split_query(query)
        if not terms:
            return []
        rows = [row for row in self.candidates(terms, query) if self.rate(row, terms, is_typing=is_typing)]
        rows.sort(key=lambda row: -row.search_score)
        # Symbols have a special meaning in the full-text query languages of the databases.
        plain = " ".join(terms)
        if self.full_text and not is_typing:
            known = {row.pk for row in rows}
            for row in get_search_backend().search(plain, self.rows().order_by())[:LIMIT]:
                if row.pk not in known:
                    row.search_score = TEXT_SCORE
                    rows.append(row)
        return rows[:LIMIT]

    def candidates(self, terms: list[str], query: str) -> list[Any]:
        """Return the rows with most of the words in their title. Ties keep the order of the queryset."""
        count: Any = Value(0)
        some = Q()
        for term in terms:
            has_term = Q(*((f"{column}__icontains", ranking.stem(term)) for column in self.titles), _connector=Q.OR)
            some |= has_term
            count = count + Case(When(has_term, then=Value(1)), default=Value(0))
        is_exact = Q(*((f"{column}__iexact", query) for column in self.titles), _connector=Q.OR)
        nearness = Case(When(is_exact, then=Value(len(terms) + 1)), default=count, output_field=IntegerField())
        rows = self.rows()
        return list(rows.filter(some).annotate(nearness=nearness).order_by("-nearness", *rows.query.order_by)[:LIMIT])

    def rate(self, row: Any, terms: list[str], *, is_typing: bool) -> float:
        more = self.more_words(row) if self.more_words else " ".join(str(getattr(row, name)) for name in self.titles)
        row.search_score = ranking.score(terms, str(row), more, is_typing=is_typing)
        if row.search_score and self.is_minor and self.is_minor(row):
            row.search_score -= MINOR
        return row.search_score

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
    more_words: Callable[[Any], str] | None = None,
    is_minor: Callable[[Any], bool] | None = None,
) -> None:
    """Register rows for the search. `rows()` is a queryset of what visitors can see; `more_words` are matched like the title.

    Rows for which `is_minor` come after others that match equally well.
    """
    _groups[key] = Group(key, label, rows, titles, text, url, full_text, more_words, is_minor)


def groups() -> list[Group]:
    return list(_groups.values())


def find_all(query: str, *, is_typing: bool = False) -> list[tuple[Group, list[Any]]]:
    """Return the results of each group, also those of synonyms."""
    if not query:
        return []
    queries = [query] if is_typing else synonyms.variants(query)
    return [(group, merge([group.find(each, is_typing=is_typing) for each in queries])) for group in groups()]


def merge(lists: list[list[Any]]) -> list[Any]:
    """Return the rows of several lists, best first, each once."""
    if len(lists) == 1:
        return lists[0]
    best: dict[Any, Any] = {}
    for row in (row for rows in lists for row in rows):
        if row.pk not in best or best[row.pk].search_score < row.search_score:
            best[row.pk] = row
    return sorted(best.values(), key=lambda row: -row.search_score)[:LIMIT]


def best_of(found: list[tuple[Group, list[Any]]], number: int) -> list[tuple[Group, Any]]:
    """Return the best results of all groups. Ties are broken by the order of the groups."""
    rows = [(group, row) for group, rows in found for row in rows[:number]]
    return sorted(rows, key=lambda hit: -hit[1].search_score)[:number]


def is_answered(found: list[tuple[Group, list[Any]]]) -> bool:
    """Return whether a title or text contains nearly all query words, so that they are not typing errors."""
    return any(row.search_score >= ANSWER_SCORE or row.search_score == TEXT_SCORE for _, rows in found for row in rows)


def correct(query: str) -> str:
    """Return a query with its typing errors corrected, by the words in titles."""
    return ranking.correct(query, cached.cached("search-vocabulary", count_words, []))


def count_words() -> dict[str, int]:
    """Return the words of all titles with their numbers of uses."""
    titles = (title for group in groups() for row in group.rows().order_by().values_list(*group.titles) for title in row)
    return Counter(word for title in titles for word in set(ranking.split_words(title or "")))


def excerpt(text: str, query: str) -> SafeString:
    """Return an excerpt around the first word of the query, with the words marked."""
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
