"""Conversion of the HTML of the old site to blocks."""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import nh3
from bs4 import BeautifulSoup, Comment, NavigableString, Tag

from .blocks import CodeBlock

WRAPPERS = {"div", "section", "article", "header", "footer", "main", "body", "html", "aside", "center", "figure"}
HEADINGS = {"h1": "2", "h2": "2", "h3": "3", "h4": "3", "h5": "4", "h6": "4"}
# Elements that rich text keeps; all others are reduced to their text.
RICH_TAGS = {"p", "b", "i", "code", "a", "ul", "ol", "li", "br", "hr"}
TEXT_HEADINGS = {"h2", "h3", "h4"}
SAME_AS = {"strong": "b", "em": "i", "cite": "i", "tt": "code", "kbd": "code", "samp": "code", "time": None, "span": None}
BLOCKS = {"p", "ul", "ol", "dl", "li", "table", "pre", "blockquote", "img", "hr"}
DROPPED = ["script", "style", "svg", "noscript", "iframe", "object", "form", "input", "button", "template"]


@dataclass
class Converted:
    """Blocks for a StreamField, and the content that could not be converted."""

    blocks: list[tuple[str, Any]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def convert(
    html: str,
    *,
    image_of: Callable[[str], Any] | None = None,
    allowed: Callable[[str], str] | None = None,
    headings_in_text: bool = False,
) -> Converted:
    """Convert HTML to heading, text, quote, code, table, image and button blocks. Only text and links are kept.

    `image_of(address)` returns the image of the library for a URL, if there is one. Content without a matching block becomes an
    HTML block, cleaned by `keep(html)`; without that function it is removed and listed as lost. Headings become blocks, or h2,
    h3 or h4 elements within the text.
    """
    soup = BeautifulSoup(html, "html.parser")
    result = Converted()
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for tag in soup.find_all(DROPPED) if allowed is None else []:
        if tag.name not in {"style", "script", "svg"} and not tag.decomposed:
            result.lost.append(f"<{tag.name}>")
        tag.decompose()
    for ornament in soup.select("span[aria-hidden], span.prompt"):
        ornament.decompose()
    for more in soup.select("p.give-me-more"):
        # It floated beside the heading. In a column of blocks it comes last, with a label that describes its target.
        for link in more.find_all("a", title=True):
            link.string = str(link.attrs.pop("title"))
        if more.parent:
            more.parent.append(more.extract())
    writer = _Writer(result, image_of or (lambda _: None), allowed, headings_in_text=headings_in_text)
    writer.walk(soup)
    writer.flush()
    close_heading_gaps(result.blocks)
    return result


def close_heading_gaps(blocks: list[tuple[str, Any]]) -> None:
    """Raise headings that skip a level under the title of the page, or under the heading to which they belong."""
    open_levels: list[int] = []
    for name, value in blocks:
        if name == "heading":
            level = int(value["level"])
            open_levels = [*(one for one in open_levels if one < level), level]
            value["level"] = str(1 + len(open_levels))


class _Writer:
    def __init__(
        self,
        result: Converted,
        image_of: Callable[[str], Any],
        allowed: Callable[[str], str] | None,
        *,
        headings_in_text: bool,
    ) -> None:
        self.result = result
        self.image_of = image_of
        self.allowed = allowed
        self.headings_in_text = headings_in_text
        self.pending: list[str] = []

    def flush(self) -> None:
        html = _rich("".join(self.pending), RICH_TAGS | TEXT_HEADINGS if self.headings_in_text else RICH_TAGS)
        self.pending = []
        if BeautifulSoup(html, "html.parser").get_text(strip=True):
            self.result.blocks.append(("text", html))

    def add(self, name: str, value: Any) -> None:
        self.flush()
        self.result.blocks.append((name, value))

    def walk(self, parent: Tag) -> None:
        loose: list[str] = []

        def end_paragraph() -> None:
            text = "".join(loose).strip()
            loose.clear()
            if BeautifulSoup(text, "html.parser").get_text(strip=True):
                self.pending.append(f"<p>{text}</p>")

        for node in parent.children:
            if isinstance(node, NavigableString):
                loose.append(str(node.output_ready(formatter="html")))
            elif not isinstance(node, Tag):
                continue
            elif node.name in {*WRAPPERS, *HEADINGS, *BLOCKS, *DROPPED}:
                end_paragraph()
                self.take(node)
            elif node.find([*BLOCKS, *HEADINGS]):
                # Inline elements around blocks, such as a link around an image and a paragraph.
                end_paragraph()
                self.walk(node)
            else:
                found = self.taken_out(node)
                loose.append(str(node))
                if found:
                    end_paragraph()
                    self.put_back(found)
        end_paragraph()

    def take(self, node: Tag) -> None:
        by_name = {
            "img": self.take_image,
            "pre": self.take_code,
            "blockquote": self.take_quote,
            "table": self.take_table,
            "dl": self.take_definitions,
            "p": self.take_paragraph,
            "ul": self.take_list,
            "ol": self.take_list,
            "hr": self.take_list,
            **dict.fromkeys(HEADINGS, self.take_heading),
            **dict.fromkeys(DROPPED, self.take_rest),
        }
        by_name.get(node.name, self.walk)(node)

    def taken_out(self, node: Tag) -> list[Tag]:
        """Remove images and other elements that rich text cannot contain, and return them."""
        return [tag.extract() for tag in node.find_all(["img", *DROPPED]) if not tag.find_parent(DROPPED)]

    def put_back(self, tags: list[Tag]) -> None:
        for tag in tags:
            self.take(tag)

    def take_image(self, node: Tag) -> None:
        source = str(node.get("src") or "")
        image = self.image_of(source)
        if image is None:
            self.take_rest(node)
            return
        image.contextual_alt_text = str(node.get("alt") or "")
        image.decorative = not image.contextual_alt_text
        self.add("image", {"image": image, "caption": ""})

    def take_rest(self, node: Tag) -> None:
        """Return the HTML of an element that no block represents."""
        html = self.allowed(str(node)).strip() if self.allowed else ""
        if html:
            self.add("html", html)
        elif node.name not in {"style", "script"}:
            self.result.lost.append(f"image {node.get('src', '')}" if node.name == "img" else f"<{node.name}>")

    def take_heading(self, node: Tag) -> None:
        found = self.taken_out(node)
        if self.headings_in_text:
            self.pending.append(str(node))
            self.put_back(found)
            return
        text, link = plain_text(node), node.find("a", href=lambda href: href and not href.startswith("#"))
        if text:
            self.add("heading", {"text": text[:200], "level": HEADINGS[node.name], "anchor": _anchor(node)})
        if link and not self.is_linked_again(link):
            self.pending.append(f'<p><a href="{link["href"]}">{link.get_text(" ", strip=True)}</a></p>')
        self.put_back(found)

    def is_linked_again(self, link: Tag) -> bool:
        """Return whether the text under a heading links to the same URL."""
        heading = link.find_parent(list(HEADINGS))
        return bool(heading and heading.find_next("a", href=link["href"], class_="readmore"))

    def take_code(self, node: Tag) -> None:
        inner = node.find("code", class_=re.compile(r"^language-"))
        language = str((inner.get("class") or [""])[0]).removeprefix("language-") if inner else ""
        known = language if language in dict(CodeBlock.LANGUAGES) else "text"
        self.add("code", {"code": node.get_text().strip("\n"), "language": known, "caption": ""})

    def take_quote(self, node: Tag) -> None:
        author = node.find(["footer", "cite"])
        by = plain_text(author.extract()) if author else ""
        self.add("quote", {"text": plain_text(node), "by": by[:120], "source": ""})

    def take_definitions(self, node: Tag) -> None:
        found = self.taken_out(node)
        for part in node.find_all(["dt", "dd"]):
            inner = part.decode_contents()
            self.pending.append(f"<p><b>{inner}</b></p>" if part.name == "dt" else f"<p>{inner}</p>")
        self.put_back(found)

    def take_list(self, node: Tag) -> None:
        if node.find(["pre", "table", "blockquote", *HEADINGS]) and self.allowed:
            self.take_rest(node)
            return
        found = self.taken_out(node)
        self.pending.append(str(node))
        self.put_back(found)

    def take_paragraph(self, node: Tag) -> None:
        buttons = [link for link in node.find_all("a", href=True) if "button" in (link.get("class") or [])]
        found = self.taken_out(node)
        rest = copy.copy(node)
        for link in rest.find_all("a", class_="button"):
            link.decompose()
        if rest.get_text(strip=True):
            self.pending.append(str(rest))
        for link in buttons:
            text = " ".join(link.get_text(" ", strip=True).split())
            if text:
                self.add(
                    "button", {"text": text[:80], "page": None, "url": normalize_url(str(link["href"])), "style": "secondary"}
                )
        self.put_back(found)

    def take_table(self, node: Tag) -> None:
        if self.allowed and (node.find(["table", "pre", "ul", "ol"]) or node.select_one("[rowspan], [colspan]")):
            # The block supports neither spanning cells nor anything except text in a cell.
            self.take_rest(node)
            return
        found = self.taken_out(node)
        rows = [[cell.decode_contents() for cell in row.find_all(["th", "td"])] for row in node.find_all("tr")]
        width = max((len(row) for row in rows), default=0)
        if not width:
            return
        first = node.find("tr")
        headed = bool(first and first.find("th"))
        head = [plain_text(BeautifulSoup(cell, "html.parser")) for cell in rows.pop(0)] if headed else []
        caption = node.find("caption")
        self.add(
            "table",
            {
                "columns": [{"type": "text", "heading": name} for name in _padded(head, width)],
                "rows": [{"values": [_rich(cell) for cell in _padded(row, width)]} for row in rows],
                "caption": plain_text(caption) if caption else "",
            },
        )
        self.put_back(found)


def _padded(cells: list[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def plain_text(node: Tag) -> str:
    text = " ".join(node.get_text(" ", strip=True).split())
    return re.sub(r" ([,;.:!?)])", r"\1", text)


def normalize_url(href: str) -> str:
    """Return the URL on this site for a URL of the old site."""
    for host in ("https://www.python.org", "http://www.python.org", "https://python.org", "http://python.org"):
        if href == host or href.startswith(f"{host}/"):
            return href[len(host) :] or "/"
    return href


def _anchor(node: Tag) -> str:
    """Return the ID of a heading, or that of its section, as written by docutils."""
    section = node.parent if node.parent and "section" in (node.parent.get("class") or []) else None
    wanted = str(node.get("id") or (section and section.get("id")) or "")
    return wanted if wanted[:1].isalpha() and all(letter.isalnum() or letter in "._-" for letter in wanted) else ""


def _rich(html: str, tags: set[str] = RICH_TAGS) -> str:
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(True):
        if tag.name in SAME_AS:
            name = SAME_AS[tag.name]
            if name:
                tag.name = name
            else:
                tag.unwrap()
        elif tag.name == "a" and tag.get("href"):
            tag["href"] = normalize_url(str(tag["href"]))
    cleaned = nh3.clean(str(soup), tags=tags, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel=None)
    return " ".join(cleaned.split())
