"""Text of contracts: Markdown with merge fields is parsed into paragraphs, for HTML here and DOCX in `documents`.

Values are inserted after the Markdown is parsed, so that no character in a name is interpreted as markup: hyphens, `_`, `&`,
`%`, `#` and letters of any script are preserved.
"""

import re
from dataclasses import dataclass, field
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

FIELD = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# Merge fields with their descriptions.
FIELDS = {
    "sponsor_name": "Name of the sponsor",
    "sponsor_address": "Postal address of the sponsor, on one line",
    "sponsor_incorporation": "Country of incorporation, or state in the United States",
    "contact_name": "Name of the primary contact",
    "contact_email": "Email address of the primary contact",
    "contact_phone": "Phone number of the primary contact",
    "sponsorship_year": "Sponsorship year",
    "package": "Package",
    "level": "Package, in older templates",
    "fee": "Fee in numbers, with the currency",
    "fee_in_words": "Fee in words",
    "starts_on": "First day",
    "ends_on": "Last day",
    "previous_starts_on": "First day of the previous sponsorship, for renewals",
    "foundation_name": "Name of the Foundation, from the settings",
    "foundation_address": "Postal address of the Foundation, from the settings",
    "signatory_name": "Name of the person who signs for the Foundation, from the settings",
    "signatory_title": "Title of the person who signs, from the settings",
    "today": "Date when the document was created",
    "changes": "List of the changes of an amendment",
    "signed_on": "Date when the contract that an amendment changes was signed",
    "benefits": "List of all benefits with the numbers of their legal clauses",
    "clauses": "All legal clauses, numbered in order",
}
LISTS = {"benefits", "changes", "clauses"}
EXAMPLE: dict = {name: f"[{description}]" for name, description in FIELDS.items()} | {
    "benefits": ["Foundation: Logo on the sponsors page [1]", "PyCon US: Full-page ad (2)"],
    "changes": ["Fee: US$90,000 instead of US$60,000", "Added: Booth in the expo hall"],
    "clauses": ["The first clause.", "The second clause.\n\nIt has two paragraphs."],
}


@dataclass
class Run:
    text: str
    bold: bool = False
    italic: bool = False


@dataclass
class Block:
    """Paragraph. `kind` is p, h1, h2, h3, bullet, number, more (continues the list item above) or page."""

    kind: str
    runs: list[Run] = field(default_factory=list)
    number: int = 0

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


def fields_of(body: str) -> set[str]:
    return set(FIELD.findall(body))


def get_missing_fields(body: str, values: dict[str, Any]) -> list[str]:
    """Return the descriptions of the merge fields that the template uses and that have no value."""
    return [FIELDS[name] for name in FIELDS if name in fields_of(body) and not values.get(name) and name not in LISTS]


def parse(body: str, values: dict[str, Any]) -> list[Block]:  # noqa: C901 -- one case for each type of token.
    """Return the paragraphs of a template with its values. Unknown fields are not changed."""
    blocks: list[Block] = []
    lists: list[list[Any]] = []  # For each open list: its type and the number of the next item.
    kind, fresh_item = "p", False
    for token in MarkdownIt("commonmark", {"html": False}).parse(body):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(["bullet" if token.type == "bullet_list_open" else "number", int(token.attrGet("start") or 1)])
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "list_item_open":
            fresh_item = True
        elif token.type == "hr":
            blocks.append(Block("page"))
        elif token.type == "heading_open":
            kind = f"h{min(int(token.tag[1]), 3)}"
        elif token.type == "heading_close":
            kind = "p"
        elif token.type in {"code_block", "fence"}:
            blocks.append(Block("p", [Run(fill(token.content, values))]))
        elif token.type == "inline":
            name = FIELD.fullmatch(token.content.strip())
            if name and name[1] in LISTS:
                blocks += list_blocks(name[1], values.get(name[1]) or [])
                continue
            number = 0
            block_kind = kind
            if lists:
                block_kind, number = (lists[-1][0], lists[-1][1]) if fresh_item else ("more", 0)
                lists[-1][1] += fresh_item
                fresh_item = False
            blocks.append(Block(block_kind, runs_of(token, values), number))
    return blocks


def list_blocks(name: str, items: list[str]) -> list[Block]:
    blocks = []
    for number, item in enumerate(items, 1):
        first, *more = [part.strip() for part in re.split(r"\n\s*\n", item) if part.strip()] or [""]
        blocks.append(Block("number" if name == "clauses" else "bullet", [Run(" ".join(first.split()))], number))
        blocks += [Block("more", [Run(" ".join(part.split()))]) for part in more]
    return blocks


def runs_of(token: Token, values: dict[str, Any]) -> list[Run]:
    """Return the runs of a paragraph. A merge field must not contain markup."""
    runs: list[Run] = []
    bold = italic = 0
    for child in token.children or []:
        if child.type == "strong_open":
            bold += 1
        elif child.type == "strong_close":
            bold -= 1
        elif child.type == "em_open":
            italic += 1
        elif child.type == "em_close":
            italic -= 1
        elif child.type in {"softbreak", "hardbreak"}:
            runs.append(Run(" " if child.type == "softbreak" else "\n"))
        elif child.content:
            runs.append(Run(fill(child.content, values), bool(bold), bool(italic)))
    return runs


def fill(text: str, values: dict[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        found = values.get(match[1], match[0])
        return ", ".join(found) if isinstance(found, list) else str(found)

    return FIELD.sub(value, text)


def to_html(blocks: list[Block]) -> str:
    parts = []
    for block in blocks:
        inner = "".join(run_html(run) for run in block.runs)
        if block.kind == "page":
            parts.append('<div class="page-break"></div>')
        elif block.kind in {"h1", "h2", "h3"}:
            parts.append(f"<{block.kind}>{inner}</{block.kind}>")
        elif block.kind in {"bullet", "number"}:
            mark = f"{block.number}." if block.kind == "number" else "•"
            parts.append(f'<p class="item"><span class="mark">{mark}</span> {inner}</p>')
        else:
            parts.append(f'<p class="more">{inner}</p>' if block.kind == "more" else f"<p>{inner}</p>")
    return "\n".join(parts)


def run_html(run: Run) -> str:
    text = escape(run.text).replace("\n", "<br>")
    text = f"<em>{text}</em>" if run.italic else text
    return f"<strong>{text}</strong>" if run.bold else text


ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
LARGE = [(1_000_000_000, "billion"), (1_000_000, "million"), (1000, "thousand"), (100, "hundred")]
FIRST_TEN, TEN = 20, 10


def spell_number(number: int) -> str:
    """Return a whole number in English words."""
    if number < FIRST_TEN:
        return ONES[number]
    for size, name in LARGE:
        if number >= size:
            rest = number % size
            return f"{spell_number(number // size)} {name}" + (f" {spell_number(rest)}" if rest else "")
    tens, ones = divmod(number, TEN)
    return TENS[tens - 2] + (f"-{ONES[ones]}" if ones else "")
