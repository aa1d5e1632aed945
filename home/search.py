"""Search groups of pages, releases, documentation, news and resolutions, and the view of the results."""

import re
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from wagtail.contrib.search_promotions.models import Query
from wagtail.models import Page

from cms.content import markup
from cms.content.languages import in_default_language
from cms.content.public_pages import without_private
from cms.platform.dates import show_date
from cms.search import empty_searches, index, ranking
from cms.search.models import DocEntry
from community.models import BlogEntry
from downloads.models import DownloadsPage, Release
from psf.models import Resolution

MAX_QUERY_LENGTH = 200
FIRST = 3
SUGGESTIONS = 8
PER_PAGE = 20

# Pages of the previous site about single releases, which the releases here replace.
RELEASE_TITLE = re.compile(r"Python \d+\.\d")

index.register(
    "pages",
    _("Pages"),
    lambda: in_default_language(Page.objects.live().public().filter(depth__gt=2).order_by("depth", "path")),
    titles=("title", "slug"),
    text=lambda page: page.search_description,
    url=lambda page: page.url,
    is_minor=lambda page: bool(RELEASE_TITLE.match(page.title)),
)
index.register(
    "releases",
    _("Releases"),
    lambda: Release.objects.visible().stable_first(),
    titles=("name",),
    text=lambda release: f"{release.name}, {show_date(release.release_date)}",
    full_text=False,
)
index.register(
    "docs",
    _("Library documentation"),
    lambda: DocEntry.objects.order_by("name"),
    titles=("name",),
    text=lambda entry: f"{entry.name} ({entry.kind.removeprefix('py:')})",
    url=lambda entry: entry.url,
    full_text=False,
    more_words=lambda entry: entry.kind,
)
index.register(
    "news",
    _("News"),
    BlogEntry.objects.visible,
    titles=("title",),
    text=lambda entry: markup.plain_html(entry.summary),
    full_text=False,
)
index.register(
    "resolutions",
    _("Board resolutions"),
    Resolution.objects.visible,
    titles=("text", "number"),
    text=lambda resolution: f"{resolution.text} {resolution.page.title}",
    full_text=False,
)


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Return the best results for a query that is being typed, as options of a list."""
    query = read_query(request)
    found = index.find_all(query, is_typing=True)
    if query and not index.is_answered(found):
        found = index.find_all(index.correct(query), is_typing=True)
    rows = [{"title": str(row), "url": group.url(row), "label": group.label} for group, row in best_of(query, found, SUGGESTIONS)]
    response = render(request, "home/suggestions.html", {"suggestions": rows})
    patch_cache_control(response, public=True, max_age=60, s_maxage=300)
    return response


def best_of(query: str, found: list[tuple[index.Group, list[Any]]], number: int) -> list[tuple[index.Group, Any]]:
    """Return the best results of all groups. For “python” alone, the downloads page and the latest release come first."""
    best = index.best_of(found, number)
    if not ranking.is_broad(query):
        return best
    groups = {group.key: group for group in index.groups()}
    downloads = in_default_language(DownloadsPage.objects.live().public()).first()
    current = [(groups["pages"], downloads), (groups["releases"], Release.objects.current(Release.Line.PYTHON_3))]
    first = [(group, row) for group, row in current if row]
    return [*first, *(hit for hit in best if hit not in first)][:number]


def read_query(request: HttpRequest) -> str:
    return " ".join(request.GET.get("q", "").split())[:MAX_QUERY_LENGTH]


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Show the first results of each group, or all results of one group, page by page."""
    query = read_query(request)
    wanted = request.GET.get("type", "")
    found = index.find_all(query)
    corrected = query if index.is_answered(found) else index.correct(query)
    if corrected != query:
        found = index.find_all(corrected)
    shown = []
    for group, rows in found:
        if rows and wanted in {"", group.key}:
            page = Paginator(rows, PER_PAGE if wanted else FIRST).get_page(request.GET.get("page") if wanted else 1)
            shown.append(
                {"group": group, "count": len(rows), "page": page, "results": [group.result(row, corrected) for row in page]}
            )
    context = {
        "query": query,
        "corrected": corrected if corrected != query and shown else "",
        "best": [group.result(row, corrected) for group, row in best_of(corrected, found, FIRST)] if not wanted else [],
        "wanted": wanted,
        "shown": shown,
        "counts": [{"group": group, "count": len(rows)} for group, rows in found if rows],
        "promoted": promoted(query) if query else [],
    }
    if query and not shown and not context["promoted"]:
        empty_searches.count_empty(query)
    response = render(request, "home/search.html", context)
    patch_cache_control(response, public=True, max_age=60, s_maxage=300)
    return response


def promoted(query: str) -> list:
    """Return the promoted results for exactly this query."""
    row = Query.objects.filter(query_string=query.lower()).first()
    if row is None:
        return []
    is_shown = Q(page=None) | Q(page__in=without_private(Page.objects.live()))
    return list(row.editors_picks.filter(is_shown).select_related("page"))
