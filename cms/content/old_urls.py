"""Redirects from URLs of earlier sites, and counts of missing URLs.

The first matching rule of `old_urls.csv` applies. Rules apply only if nothing else responds: pages and redirects created by
staff take precedence. Each rule redirects to its final target in one step. A redirect without a target
means 410 Gone.
"""

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.db.models import F
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from cms.platform import counting
from cms.platform.text import clean_text

from .models.missing_urls import MissingURL

UNCOUNTED = re.compile(r"/(?:admin|static|media|accounts|api|documents)/|\.(?:php|aspx?|env|cgi)\b")


@dataclass(frozen=True)
class Rule:
    """Redirect rule: an old URL, all URLs under it, or a pattern, and the target."""

    pattern: re.Pattern
    target: str
    permanent: bool
    # The URL itself, unless it is a pattern.
    path: str


@lru_cache(maxsize=1)
def rules() -> list[Rule]:
    ends = {"exact": "/?", "below": "(?:/.*)?", "pattern": ""}
    with (Path(__file__).parent / "old_urls.csv").open(encoding="utf-8", newline="") as table:
        return [
            Rule(
                re.compile((row["address"] if row["kind"] == "pattern" else re.escape(row["address"])) + ends[row["kind"]]),
                row["target"],
                row["permanent"] == "yes",
                "" if row["kind"] == "pattern" else row["address"],
            )
            for row in csv.DictReader(table)
        ]


def find(path: str, query: str = "") -> tuple[str, bool] | None:
    """Return the target of an old URL and whether the redirect is permanent, or None."""
    for rule in rules():
        match = rule.pattern.fullmatch(path)
        if match:
            target = match.expand(rule.target)
            return (f"{target}?{query}" if query and "?" not in target else target), rule.permanent
    return None


def is_gone(path: str) -> bool:
    """Return whether a redirect without a target marks the URL as permanently gone."""
    if "\0" in path:
        return False
    known = Redirect.objects.filter(old_path=Redirect.normalise_path(path), redirect_page=None, redirect_link="")
    return known.exists()


def count_missing(path: str, referrer: str = "") -> None:
    """Count a request for a missing URL. Each URL is saved at most once a minute."""
    path, referrer = clean_text(path)[:500], clean_text(referrer)[:500]
    if UNCOUNTED.search(path):
        return
    hits = counting.due("missing", path)
    if not hits:
        return
    now = timezone.now()
    if MissingURL.objects.filter(path=path).update(hits=F("hits") + hits, last_seen_at=now, referrer=referrer):
        return
    if counting.may_add("missing"):
        MissingURL.objects.get_or_create(path=path, defaults={"hits": hits, "last_seen_at": now, "referrer": referrer})


def page_for(path: str) -> Page | None:
    """Return the page that a missing URL probably refers to: the one with the same slug."""
    slug = re.sub(r"\.html?$", "", path.rstrip("/").rpartition("/")[2]).lower()
    return Page.objects.live().public().filter(slug=slug, depth__gt=2).order_by("depth").first() if slug else None
