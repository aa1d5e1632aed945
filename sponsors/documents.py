"""Documents of contracts: DOCX by docxtpl with a letterhead, PDF by WeasyPrint, both from the same paragraphs."""

import io
from contextlib import suppress
from typing import Any, NoReturn

from django.utils import timezone
from docx import Document
from docx.enum.text import WD_BREAK
from docx.shared import Cm
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate

from .contract_template import EXAMPLE, Block, parse, spell_number, to_html
from .emails import format_day, format_fee
from .models import Contract, Sponsorship, SponsorshipBenefit, SponsorshipSettings
from .models.amendments import describe_changes

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
    """Raised if the libraries for PDF files are not installed."""


def get_merge_values(sponsorship: Sponsorship) -> dict[str, Any]:
    """Return the values of all merge fields."""
    texts = SponsorshipSettings.load()
    sponsor, contact = sponsorship.sponsor, sponsorship.sponsor.primary_contact
    previous = (
        sponsorship.renewal_of if sponsorship.renewal_of and sponsorship.renewal_of.signed_on else sponsorship.previous_signed()
    )
    benefits = list(sponsorship.active_benefits())
    clauses = unique_clauses(benefits)
    numbers = {text: number for number, text in enumerate(clauses, 1)}
    return {
        "sponsor_name": sponsor.name,
        "sponsor_address": ", ".join(sponsor.address_lines),
        "sponsor_incorporation": sponsor.incorporation_location,
        "contact_name": contact.name if contact else "",
        "contact_email": contact.email if contact else "",
        "contact_phone": (contact.phone if contact else "") or sponsor.primary_phone,
        "sponsorship_year": str(sponsorship.sponsorship_year),
        "package": sponsorship.level,
        "level": sponsorship.level,
        "fee": "" if sponsorship.fee is None else format_fee(sponsorship),
        "fee_in_words": "" if sponsorship.fee is None else spell_number(sponsorship.fee),
        "starts_on": format_day(sponsorship.starts_on),
        "ends_on": format_day(sponsorship.ends_on),
        "previous_starts_on": format_day(previous.starts_on) if previous else "",
        "foundation_name": texts.foundation_name,
        "foundation_address": texts.foundation_address,
        "signatory_name": texts.signatory_name,
        "signatory_title": texts.signatory_title,
        "today": format_day(timezone.localdate()),
        "changes": describe_changes(sponsorship),
        "signed_on": format_day(sponsorship.signed_on),
        "benefits": [bullet(benefit, numbers) for benefit in benefits],
        "clauses": clauses,
    }


def unique_clauses(benefits: list[SponsorshipBenefit]) -> list[str]:
    """Return the distinct clauses of all benefits in the order set by staff, which determines their numbers."""
    found = {clause["text"]: (clause["order"], clause["name"]) for benefit in benefits for clause in benefit.clauses}
    return sorted(found, key=lambda text: found[text])


def bullet(benefit: SponsorshipBenefit, numbers: dict[str, int]) -> str:
    marks = "".join(f" [{number}]" for number in sorted(numbers[clause["text"]] for clause in benefit.clauses))
    program = f"{benefit.program_name}: " if benefit.program_name else ""
    return f"{program}{benefit.display_name}{marks}"


def render_docx(contract: Contract) -> bytes:
    """Return a DOCX with the letterhead of the template, or with a plain one."""
    letterhead = contract.template.letterhead if contract.template else None
    if letterhead:
        with letterhead.open("rb") as file:
            template = DocxTemplate(io.BytesIO(file.read()))
    else:
        template = DocxTemplate(plain_letterhead())
    values = {name: value for name, value in contract.values.items() if name in EXAMPLE}
    template.render(values | {"body": MARK}, autoescape=True)
    place = next((paragraph for paragraph in template.docx.paragraphs if MARK in paragraph.text), None)
    if place is None:
        raise ValueError("The letterhead has no paragraph with {{ body }}. Add one where the text of the contract goes.")
    for block in parse(contract.body, contract.values):
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


def add_paragraph(paragraph: Paragraph, block: Block) -> None:
    if block.kind == "page":
        paragraph.add_run().add_break(WD_BREAK.PAGE)
        return
    if block.kind in STYLES:
        with suppress(KeyError):  # A letterhead may not have these styles.
            paragraph.style = STYLES[block.kind]
    if block.kind in {"bullet", "number"}:
        # Numbers are plain text, because benefits refer to them.
        paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Cm(1), Cm(-0.8)
        paragraph.add_run(f"{block.number}.\t" if block.kind == "number" else "•\t")
    elif block.kind == "more":
        paragraph.paragraph_format.left_indent = Cm(1)
    for run in block.runs:
        added = paragraph.add_run(run.text)
        added.bold, added.italic = run.bold or None, run.italic or None


def render_pdf(contract: Contract) -> bytes:
    """Return a PDF. Raises MissingPDFLibraryError without the libraries that WeasyPrint loads."""
    try:
        from weasyprint import HTML  # noqa: PLC0415 -- a heavy library that needs Pango.
    except (ImportError, OSError) as error:
        raise MissingPDFLibraryError(
            "PDF files cannot be created because the library Pango is not installed on the server. "
            "Use the DOCX file, or ask an administrator to install Pango."
        ) from error
    html = to_html(parse(contract.body, contract.values))
    page = f'<html lang="en"><head><title>Contract</title><style>{CSS}</style></head><body>{html}</body></html>'
    # Contracts must not load external resources.
    return HTML(string=page, url_fetcher=refuse).write_pdf()


def refuse(url: str) -> NoReturn:
    raise ValueError(f"Contracts must not load external files: {url}.")
