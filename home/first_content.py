"""Initial content of a new site: legal pages, documentation by version, funding.json."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from wagtail.models import Page, Site

from cms.content.models import SiteSettings

from .models import HomePage, LandingPage, StandardPage, VersionsPage

PAGES = Path(__file__).with_name("first_content.txt")
FUNDING = Path(__file__).with_name("funding.json")
SECTIONS = {"about": "About Python", "community": "Community", "doc": "Documentation"}
OLD_VERSIONS = [
    ("Python 1.5.2", "April 30, 1999", "https://docs.python.org/release/1.5.2/"),
    ("Python 1.4", "October 25, 1996", "https://docs.python.org/release/1.4/"),
]
_markdown = MarkdownIt("commonmark", {"html": False})


class PageText(NamedTuple):
    """Text of a general page: path under the front page, title, introduction and blocks of the body."""

    path: str
    title: str
    introduction: str
    body: list[tuple[str, Any]]


def read_pages(file: Path) -> Iterator[PageText]:
    """Yield the pages of a file in which "=== path | title" starts a page and its first paragraph is the introduction.

    The rest is Markdown. "##" headings and code become separate blocks.
    """
    for text in file.read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, rest = text.partition("\n")
        introduction, _, body = rest.strip().partition("\n\n")
        path, _, title = head.partition(" | ")
        yield PageText(path, title, introduction, list(_make_blocks(body)))


def _make_blocks(markdown: str) -> Iterator[tuple[str, Any]]:
    tokens = _markdown.parse(markdown)
    pending: list = []
    while tokens:
        token = tokens.pop(0)
        if token.type in {"heading_open", "fence"}:
            yield from _make_text(pending)
            pending = []
        if token.type == "heading_open":
            yield "heading", {"text": tokens.pop(0).content, "level": "2", "anchor": ""}
            tokens.pop(0)
        elif token.type == "fence":
            yield "code", {"code": token.content.rstrip(), "language": token.info or "text", "caption": ""}
        else:
            pending.append(token)
    yield from _make_text(pending)


def _make_text(tokens: list) -> Iterator[tuple[str, str]]:
    if tokens:
        yield "text", _markdown.renderer.render(tokens, _markdown.options, {})


def make_page(text: PageText, parent: Page, **fields: Any) -> Page:
    """Create a page from its text under `parent`."""
    return parent.add_child(
        instance=StandardPage(
            title=text.title,
            slug=text.path.rpartition("/")[2],
            introduction=text.introduction,
            search_description=text.introduction,
            body=text.body,
            **fields,
        )
    )


def make_first_content(home: HomePage) -> list[str]:
    """Create missing content and return its paths. Existing pages and settings are not changed."""
    made = []
    for text in read_pages(PAGES):
        slug, _, rest = text.path.partition("/")
        parent = find_section(home, slug) if rest else home
        if not parent.get_children().filter(slug=rest or slug).exists():
            make_page(text, parent)
            made.append(f"/{text.path}/")
    if not VersionsPage.objects.exists():
        find_section(home, "doc").add_child(
            instance=VersionsPage(
                title="Documentation by version",
                slug="versions",
                search_description="Links to the documentation of each version of Python.",
                introduction="The documentation of every release stays available.",
                old_versions=[("row", {"version": name, "released": day, "url": url}) for name, day, url in OLD_VERSIONS],
            )
        )
        made.append("/doc/versions/")
    settings = SiteSettings.for_site(Site.objects.get(root_page=home))
    if not settings.funding_json:
        settings.funding_json = FUNDING.read_text(encoding="utf-8")
        settings.save()
        made.append("/funding.json")
    return made


def find_section(home: HomePage, slug: str) -> Page:
    """Return the landing page of a section, created if it is missing."""
    section = home.get_children().filter(slug=slug).first()
    return section or home.add_child(instance=LandingPage(title=SECTIONS[slug], slug=slug))
