"""Pages as Markdown, for programs and people who prefer plain text: the main content without the page frame."""

import re
from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag

LEFT_OUT = {"script", "style", "svg", "form", "button", "dialog", "nav", "template", "iframe", "source"}
BLOCKS = {
    "p",
    "ul",
    "ol",
    "pre",
    "table",
    "blockquote",
    "figure",
    "section",
    "article",
    "div",
    "aside",
    "header",
    "details",
    "dl",
}


def twin(html: str) -> str:
    """Return the main part of a page as Markdown."""
    main = BeautifulSoup(html, "lxml").find("main")
    return (_joined(main) if isinstance(main, Tag) else "") + "\n"


def markdown_of(html: str) -> str:
    """Convert an HTML fragment to Markdown."""
    return _joined(BeautifulSoup(html, "html.parser"))


def _joined(parent: Tag) -> str:
    return "\n\n".join(part for part in _blocks(parent) if part.strip())


def _hidden(tag: Tag) -> bool:
    return tag.name in LEFT_OUT or "visually-hidden" in (tag.get("class") or []) or tag.get("aria-hidden") == "true"


def _blocks(parent: Tag) -> Iterator[str]:
    """Return the blocks of an element as Markdown; text between blocks becomes paragraphs."""
    loose: list[str] = []
    for child in parent.children:
        if isinstance(child, Tag) and _hidden(child):
            continue
        if isinstance(child, Tag) and (child.name in BLOCKS or re.fullmatch(r"h[1-6]", child.name)):
            yield _words(loose)
            loose = []
            yield from _block(child)
        elif isinstance(child, Tag) and child.find(list(BLOCKS)):
            yield _words(loose)
            loose = []
            yield from _blocks(child)
        else:
            loose.append(_inline(child))
    yield _words(loose)


def _block(tag: Tag) -> Iterator[str]:
    if re.fullmatch(r"h[1-6]", tag.name):
        yield f"{'#' * int(tag.name[1])} {_words([_inline(child) for child in tag.children])}"
    elif tag.name == "p":
        yield _words([_inline(child) for child in tag.children])
    elif tag.name == "pre":
        yield f"```\n{tag.get_text().rstrip()}\n```"
    elif tag.name in {"ul", "ol"}:
        yield _list(tag)
    elif tag.name == "table":
        yield _table(tag)
    elif tag.name == "blockquote":
        yield "\n".join(f"> {line}".rstrip() for line in "\n\n".join(filter(None, _blocks(tag))).splitlines())
    else:
        yield from _blocks(tag)


def _list(tag: Tag) -> str:
    lines = []
    for number, item in enumerate(tag.find_all("li", recursive=False), 1):
        mark = f"{number}. " if tag.name == "ol" else "- "
        text = "\n".join(part for part in _blocks(item) if part.strip())
        lines.append(mark + text.replace("\n", "\n" + " " * len(mark)))
    return "\n".join(lines)


def _table(tag: Tag) -> str:
    rows = [[_words([_inline(cell)]).replace("|", r"\|") for cell in row.find_all(["th", "td"])] for row in tag.find_all("tr")]
    rows = [row for row in rows if row]
    if not rows:
        return ""
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    caption = tag.find("caption")
    return "\n".join(
        [*([f"{caption.get_text(strip=True)}\n"] if caption else []), *[f"| {' | '.join(line)} |" for line in lines]]
    )


def _inline(node: Any) -> str:  # noqa: PLR0911 -- one answer for each kind of element.
    if isinstance(node, NavigableString):
        return "" if type(node) is not NavigableString else str(node)
    if not isinstance(node, Tag) or _hidden(node):
        return ""
    inner = "".join(_inline(child) for child in node.children)
    if node.name == "a" and node.get("href") and inner.strip():
        return f"[{' '.join(inner.split())}]({node['href']})"
    if node.name in {"strong", "b"} and inner.strip():
        return f"**{inner.strip()}**"
    if node.name in {"em", "i"} and inner.strip():
        return f"*{inner.strip()}*"
    if node.name == "code" and inner.strip():
        return f"`{inner.strip()}`"
    if node.name == "img":
        return f"![{node['alt']}]({node.get('src', '')})" if node.get("alt") else ""
    return "\n" if node.name == "br" else f"{inner} " if node.name in {"span", "time", "li", "dt", "dd"} else inner


def _words(parts: list[str]) -> str:
    return " ".join("".join(parts).split())
