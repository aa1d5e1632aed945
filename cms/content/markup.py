"""Text written by the public: converts Markdown to safe HTML.

The Markdown is stored as typed and converted when it is displayed, so that a stricter rule immediately applies to all existing
texts.
"""

import re
from html import unescape

import nh3
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from cms.platform.text import clean_text

TAGS = {"p", "br", "strong", "em", "code", "pre", "ul", "ol", "li", "a", "h3", "h4", "blockquote", "hr"}
ATTRIBUTES = {"a": {"href"}}
SCHEMES = {"http", "https", "mailto"}
# Attribute of links in user-generated content.
LINK_REL = "nofollow noopener"
# Heading levels, keyed by the level of the first heading: 3 under a heading of the page, 2 directly under its title.
HEADINGS = {
    2: {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"},
    3: {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"},
}

# The element that pages render around the text of a block.
PROSE = re.compile(r'<div class="prose">(.*?)</div>', re.DOTALL)

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})


def render(text: str, level: int = 3) -> SafeString:
    """Return Markdown as safe HTML with bold, lists, links, code, and headings from `level` down."""
    tokens = _markdown.parse(text)
    for token in tokens:
        token.tag = HEADINGS[level].get(token.tag, token.tag)
    return clean(_markdown.renderer.render(tokens, _markdown.options, {}), TAGS | {"h2"} if level == 2 else TAGS)  # noqa: PLR2004 -- a level.


def clean(html: str, tags: set[str] = TAGS) -> SafeString:
    """Return external HTML, reduced to plain text markup."""
    cleaned = nh3.clean(
        clean_text(html),
        tags=tags,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=LINK_REL,
        strip_comments=True,
    )
    return mark_safe(cleaned)  # noqa: S308 -- nh3 has just cleaned it.


def plain(text: str) -> str:
    """Return Markdown as plain text, for feeds, descriptions and search."""
    return plain_html(render(text))


def plain_html(html: str) -> str:
    """Return HTML as plain text."""
    return " ".join(clean_text(unescape(strip_tags(html))).split())


def without_frame(html: str) -> str:
    """Return rendered blocks as a bare fragment, without the wrapper elements of this site."""
    return PROSE.sub(r"\1", html).strip()
