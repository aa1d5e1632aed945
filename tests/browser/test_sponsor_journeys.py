"""Sponsor assets, contract amendments and voucher codes, handled by the sponsor, the signer and staff with their emails."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from docx import Document
from PIL import Image
from pypdf import PdfReader

from demo import sponsors
from sponsors.models import Contact, Contract, Selection, Sponsor, Sponsorship, SponsorshipSettings
from sponsors.workflows import create_sponsorship
from tests.browser.people import LINK, make_staff, press, sign_in
from tests.factories.users import UserFactory
from tests.sponsors.conftest import png

# The server runs in another thread, so rows are committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
PDF = {"name": "signed.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 signed"}


def make_account(name):
    user = UserFactory(username=name, email=f"{name}@example.org")
    user.set_password("correct horse battery")
    user.save()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def sponsorship(people):
    """Create a signed sponsorship with a primary contact, an administrative contact and a sponsorship manager."""
    texts = SponsorshipSettings.load()
    texts.foundation_address, texts.signatory_name, texts.signatory_title = "1 Charity Row", "Grace Hall", "Director"
    texts.save()
    year = sponsors.make_sponsorship_year(timezone.localdate().year)
    manager = make_staff("manager", "Sponsorship")
    sponsor = Sponsor.objects.create(
        name="Harbor Analytics",
        mailing_address_line_1="Quay 1",
        city="Ulm",
        postal_code="8",
        country="DE",
        web_logo=png(),
    )
    sponsor.save_revision(clean=False)
    Contact.objects.create(sponsor=sponsor, name="Ada Byron", email="ada@example.org", primary=True, user=make_account("ada"))
    Contact.objects.create(
        sponsor=sponsor, name="Sam Signer", email="signer@example.org", administrative=True, user=make_account("signer")
    )
    package = year.packages.get(name="Maintaining")
    chosen = Selection.of(year, package, [row.benefit for row in package.package_benefits.all()])
    made = create_sponsorship(sponsor, chosen, by=manager)
    sponsors.advance(made, package, "signed", 10, manager)
    made.refresh_from_db()
    people.outbox.clear()
    return made


@pytest.fixture
def staff(people, sponsorship):
    """Return a function that opens a path under the sponsorship, signed in as its manager."""
    page = people.open("manager", f"/admin/sponsors/sponsorships/{sponsorship.pk}/")
    sign_in(page, "manager")

    def open_path(path):
        return people.open("manager", f"/admin/sponsors/sponsorships/{sponsorship.pk}/{path}")

    return open_path


def sign_in_from_email(people, name, subject):
    page = people.open_email(name, subject)
    if "/accounts/login/" in page.url:
        sign_in(page, name)
    return page


def open_portal(people, name, sponsorship):
    page = people.open(name, f"/users/sponsorships/{sponsorship.pk}/")
    if "/accounts/login/" in page.url:
        sign_in(page, name)
    return page


def find_item(page, title):
    return page.locator(".checklist > li", has=page.get_by_role("heading", name=title))


def download(link):
    """Return the file of a link, requested as the person of this browser."""
    return link.page.request.get(link.evaluate("link => link.href")).body()


def select_item(page, title):
    page.get_by_label(f"Select {title}", exact=True).check()


@pytest.mark.parametrize(
    ("title", "first", "second"),
    [
        (
            "Slide for the session breaks",
            {"name": "slide.png", "mimeType": "image/png", "buffer": png(1100, 800).read()},
            {"name": "slide-2.png", "mimeType": "image/png", "buffer": png(1200, 900).read()},
        ),
        ("Company description (two sentences)", "We draw maps.", "We measure. We draw."),
    ],
    ids=["image", "text"],
)
def test_an_asset_from_the_upload_to_its_acceptance(people, sponsorship, staff, title, first, second):
    def submit(value):
        item = find_item(ada, title)
        if isinstance(value, dict):
            item.locator("input[type=file]").set_input_files(value)
        else:
            item.locator("input[type=text], textarea").fill(value)
        with ada.expect_navigation():
            item.get_by_role("button", name="Submit").click()

    ada = open_portal(people, "ada", sponsorship)
    assert "Waiting for you" in find_item(ada, title).inner_text()
    submit(first)
    assert f"We received “{title}”" in ada.inner_text("main")
    assert "In review" in find_item(ada, title).inner_text()

    # The admin home leads staff to it.
    manager = people.open("manager", "/admin/")
    manager.get_by_role("link", name="sponsor asset to review").click()
    manager.get_by_role("link", name=str(sponsorship)).click()
    shown = first["name"] if isinstance(first, dict) else first
    assert shown in manager.inner_text("main")
    if isinstance(first, dict):
        picture = Image.open(io.BytesIO(download(manager.get_by_role("link", name=shown))))
        assert picture.size == (1100, 800)
    press(manager, "Request changes")
    assert "Select at least one item first." in manager.inner_text("body")
    select_item(manager, title)
    press(manager, "Request changes")
    assert "Enter the changes you need." in manager.inner_text("body")
    select_item(manager, title)
    manager.get_by_label("Changes to request").fill("Please use a white background.")
    press(manager, "Request changes")

    # The sponsor is told, sees the reason, and submits another.
    mail = people.email("ada", "Changes requested")
    assert title in mail.body
    assert "Please use a white background." in mail.body
    sign_in_from_email(people, "ada", "Changes requested")
    item = find_item(ada, title)
    assert "Changes requested" in item.inner_text()
    assert "Please use a white background." in item.inner_text()
    submit(second)
    item = find_item(ada, title)
    assert "In review" in item.inner_text()
    assert "white background" not in item.inner_text()

    manager = staff("?tab=deliverables")
    text = manager.inner_text("main")
    assert "Previous version" in text
    select_item(manager, title)
    press(manager, "Accept")
    ada.reload()
    assert "Accepted" in find_item(ada, title).inner_text()
    manager = staff("?tab=history")
    history = manager.inner_text("main")
    for entry in ("Item submitted", "Changes requested", "Item accepted"):
        assert entry in history


def test_voucher_codes_that_staff_paste(people, sponsorship, staff):
    title = "Voucher code for conference passes"
    ada = open_portal(people, "ada", sponsorship)
    assert "We will deliver it" in find_item(ada, title).inner_text()
    assert "15 uses" in find_item(ada, title).inner_text()
    manager = people.open("manager", "/admin/sponsors/deliverables/?direction=out")
    manager.select_option("[name=key]", label=title)
    press(manager, "Filter")
    manager.get_by_text("Paste codes").click()
    manager.fill("[name=codes]", "Harbor Analytics, PY-2026-HARBOR\nNobody, PY-2026-NOBODY")
    press(manager, "Add codes")
    assert "1 code added." in manager.inner_text("body")
    assert "“Nobody” has no sponsorship with this item." in manager.inner_text("body")
    ada.reload()
    assert "PY-2026-HARBOR" in find_item(ada, title).inner_text()
    assert "Delivered" in find_item(ada, title).inner_text()


def open_amendment(staff):
    manager = staff("do/amend/")
    manager.fill("[name=reason]", "They also want the job fair.")
    press(manager, "Open amendment")
    assert "Amendment open" in manager.inner_text("main")


def change_terms(staff, sponsorship):
    """Change fee, last day and benefits, and return the new last day."""
    ends_on = sponsorship.ends_on + timedelta(days=30)
    manager = staff("?tab=overview")
    manager.fill("[name=fee]", "75000")
    manager.fill("[name=ends_on]", str(ends_on))
    with manager.expect_navigation():
        # By keyboard: the calendar of a date field may still lie over the button.
        manager.locator("form[action$='/terms/'] button[type=submit]").press("Enter")
    manager = staff("?tab=benefits")
    option = manager.locator("[name=benefit] option", has_text="Job fair table").get_attribute("value")
    manager.select_option("[name=benefit]", value=option)
    press(manager, "Add benefit")
    row = manager.locator("tr", has_text="Slide shown during session breaks")
    with manager.expect_navigation():
        row.get_by_role("button", name="Remove").click()
    return ends_on


def read(file):
    with file.open("rb") as opened:
        content = opened.read()
    if content.startswith(b"%PDF"):
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    else:
        text = " ".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)
    return " ".join(text.split())


def test_an_amendment_from_its_reason_to_its_signature(people, sponsorship, staff):
    open_amendment(staff)
    ends_on = change_terms(staff, sponsorship)
    last_day = f"{ends_on:%B} {ends_on.day}, {ends_on.year}"
    changes = [
        "Fee: US$75,000 instead of US$60,000",
        f"Last day: {last_day} instead of",
        "Added: Job fair table",
        "Removed: Slide shown during session breaks",
    ]
    manager = staff("?tab=contract")
    for change in changes:
        assert change in manager.inner_text("main")
    press(manager, "Create documents")
    contract = Contract.objects.get(kind="amendment")
    for text in (read(contract.pdf), read(contract.docx)):
        for words in (*changes, "seventy-five thousand", "Harbor Analytics", last_day):
            assert words in text
    press(manager, "Send amendment")
    assert "Your amendment" in people.email("ada", "Your amendment").subject

    signer = sign_in_from_email(people, "signer", "Your amendment")
    assert signer.url.endswith(f"/users/sponsorships/{sponsorship.pk}/")
    card = signer.locator("#contract .card", has_text="Amendment")
    assert download(card.get_by_role("link", name="PDF")).startswith(b"%PDF")
    signer.set_input_files("#id_signed_file", PDF)
    press(signer, "Submit signed copy")
    assert "We will review the signed copy" in signer.inner_text("main")

    # Staff decline the copy first: the signer must submit another one.
    manager = people.open("manager", "/admin/")
    manager.get_by_role("link", name="signed copy to review").click()
    team = next(mail for mail in people.outbox if mail.subject.startswith("Signed copy received"))
    assert "amendment" in team.body
    manager.goto(next(link for link in LINK.findall(team.body) if "/admin/" in link))
    manager.locator("form:has(button[name=decline]) [name=reason]").fill("The last page is missing.")
    press(manager, "Decline signed copy")
    assert "The last page is missing." in people.email("signer", "Signed copy declined").body
    sign_in_from_email(people, "signer", "Signed copy declined")
    assert signer.get_by_role("link", name="Signed copy").count() == 1, "that of the first contract"
    signer.set_input_files("#id_signed_file", PDF)
    press(signer, "Submit signed copy")

    manager = staff("?tab=contract")
    press(manager, "Record signature")
    assert "The amendment is signed." in people.email("signer", "is signed").body
    sign_in_from_email(people, "signer", "is signed")
    text = signer.inner_text("main")
    assert "Job fair table" in text
    assert "Slide shown during session breaks" not in text
    assert f"{ends_on:%b} {ends_on.day}, {ends_on.year}" in text
    ada = open_portal(people, "ada", sponsorship)
    assert "US$75,000" in ada.inner_text("main")
    manager = staff("?tab=overview")
    assert "Amendment open" not in manager.inner_text("main")
    assert manager.locator("[name=fee]").is_disabled()
    assert [contract.state for contract in Contract.objects.all()] == ["signed", "signed"]


def test_an_amendment_that_the_sponsor_declines(people, sponsorship, staff):
    before = (sponsorship.fee, sponsorship.ends_on, [str(row) for row in sponsorship.active_benefits()])
    open_amendment(staff)
    change_terms(staff, sponsorship)
    manager = staff("?tab=contract")
    press(manager, "Create documents")
    press(manager, "Send amendment")
    sign_in_from_email(people, "signer", "Your amendment")

    # A first document is void because it has a mistake, and the sponsor is told.
    manager = staff("?tab=contract")
    manager.locator("form:has(button[name=void]) [name=reason]").fill("The fee was wrong.")
    press(manager, "Void")
    assert "The fee was wrong." in people.email("signer", "Amendment voided").body
    press(manager, "Create documents")
    press(manager, "Send amendment")

    manager = staff("do/discard_amendment/")
    assert "Added: Job fair table" in manager.inner_text("main")
    manager.fill("[name=reason]", "The sponsor does not want it any more.")
    press(manager, "Discard amendment")
    mail = people.email("signer", "Amendment voided")
    assert "The sponsor does not want it any more." in mail.body
    assert "The contract that you signed remains valid." in mail.body
    signer = open_portal(people, "signer", sponsorship)
    text = signer.inner_text("main")
    assert "Job fair table" not in text
    assert "Slide shown during session breaks" in text
    assert "Submit signed copy" not in text
    sponsorship = Sponsorship.objects.get()
    assert (sponsorship.fee, sponsorship.ends_on, [str(row) for row in sponsorship.active_benefits()]) == before
    assert [contract.state for contract in Contract.objects.all()] == ["void", "void", "signed"]
    assert not sponsorship.is_editable
