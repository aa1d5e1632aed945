"""Crawls of the demo site and of an imported site: every internal link of every public page works, and every fragment exists."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client

from importer.core import import_rows
from tests.pydotorg.test_upgrade import sample_rows

pytestmark = [pytest.mark.django_db, pytest.mark.full]
# Addresses of actions and of other formats, and lists that never end.
SKIPPED = re.compile(
    r"^/(admin|accounts/(?!login|signup)|documents|m|static|media)/|[?&](month|date|year|page)=|^/events/.*/\d{4}/"
)
MAX_PAGES = 3000


class LinkReader(HTMLParser):
    """Collect the links and the anchors of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors = {"", "top"}
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.anchors |= {values.get("id") or "", values.get("name") or "" if tag == "a" else ""}
        if tag in {"a", "area"} and values.get("href"):
            self.links.append(values["href"] or "")


def crawl(client: Client) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return dead links and missing fragments, each as (path of the page, target)."""
    seen: dict[str, LinkReader | None] = {}
    dead: set[tuple[str, str]] = set()
    fragments: list[tuple[str, str, str]] = []
    waiting = [("", "/")]
    while waiting:
        source, path = waiting.pop()
        if path in seen:
            continue
        response = client.get(path, follow=True)
        if any(urlsplit(url).netloc not in {"", "testserver"} for url, _status in response.redirect_chain):
            seen[path] = None
            continue
        is_html = not response.streaming and "html" in response.get("Content-Type", "")
        seen[path] = reader = LinkReader(response.content.decode()) if is_html else None
        if response.status_code >= 400:
            dead.add((source, path))
            continue
        base = response.redirect_chain[-1][0] if response.redirect_chain else path
        for href in reader.links if reader else []:
            parts = urlsplit(urljoin(f"http://testserver{base}", href))
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if parts.netloc != "testserver" or SKIPPED.search(target):
                continue
            waiting.append((path, target))
            if parts.fragment:
                fragments.append((path, target, unquote(parts.fragment)))
    assert len(seen) < MAX_PAGES
    missing = {
        (path, f"{target}#{anchor}")
        for path, target, anchor in fragments
        if (page := seen[target]) and anchor not in page.anchors
    }
    return dead, missing


def test_no_link_of_the_demo_is_dead(client, demo_site):
    assert crawl(client) == (set(), set())


@pytest.mark.nightly
def test_no_link_of_an_imported_site_is_dead(client, settings, tmp_path):
    """The rows are a sample: their content and menus may link to pages that are not part of it, and nothing else may."""
    settings.MEDIA_ROOT = tmp_path
    default_storage.save("files/a.pdf", ContentFile(b"%PDF-1.4"))
    rows = sample_rows()
    import_rows(rows)
    call_command("first_content")
    source = json.dumps(rows, default=str)
    dead, missing = crawl(client)
    assert {(page, target) for page, target in dead | missing if target.partition("#")[0].rstrip("/") not in source} == set()
