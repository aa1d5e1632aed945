"""A sponsorship in a real browser, from the application to its last day, with its emails and documents."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from docx import Document
from pypdf import PdfReader
from rest_framework.test import APIClient

from cms.content import public_forms
from demo import sponsors
from sponsors.models import Contract, Sponsorship, SponsorshipSettings, SponsorshipYear
from tests.factories.users import UserFactory, key_for
from tests.sponsors.conftest import png

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(live_server, settings, monkeypatch, tmp_path):
    # This browser types faster than people.
    monkeypatch.setattr(public_forms, "FASTEST_SECONDS", 0)
    settings.BASE_URL = live_server.url
    settings.MEDIA_ROOT = tmp_path
    texts = SponsorshipSettings.load()
    texts.foundation_address, texts.signatory_name, texts.signatory_title = "1 Charity Row", "Grace Hall", "Director"
    texts.save()
    sponsors.make_sponsorship_year(timezone.localdate().year)
    manager = UserFactory(username="manager", role="Sponsorship")
    # Whoever runs the sponsorship year also reads its templates' previews.
    manager.user_permissions.add(*Permission.objects.filter(content_type__app_label="sponsors", codename="view_contract"))
    return {"applicant": UserFactory(username="applicant", email="ada@example.org"), "manager": manager}


@pytest.fixture
def as_(page, log_in, people, context, live_server):
    """Return a function that opens a URL as a user."""

    def open_as(name, path):
        context.clear_cookies()
        if name:
            log_in(people[name])
        page.goto(live_server.url + path)
        if name is None:
            # A browser keeps what is public for a minute.
            page.reload()

    return open_as


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def apply(page, as_):
    as_("applicant", "/sponsors/application/")
    page.get_by_label("Maintaining").check()
    assert "Maintaining: US$60,000" in page.inner_text("[data-total]")
    press(page, "Continue")
    page.fill("#id_name", "Smith & Söhne_50% #1")
    page.set_input_files("#id_web_logo", {"name": "logo.png", "mimeType": "image/png", "buffer": png().read()})
    for name, text in {"primary_phone": "1", "mailing_address_line_1": "Quay 1", "city": "Ulm", "postal_code": "8"}.items():
        page.fill(f"#id_{name}", text)
    page.select_option("#id_country", label="Germany")
    press(page, "Save and continue")
    page.fill("#id_contact-0-name", "Ada Byron")
    press(page, "Save and continue")
    assert "US$60,000" in page.inner_text("main")
    press(page, "Submit application")
    assert "Thank you" in page.inner_text("h1")


def do(page, as_, sponsorship, act, **fields):
    as_("manager", f"/admin/sponsors/sponsorships/{sponsorship.pk}/do/{act}/")
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    with page.expect_navigation():
        # By keyboard: the calendar of a date field may still lie over the button.
        page.locator("form button[type=submit].button").last.press("Enter")


@pytest.mark.nightly
def test_from_the_application_to_the_last_day(page, as_, people, mailoutbox):  # noqa: PLR0915 -- one story.
    apply(page, as_)
    sponsorship = Sponsorship.objects.get()
    assert {mail.subject.split(":")[0] for mail in mailoutbox} == {"Your sponsorship application was received", "New application"}

    as_("manager", "/admin/sponsors/sponsorships/")
    card = page.locator("[data-card]")
    assert "Smith & Söhne_50% #1" in card.inner_text()
    with page.expect_navigation():
        card.drag_to(page.locator('[data-stage="review"]'))
    assert page.url.endswith(f"/{sponsorship.pk}/do/take/")
    press(page, "Start review")
    today = timezone.localdate()
    do(page, as_, sponsorship, "approve", starts_on=str(today), ends_on=str(today + timedelta(days=364)))
    assert mailoutbox[-1].subject.startswith("Your sponsorship is approved: Smith & Söhne_50% #1")

    as_("manager", f"/admin/sponsors/sponsorships/{sponsorship.pk}/?tab=contract")
    press(page, "Create documents")
    contract = Contract.objects.get()
    words = " ".join(paragraph.text for paragraph in Document(io.BytesIO(contract.docx.read())).paragraphs)
    pages = " ".join(leaf.extract_text() for leaf in PdfReader(io.BytesIO(contract.pdf.read())).pages)
    contract.docx.close()
    contract.pdf.close()
    for text in (words, pages):
        assert "Smith & Söhne_50% #1" in " ".join(text.split())
        assert "sixty thousand" in " ".join(text.split())
    do(page, as_, sponsorship, "send")
    assert mailoutbox[-1].subject.startswith("Your contract")

    as_("applicant", f"/users/sponsorships/{sponsorship.pk}/")
    page.set_input_files("#id_signed_file", {"name": "signed.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 signed"})
    press(page, "Submit signed copy")
    as_(None, "/psf/sponsors/")
    assert "Smith & Söhne" not in page.inner_text("main")
    do(page, as_, sponsorship, "sign")
    assert {mail.subject.split(":")[0] for mail in mailoutbox[-2:]} == {"Your sponsorship contract is signed", "Contract signed"}

    as_(None, "/psf/sponsors/")
    assert "Maintaining sponsors" in page.inner_text("main")
    token = key_for(UserFactory(role="Sponsor publishers"), "v2")
    program = APIClient(headers={"Authorization": f"Token {token}"})
    rows = program.get("/api/v2/sponsors/logo-placement/?publisher=psf&flight=sponsors").json()
    assert [row["sponsor"] for row in rows] == ["Smith & Söhne_50% #1"]

    # A renewal that is signed early removes nothing.
    sponsorship_year = SponsorshipYear.objects.get()
    Sponsorship.objects.filter(pk=sponsorship.pk).update(
        sponsorship_year=SponsorshipYear.objects.create(year=sponsorship_year.year - 1, opens_on=today - timedelta(days=500))
    )
    as_("applicant", f"/users/sponsorships/{sponsorship.pk}/")
    press(page, f"Renew for {sponsorship_year}")
    press(page, "Submit application")
    renewal = Sponsorship.objects.get(renewal_of=sponsorship)
    do(page, as_, renewal, "take")
    do(page, as_, renewal, "approve", starts_on=str(today + timedelta(days=300)), ends_on=str(today + timedelta(days=600)))
    as_("manager", f"/admin/sponsors/sponsorships/{renewal.pk}/do/sign/")
    page.set_input_files("[name=signed_file]", {"name": "signed.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    press(page, "Record signature")
    assert list(Sponsorship.objects.shown(today)) == [sponsorship]
    assert list(Sponsorship.objects.shown(today + timedelta(days=300))) == [renewal]
    assert not Sponsorship.objects.shown(today + timedelta(days=601)).exists()
