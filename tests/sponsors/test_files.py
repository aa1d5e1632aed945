"""Validation of uploaded files: accepted types, and the error message for each rejected one."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.forms import FileField

from sponsors import files
from sponsors.dashboard_forms import TransitionForm
from sponsors.forms import OrganizationFields, SignedCopyForm, SubmitForm
from sponsors.models import Kind, SponsorAsset, Sponsorship, SponsorshipDeliverable
from tests.sponsors.conftest import pdf, png

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


def svg(inner):
    return ContentFile(SVG.format(inner).encode(), name="logo.svg")


def test_a_plain_drawing_and_an_image_are_taken():
    files.check_logo(svg('<defs><g id="a"/></defs><use xlink:href="#a"/><style>.a { fill: url(#b) }</style>'))
    files.check_logo(png())
    files.check_print_logo(svg(""))
    files.check_print_logo(ContentFile(b"%!PS", name="logo.EPS"))
    files.check_print_logo(png())
    files.check_document(pdf("a.pdf"))
    files.check_contract(pdf("a.pdf"))
    files.check_document(svg(""))


@pytest.mark.parametrize(
    "inner",
    [
        "<script>alert(1)</script>",
        "<foreignObject/>",
        '<rect onload="alert(1)"/>',
        '<image xlink:href="https://example.org/a.png"/>',
        '<a href="javascript:alert(1)"/>',
        '<rect style="fill: url(https://example.org)"/>',
        "<style>@import 'https://example.org';</style>",
    ],
)
@pytest.mark.proves("S2-48d")
def test_a_drawing_that_does_more_than_draw_is_cleaned(inner):
    file = svg(f"<circle/>{inner}")
    files.check_logo(file)
    text = file.read().decode()
    assert "<circle" in text
    assert not [part for part in ("alert", "foreignObject", "example.org", "script") if part in text]
    assert file.size == len(text)


@pytest.mark.parametrize(
    ("check", "file", "words"),
    [
        (files.check_logo, ContentFile(b"<html/>", name="a.svg"), "not an SVG drawing"),
        (files.check_logo, ContentFile(b'<!DOCTYPE x [<!ENTITY a "b">]><svg>&a;</svg>', name="a.svg"), "declares entities"),
        (files.check_logo, ContentFile(b"x" * 3_000_000, name="a.png"), "The limit is 2 MB"),
        (files.check_logo, png(20, 300), "too small"),
        (files.check_logo, ContentFile(b"PNG?", name="a.png"), "not an image"),
        (files.check_logo, ContentFile(b"GIF89a", name="a.gif"), "“gif” are not allowed.*JPEG, JPG, PNG, SVG, WEBP"),
        (files.check_print_logo, ContentFile(b"x", name="a.exe"), "AI, EPS, PDF"),
        (files.check_contract, svg(""), "Upload one of these types: PDF"),
        (files.check_contract, ContentFile(SVG.encode(), name="signed.pdf"), "not a PDF, although its name says so"),
        (files.check_contract, ContentFile(b"x", name="signed.mp4"), "“mp4” are not allowed"),
        (files.check_contract, ContentFile(b"PK", name="signed.zip"), "“zip” are not allowed"),
        (files.check_letterhead, pdf("letterhead.pdf"), "“pdf” are not allowed"),
        (files.check_document, ContentFile(b"x", name="a.exe"), "“exe” are not allowed"),
    ],
)
def test_a_wrong_file_is_refused(check, file, words):
    with pytest.raises(ValidationError, match=words):
        check(file)


def test_stored_names_are_not_guessed_and_keep_their_ending():
    first, second = files.logo_path(None, "My Logo.SVG"), files.logo_path(None, "My Logo.SVG")
    assert first != second
    assert first.endswith(".svg")
    assert files.contract_path(None, "a.pdf").startswith("sponsors/contracts/")
    assert files.shared_path(None, "x").startswith("sponsors/shared/")


def forms_with_files():
    """Return the forms of sponsors and of their staff that have file fields."""
    made = {
        "organization": OrganizationFields(),
        "signed copy": SignedCopyForm(),
        "signature": TransitionForm(sponsorship=Sponsorship(), name="sign"),
    }
    for kind in (Kind.FILE, Kind.IMAGE):
        item = SponsorshipDeliverable(kind=kind, label="Your file", asset=SponsorAsset(key="a"))
        made[f"asset: {kind}"] = SubmitForm(item=item)
    return made


def test_each_file_field_names_its_types_and_offers_only_them():
    fields = {
        f"{form}, {name}": field
        for form, built in forms_with_files().items()
        for name, field in built.fields.items()
        if isinstance(field, FileField)
    }
    assert len(fields) == 7
    for name, field in fields.items():
        offered = {kind.lstrip(".").upper() for kind in field.widget.attrs["accept"].split(",")}
        named = set(re.findall(r"[A-Z][A-Za-z0-9]+", str(field.help_text).replace("WebP", "WEBP")))
        # Two names of types that are named already.
        assert offered - named <= {"JPG", "SVGZ"}, name
