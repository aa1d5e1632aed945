"""Addresses of earlier sites, and what to do about addresses that are not there.

The rules are the table `old_urls.csv`, first match first. They apply where nothing else answers, so a page always goes
before a rule, and so does a redirect that staff have made. Each leads to its target in one step.
"""

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.db.models import F
from django.utils import timezone
from wagtail.models import Page

from cms.platform import counting

from .models.missing_urls import MissingURL

UNCOUNTED = re.compile(r"/(?:admin|static|media|accounts|api|documents)/|\.(?:php|aspx?|env|cgi)\b")


@dataclass(frozen=True)
class Rule:
    """An old address, those below it, or those that a pattern fits; and where it leads."""

    pattern: re.Pattern
    target: str
    permanent: bool
    # The address itself, where it is no pattern.
    address: str


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
    """Where an old address leads, and whether for good."""
    for rule in rules():
        match = rule.pattern.fullmatch(path)
        if match:
            target = match.expand(rule.target)
            return (f"{target}?{query}" if query and "?" not in target else target), rule.permanent
    return None


def count_missing(path: str, referrer: str = "") -> None:
    """Count a visit of an address that is not there. Each address is written at most once a minute."""
    path = path[:500]
    if UNCOUNTED.search(path) or "\x00" in path:
        return
    hits = counting.due("missing", path)
    if not hits:
        return
    now = timezone.now()
    if MissingURL.objects.filter(path=path).update(hits=F("hits") + hits, last_seen_at=now, referrer=referrer[:500]):
        return
    if counting.may_add("missing"):
        MissingURL.objects.get_or_create(path=path, defaults={"hits": hits, "last_seen_at": now, "referrer": referrer[:500]})


def page_for(path: str) -> Page | None:
    """The page that a missing address probably meant: the one whose address ends alike."""
    slug = re.sub(r"\.html?$", "", path.rstrip("/").rpartition("/")[2]).lower()
    return Page.objects.live().public().filter(slug=slug, depth__gt=2).order_by("depth").first() if slug else None
