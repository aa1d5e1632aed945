"""The documents of agreements: DOCX by docxtpl into a letterhead, PDF by weasyprint from the same paragraphs."""

import io
from contextlib import suppress

from django.utils import timezone
from docx import Document
from docx.enum.text import WD_BREAK
from docx.shared import Cm
from docxtpl import DocxTemplate

from .emails import fee_in_figures, words_of_day
from .merging import EXAMPLE, Block, in_words, parse, to_html
from .models import Agreement, Deal, SponsorshipSettings

MARK = "\u2063body\u2063"
STYLES = {"h1": "Title", "h2": "Heading 1", "h3": "Heading 2"}
CSS = """
@page { size: Letter; margin: 2.5cm; @bottom-center { content: counter(page) " / " counter(pages); font-size: 9pt; } }
body { font-family: "Noto Serif", "DejaVu Serif", "Noto Sans CJK JP", serif; font-size: 11pt; line-height: 1.45; }
h1 { font-size: 18pt; text-align: center; } h2 { font-size: 13pt; } h3 { font-size: 11pt; }
.item { padding-left: 2em; text-indent: -2em; } .mark { display: inline-block; width: 2em; text-indent: 0; }
.more { padding-left: 2em; } .page-break { break-after: page; }
"""


class MissingPDFLibraryError(Exception):
    """This machine has no library that sets a PDF."""


def values_of(deal: Deal) -> dict:
    """All merge fields of a deal, as the documents will hold them."""
    texts = SponsorshipSettings.load()
    sponsor, contact = deal.sponsor, deal.sponsor.primary_contact
    previous = deal.renewal_of if deal.renewal_of and deal.renewal_of.signed_on else deal.previous_signed()
    lines = list(deal.kept_lines())
    clauses = unique_clauses(lines)
    numbers = {text: number for number, text in enumerate(clauses, 1)}
    return {
        "sponsor_name": sponsor.name,
        "sponsor_address": ", ".join(sponsor.address_lines),
        "sponsor_incorporation": sponsor.incorporation_location,
        "contact_name": contact.name if contact else "",
        "contact_email": contact.email if contact else "",
        "contact_phone": (contact.phone if contact else "") or sponsor.primary_phone,
        "season": str(deal.season),
        "level": deal.level,
        "fee": "" if deal.fee is None else fee_in_figures(deal),
        "fee_in_words": "" if deal.fee is None else in_words(deal.fee),
        "starts_on": words_of_day(deal.starts_on),
        "ends_on": words_of_day(deal.ends_on),
        "previous_starts_on": words_of_day(previous.starts_on) if previous else "",
        "foundation_name": texts.foundation_name,
        "foundation_address": texts.foundation_address,
        "signatory_name": texts.signatory_name,
        "signatory_title": texts.signatory_title,
        "today": words_of_day(timezone.localdate()),
        "benefits": [bullet(line, numbers) for line in lines],
        "clauses": clauses,
    }


def unique_clauses(lines) -> list[str]:
    """The clauses of all lines, each once, in the order that staff gave them: it decides their numbers."""
    found = {clause["text"]: (clause["order"], clause["name"]) for line in lines for clause in line.clauses}
    return sorted(found, key=lambda text: found[text])


def bullet(line, numbers: dict[str, int]) -> str:
    marks = "".join(f" [{number}]" for number in sorted(numbers[clause["text"]] for clause in line.clauses))
    program = f"{line.program_name}: " if line.program_name else ""
    return f"{program}{line.display_name}{marks}"


def docx_of(agreement: Agreement) -> bytes:
    """The text as paragraphs inside the letterhead of the template, or inside a plain one."""
    letterhead = agreement.template.letterhead if agreement.template else None
    if letterhead:
        with letterhead.open("rb") as file:
            template = DocxTemplate(io.BytesIO(file.read()))
    else:
        template = DocxTemplate(plain_letterhead())
    values = {name: value for name, value in agreement.values.items() if name in EXAMPLE}
    template.render(values | {"body": MARK}, autoescape=True)
    place = next((paragraph for paragraph in template.docx.paragraphs if MARK in paragraph.text), None)
    if place is None:
        raise ValueError("the letterhead has no paragraph {{ body }}.")
    for block in parse(agreement.body, agreement.values):
        add_paragraph(place.insert_paragraph_before(), block)
    place._element.getparent().remove(place._element)
    buffer = io.BytesIO()
    template.save(buffer)
    return buffer.getvalue()


def plain_letterhead() -> io.BytesIO:
    document = Document()
    for section in document.sections:
        section.left_margin = section.right_margin = Cm(2.5)
    document.add_paragraph("{{ body }}")
    buffer = io.BytesIO()
    document.save(buffer)
    buffer.seek(0)
    return buffer


def add_paragraph(paragraph, block: Block) -> None:
    if block.kind == "page":
        paragraph.add_run().add_break(WD_BREAK.PAGE)
        return
    if block.kind in STYLES:
        with suppress(KeyError):  # A letterhead need not have the styles of ours.
            paragraph.style = STYLES[block.kind]
    if block.kind in {"bullet", "number"}:
        # Numbers are text: they are the ones that benefits refer to.
        paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Cm(1), Cm(-0.8)
        paragraph.add_run(f"{block.number}.\t" if block.kind == "number" else "•\t")
    elif block.kind == "more":
        paragraph.paragraph_format.left_indent = Cm(1)
    for run in block.runs:
        added = paragraph.add_run(run.text)
        added.bold, added.italic = run.bold or None, run.italic or None


def pdf_of(agreement: Agreement) -> bytes:
    """Raises MissingPDFLibraryError on a machine without the libraries that weasyprint loads."""
    try:
        from weasyprint import HTML  # noqa: PLC0415 -- the site runs on machines where this cannot be imported.
    except (ImportError, OSError) as error:
        raise MissingPDFLibraryError(
            "This machine cannot make PDF files: the library Pango is missing. "
            "The DOCX is complete, and can be printed from there."
        ) from error
    html = to_html(parse(agreement.body, agreement.values))
    page = f'<html lang="en"><head><title>Agreement</title><style>{CSS}</style></head><body>{html}</body></html>'
    # A document never fetches anything.
    return HTML(string=page, url_fetcher=refuse).write_pdf()


def refuse(url: str):
    raise ValueError(f"Agreements fetch nothing: {url}.")
