"""Conversion of pasted Word, Google Docs, web and Markdown content to rich text and blocks.

The browser sends the pasted content (`static/js/paste.js`) and inserts the response instead. Headings, lists, tables, links,
code, bold and italic text are kept; other elements are reduced to their text or removed.
"""

import re
from typing import Any

from bs4 import BeautifulSoup, Declaration, Doctype, ProcessingInstruction, Tag
from bs4.element import CData
from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from markdown_it import MarkdownIt

from cms.platform.text import parse_int

from .blocks import BodyBlock
from .conversion import Converted, convert

LONGEST = 2_000_000
MAX_CELLS = 3000
BOLD = re.compile(r"(?<![\w-])font-weight:\s*(bold|[6-9]00)", re.IGNORECASE)
# Word also writes a property `mso-bidi-font-weight`.
NOT_BOLD = re.compile(r"(?<![\w-])font-weight:\s*(normal|[1-4]00)", re.IGNORECASE)
ITALIC = re.compile(r"font-style:\s*italic", re.IGNORECASE)
# Word's mark for a paragraph that is a list item.
WORD_ITEM = re.compile(r"mso-list:\s*\S+\s+level(\d)", re.IGNORECASE)
NUMBER = re.compile(r"^\(?(\d+|[a-z]{1,4})[.)]", re.IGNORECASE)
HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
APART = {"table", "code", "quote"}

_markdown = MarkdownIt("commonmark").enable("table")
# An unsafe link becomes an empty one, so that the conversion keeps its text and drops its URL.
_markdown.validateLink = lambda _: True  # type: ignore[assignment]  # mypy takes it for a method.
_body = BodyBlock()


class PasteForm(forms.Form):
    html = forms.CharField(required=False, max_length=LONGEST, strip=False)
    markdown = forms.CharField(required=False, max_length=LONGEST, strip=False)
    # Blocks that may appear next to the text. None for a text field within a block.
    blocks = forms.MultipleChoiceField(choices=[(name, name) for name in sorted(APART)], required=False)

    def clean(self) -> Any:
        data = super().clean() or {}
        if bool(data.get("html")) == bool(data.get("markdown")):
            raise forms.ValidationError(_("Nothing was pasted."))
        return data


@require_POST
def paste(request: HttpRequest) -> HttpResponse:
    """Convert pasted content to `blocks`, or to `text` if no block is needed. `lost` lists the elements that were removed."""
    form = PasteForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": next(iter(form.errors.values()))[0]}, status=400)
    data = form.cleaned_data
    html = data["html"] or _markdown.render(data["markdown"])
    try:
        pasted = read(html, apart=set(data["blocks"]))
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
    value = _body.to_python([{"type": name, "value": value} for name, value in pasted.blocks])
    blocks = [{"type": each["type"], "value": each["value"]} for each in _body.get_form_state(value)]
    lost = sorted(set(pasted.lost))
    if all(block["type"] == "text" for block in blocks):
        return JsonResponse({"text": blocks[0]["value"] if blocks else None, "lost": lost})
    return JsonResponse({"blocks": blocks, "lost": lost})


def read(html: str, *, apart: set[str]) -> Converted:
    """Return pasted HTML as `text` blocks and those named in `apart`. Raises ValueError for too much content."""
    soup = BeautifulSoup(html, "html.parser")
    _take_items_of_word_together(soup)
    for note in soup.find_all(string=lambda text: isinstance(text, CData | Declaration | Doctype | ProcessingInstruction)):
        note.extract()
    for hidden in soup.find_all(["head", "title", "meta", "link", "xml"]):
        hidden.decompose()
    _name_styles(soup)
    _order_headings(soup)
    _straighten_lists(soup)
    _straighten_tables(soup, apart)
    _straighten_quotes(soup, apart)
    if "code" not in apart:
        for pre in soup.find_all("pre"):
            _lines_as_paragraphs(soup, pre)
    result = convert(str(soup), headings_in_text=True)
    result.lost = ["images" if what.startswith("image") else what.strip("<>") for what in result.lost]
    return result


def _take_items_of_word_together(soup: BeautifulSoup) -> None:
    """Join Word's list paragraphs, which contain their bullets, into lists."""
    lists: list[Tag] = []
    last = None
    for paragraph in soup.find_all(["p", "h1", "h2", "h3", "h4", "h5", "h6"], style=WORD_ITEM):
        if paragraph.name != "p":
            # A numbered heading is not a list item.
            _take_bullet(paragraph)
            continue
        depth = int(WORD_ITEM.search(str(paragraph["style"]))[1])  # type: ignore[index]  # it was found by it.
        name = "ol" if NUMBER.match(_take_bullet(paragraph)) else "ul"
        if last is None or _next_tag(last) is not paragraph:
            lists = []
        del lists[depth:]
        while len(lists) < depth:
            new = soup.new_tag(name)
            if not lists:
                paragraph.insert_before(new)
            else:
                items = lists[-1].find_all("li", recursive=False)
                (items[-1] if items else lists[-1]).append(new)
            lists.append(new)
        last = lists[0]
        item = soup.new_tag("li")
        item.extend(list(paragraph.contents))
        paragraph.decompose()
        lists[-1].append(item)


def _take_bullet(paragraph: Tag) -> str:
    """Remove the bullet from an item, and return it."""
    bullet = paragraph.find(style=re.compile(r"mso-list:\s*Ignore", re.IGNORECASE))
    text = bullet.get_text(strip=True) if bullet else ""
    if bullet:
        bullet.decompose()
    return text


def _next_tag(tag: Tag) -> Tag | None:
    """Return the sibling of a tag if there is no text between them."""
    for sibling in tag.next_siblings:
        if isinstance(sibling, Tag):
            return sibling
        if str(sibling).strip() and type(sibling).__name__ == "NavigableString":
            return None
    return None


def _name_styles(soup: BeautifulSoup) -> None:
    """Convert bold and italic styles of Google Docs, and unwrap the outer <b>, which is not bold."""
    for bold in soup.find_all(["b", "strong"], style=NOT_BOLD):
        bold.unwrap()
    for span in soup.find_all("span", style=True):
        style = str(span["style"])
        names = [name for name, pattern in (("b", BOLD), ("i", ITALIC)) if pattern.search(style)]
        if span.find_parent(HEADINGS) or not span.get_text(strip=True):
            continue
        for name in names:
            span.wrap(soup.new_tag(name))


def _order_headings(soup: BeautifulSoup) -> None:
    """Shift headings to start at level 2, because the title of the page is level 1."""
    for title in soup.find_all("p", class_=re.compile(r"^MsoTitle")):
        title.name = "h1"
    deeper = 1 if soup.find("h1") else 0
    for heading in soup.find_all(HEADINGS):
        heading.name = f"h{min(4, max(2, int(heading.name[1]) + deeper))}"
        for inner in heading.find_all(["b", "strong"]):
            inner.unwrap()
        if not heading.get_text(strip=True) and not heading.find("img"):
            heading.decompose()


def _straighten_lists(soup: BeautifulSoup) -> None:
    for paragraph in soup.select("li p, li div"):
        if paragraph.find_next_sibling(["p", "div"]):
            paragraph.insert_after(soup.new_tag("br"))
        paragraph.unwrap()
    # Google Docs writes a nested list after its item instead of inside it.
    for inner in soup.select("ul > ul, ul > ol, ol > ul, ol > ol"):
        item = inner.find_previous_sibling("li")
        if item:
            item.append(inner.extract())
    for thing in soup.select("li table, li pre, li blockquote"):
        outermost = thing.find_parents(["ul", "ol"])[-1]
        outermost.insert_after(thing.extract())


def _straighten_tables(soup: BeautifulSoup, apart: set[str]) -> None:
    for inner in soup.select("table table"):
        for cell in inner.find_all(["td", "th"]):
            cell.append(" ")
        for tag in [*inner.find_all(["td", "th", "tr", "tbody", "thead", "tfoot"]), inner]:
            tag.unwrap()
    for table in soup.find_all("table"):
        if len(table.find_all(["td", "th"])) > MAX_CELLS:
            raise ValueError(f"Tables with more than {MAX_CELLS} cells cannot be pasted. Upload the file as a document instead.")
        if "table" in apart:
            _fill_spans(soup, table)
            _name_columns(table)
        else:
            _rows_as_paragraphs(soup, table)


def _fill_spans(soup: BeautifulSoup, table: Tag) -> None:
    """Add empty cells beside spanning cells, so that each cell stays in its column."""
    below: dict[int, int] = {}
    for row in table.find_all("tr"):
        column = 0
        for cell in row.find_all(["td", "th"]):
            while below.get(column):
                below[column] -= 1
                cell.insert_before(soup.new_tag(cell.name))
                column += 1
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            for more in range(wide):
                if more:
                    cell.insert_after(soup.new_tag(cell.name))
                below[column] = high - 1
                column += 1
        while below.get(column):
            below[column] -= 1
            row.append(soup.new_tag("td"))
            column += 1


def _span(cell: Tag, name: str) -> int:
    return min(parse_int(cell.get(name), 1, minimum=1), 50)


def _name_columns(table: Tag) -> None:
    """Make a first row that is all bold the header. Headers cannot hold links, so a row with links stays a row."""
    first = table.find("tr")
    if not first:
        return
    cells = first.find_all(["td", "th"])
    if first.find("a", href=True):
        named = False
    elif any(cell.name == "th" for cell in cells):
        named = True
    else:
        named = all(_is_bold(cell) for cell in cells)
    for cell in cells:
        cell.name = "th" if named else "td"


def _is_bold(cell: Tag) -> bool:
    bold = "".join(tag.get_text() for tag in cell.find_all(["b", "strong"]) if not tag.find_parent(["b", "strong"]))
    text = cell.get_text().split()
    return bool(text) and bold.split() == text


def _rows_as_paragraphs(soup: BeautifulSoup, table: Tag) -> None:
    for row in table.find_all("tr"):
        line = soup.new_tag("p")
        for cell in row.find_all(["td", "th"]):
            for wrapper in cell.find_all(["p", "div", "ul", "ol", "li", *HEADINGS]):
                wrapper.unwrap()
            if line.contents:
                line.append(" | ")
            line.extend(list(cell.contents))
        table.insert_before(line)
    table.decompose()


def _straighten_quotes(soup: BeautifulSoup, apart: set[str]) -> None:
    """Convert quotations with links or lists to paragraphs, because a quote block holds plain text."""
    for quote in soup.find_all("blockquote"):
        if "quote" not in apart or quote.find(["a", "ul", "ol", "table", "pre", "blockquote", *HEADINGS]):
            quote.unwrap()


def _lines_as_paragraphs(soup: BeautifulSoup, pre: Tag) -> None:
    paragraph = soup.new_tag("p")
    for number, line in enumerate(pre.get_text().strip("\n").split("\n")):
        if number:
            paragraph.append(soup.new_tag("br"))
        code = soup.new_tag("code")
        code.string = line
        paragraph.append(code)
    pre.replace_with(paragraph)
