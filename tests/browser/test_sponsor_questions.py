"""Questions of the sponsorship team and of sponsors, answered in the browser as the role that asks, with clicks counted."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from rest_framework.test import APIClient

from demo import sponsors
from sponsors.models import (
    ApplicationDraft,
    Contact,
    Deliverable,
    Kind,
    PackageBenefit,
    Selection,
    Sponsor,
    Sponsorship,
    SponsorshipDeliverable,
    SponsorshipYear,
)
from sponsors.sponsorship_years import copy as copy_year
from sponsors.workflows import create_sponsorship
from tests.browser.people import make_staff, press, sign_in
from tests.browser.test_sponsor_journeys import download, make_account
from tests.factories.users import UserFactory, key_for
from tests.sponsors.conftest import png

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)
BOARD = "/admin/sponsors/sponsorships/"
BOOTH, PASSES, TITLE = "Booth in the expo hall", "Full conference passes", "Voucher code for conference passes"
SCRIPT = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)">
<script>alert(2)</script><path d="M0 0h9v9z"/></svg>"""


class Clicks:
    """Clicks that open a page, counted."""

    def __init__(self, page: Page):
        self.page, self.number = page, 0

    def __call__(self, target: Locator) -> None:
        with self.page.expect_navigation():
            target.click()
        self.number += 1


@pytest.fixture
def demo(people, tmp_path):
    """Create the sponsorships of the demo, a sponsorship manager, and an account of the contact of Harbor Analytics.

    The last screen of each person is saved as a picture in the folder of the test.
    """
    UserFactory(username="admin", is_superuser=True, is_staff=True)
    sponsors.fill()
    make_staff("manager", "Sponsorship")
    Contact.objects.filter(sponsor__name="Harbor Analytics").update(user=make_account("ada"), email="ada@example.org")
    people.outbox.clear()
    yield
    for name, page in people.pages.items():
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)


@pytest.fixture
def manager(people, demo) -> Page:
    page = people.open("manager", "/admin/")
    sign_in(page, "manager")
    return people.open("manager", "/admin/")


def find(name: str) -> Sponsorship:
    return Sponsorship.objects.get(sponsor__name=name)


def open_portal(people, path: str = "/users/sponsorships/") -> Page:
    page = people.open("ada", path)
    if "/accounts/login/" in page.url:
        sign_in(page, "ada")
    return page


def test_sponsors_with_a_booth_and_without_a_logo_take_two_clicks(people, manager):
    board = people.open("manager", f"{BOARD}list/")
    board.select_option("[name=sponsorship_year]", label=str(SponsorshipYear.objects.get()))
    board.select_option("[name=benefit]", label=BOOTH)
    board.select_option("[name=missing]", label="Sponsor logo")
    press(board, "Filter")
    board.get_by_text("Save these filters").click()
    board.fill("#saved-filter-name", "Booth, no logo")
    press(board, "Save")

    people.open("manager", "/admin/")
    click = Clicks(manager)
    click(manager.locator(".dashboard__actions").get_by_role("link", name="Sponsorship board"))
    # The filters of the board and of the list are saved separately.
    click(manager.get_by_role("link", name="List", exact=True))
    click(manager.get_by_role("link", name="Booth, no logo"))
    assert click.number <= 3
    shown = manager.locator("main tbody tr a").all_inner_texts()
    assert shown == ["青空ソフト"]
    text = download(manager.get_by_role("link", name="CSV")).decode()
    assert [row["Company Name"] for row in csv.DictReader(io.StringIO(text))] == shown


def test_a_changed_logo_is_compared_and_the_old_file_stays(people, manager):
    sponsor = find("Harbor Analytics").sponsor
    old = sponsor.web_logo.url
    ada = open_portal(people, f"/users/sponsorships/sponsor/{sponsor.pk}/")
    ada.set_input_files("#id_web_logo", {"name": "new.png", "mimeType": "image/png", "buffer": png(640, 320).read()})
    press(ada, "Save")
    team = next(mail for mail in people.outbox if "Harbor Analytics" in mail.subject)
    assert "logo" in team.body

    click = Clicks(people.open("manager", "/admin/"))
    click(manager.get_by_role("link", name=re.compile("in the moderation queue")))
    frame = manager.frame_locator("iframe").first
    before, after = (frame.get_by_role("img", name=name) for name in ("Approved", "Proposed"))
    expect(before).to_have_attribute("src", re.compile(re.escape(urlsplit(old).path)))
    assert after.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    press(manager, "Approve")
    sponsor.refresh_from_db()
    assert sponsor.web_logo.url != old

    history = people.open("manager", f"{BOARD}{find('Harbor Analytics').pk}/?tab=history")
    assert "Change by the sponsor approved" in history.inner_text("main")
    link = history.get_by_role("link", name=re.compile("^Logo, "))
    assert download(link).startswith(b"<svg")


def test_the_emails_of_a_sponsorship_with_their_text_are_sent_again_after_a_question(people, manager):
    sponsorship = find("Saffron Payments")
    Contact.objects.filter(sponsor=sponsorship.sponsor).update(email="saffron@example.org")
    page = people.open("manager", f"{BOARD}{sponsorship.pk}/?tab=messages")
    click = Clicks(page)
    click(page.get_by_role("link", name="Email this sponsor"))
    page.fill("[name=subject]", "Your booth, {{ sponsor_name }}")
    page.fill("[name=body]", "Please choose a booth.")
    press(page, "Preview recipients")
    assert page.locator("form table tbody tr").count() == 1
    assert "saffron@example.org" in page.inner_text("form table")
    assert people.outbox == [], "nothing is sent by the preview"
    page.locator("form table input[name=sponsorship]").check()
    press(page, "Save drafts for selected sponsors")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name=re.compile("^Send")).first.click()
    page.wait_for_load_state("networkidle")
    sent = people.email("saffron")
    assert sent.subject == "Your booth, Saffron Payments"

    page = people.open("manager", f"{BOARD}{sponsorship.pk}/?tab=messages")
    message = page.locator("main details", has_text=sent.subject)
    message.locator("summary").click()
    assert "Please choose a booth." in message.inner_text()
    message.get_by_role("link", name="Send again").click()
    page.get_by_text("Send “Your booth, Saffron Payments” to saffron@example.org again?").wait_for()
    assert len(people.outbox) == 1
    press(page, "Send again")
    assert [mail.to for mail in people.outbox] == [["saffron@example.org"]] * 2
    assert page.url.endswith(f"{BOARD}{sponsorship.pk}/?tab=messages")
    assert "Message sent again" in people.open("manager", f"{BOARD}{sponsorship.pk}/?tab=history").inner_text("main")


def test_a_year_is_copied_with_its_voucher_items_and_gets_other_prices(people, manager):
    year = SponsorshipYear.objects.get()
    page = people.open("manager", f"/admin/sponsors/years/offer/{year.pk}/")
    page.get_by_role("link", name="Copy to a new sponsorship year").click()
    press(page, "Preview")
    assert not SponsorshipYear.objects.filter(year=year.year + 1).exists()
    assert f"Deliverable {TITLE} of {PASSES}" in page.locator("main").text_content()
    press(page, "Create sponsorship year")
    new = SponsorshipYear.objects.get(year=year.year + 1)
    vouchers = Deliverable.objects.filter(kind=Kind.VOUCHER)
    assert vouchers.get(sponsorship_year=new).key == vouchers.get(sponsorship_year=year).key.replace(str(year), str(new))
    amounts = PackageBenefit.objects.filter(benefit__name=PASSES).order_by("package__sort_order")
    assert [row.quantity for row in amounts.filter(benefit__sponsorship_year=new)] == [25, 20, 15, 10, 5]

    page = people.open("manager", f"/admin/sponsors/years/offer/{new.pk}/")
    page.get_by_label(f"{PASSES} in Visionary").fill("30")
    press(page, "Save")
    page.get_by_role("link", name="Visionary", exact=True).click()
    page.fill("#id_amount", "175000")
    press(page, "Save")
    assert new.packages.get(name="Visionary").amount == 175_000
    assert year.packages.get(name="Visionary").amount == 150_000

    # Vouchers of the new year are delivered without any code of the site.
    package = new.packages.get(name="Visionary")
    chosen = Selection.of(new, package, [row.benefit for row in package.package_benefits.all()])
    made = create_sponsorship(Sponsor.objects.get(name="Lantern Health"), chosen, by=None)
    sponsors.advance(made, package, "approved", 0, UserFactory())
    page = people.open("manager", f"/admin/sponsors/deliverables/?direction=out&key={vouchers.get(sponsorship_year=new).key}")
    page.get_by_text("Paste codes").click()
    page.fill("[name=codes]", "Lantern Health, PASS-NEXT")
    press(page, "Add codes")
    item = SponsorshipDeliverable.objects.get(sponsorship_benefit__sponsorship=made, kind=Kind.VOUCHER)
    assert (item.value, item.quantity or item.sponsorship_benefit.quantity) == ("PASS-NEXT", 30)


def test_a_logo_is_public_before_the_signature_and_the_record_says_why(people, manager):
    sponsorship = find("Tidewater Maps")
    assert "Tidewater Maps" not in people.visit("/psf/sponsors/")
    page = people.open("manager", f"{BOARD}{sponsorship.pk}/")
    click = Clicks(page)
    click(page.get_by_role("link", name="Show logos early"))
    page.fill("[name=reason]", "The conference begins before the signature.")
    click(page.get_by_role("button", name="Show logos early"))
    assert click.number == 2
    assert page.locator("main .chip").first.inner_text().lower() == "contract sent"
    text = page.inner_text("main")
    assert "The conference begins before the signature." in text
    assert "approved by manager" in text
    assert "Tidewater Maps" in people.visit("/psf/sponsors/")


def test_a_sponsor_finds_booth_and_passes_and_sends_a_print_logo(people, manager):
    sponsorship = find("Harbor Analytics")
    staff = people.open("manager", f"/admin/sponsors/deliverables/?key={Deliverable.objects.get(kind=Kind.VOUCHER).key}")
    staff.get_by_text("Paste codes").click()
    staff.fill("[name=codes]", "Harbor Analytics, PASS-1, 7\nLantern Health, PASS-2, many")
    press(staff, "Add codes")
    assert "enter the uses so far as a number" in staff.inner_text("body")
    benefit = sponsorship.sponsorship_benefits.get(name=BOOTH)
    benefit.quantity_label = "20 × 20 feet"
    benefit.save()
    page = open_portal(people)
    click = Clicks(page)
    click(page.get_by_role("link", name=re.compile("^Harbor Analytics, ")))
    assert "20 × 20 feet" in page.locator(".benefit-list").inner_text()
    assert "25 uses, 18 remaining" in page.locator("#given").inner_text()
    click(page.get_by_role("link", name="Organization, logos and contacts"))
    assert click.number <= 2
    page.set_input_files("#id_print_logo", {"name": "print.png", "mimeType": "image/png", "buffer": png(900, 900).read()})
    press(page, "Save")
    assert Sponsor.objects.get(name="Harbor Analytics").get_proposed().print_logo.name.endswith(".png")


def placed(publisher: str, place: str) -> list[str]:
    client = APIClient(headers={"Authorization": f"Token {key_for(UserFactory(role='Sponsor publishers'), 'v2')}"})
    rows = client.get(f"/api/v2/sponsors/logo-placement/?publisher={publisher}&flight={place}").json()
    return [row["sponsor"] for row in rows]


def test_a_signature_places_the_logo_and_the_last_day_removes_it(people, manager):
    name, places = "Tidewater Maps", [("psf", "sponsors"), ("psf", "jobs"), ("pypi", "footer")]
    assert not [place for place in places if name in placed(*place)]
    page = people.open("manager", f"{BOARD}{find(name).pk}/")
    click = Clicks(page)
    click(page.get_by_role("link", name="Record signature"))
    page.set_input_files("[name=signed_file]", {"name": "signed.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"})
    click(page.get_by_role("button", name="Record signature"))
    assert click.number == 2
    assert [place for place in places if name in placed(*place)] == places
    assert name in people.visit("/psf/sponsors/")
    # Its report says who is shown where on any day.
    report = people.open("manager", "/admin/sponsors/reports/")
    assert name in report.inner_text("main")
    today = timezone.localdate()
    Sponsorship.objects.filter(pk=find(name).pk).update(starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))
    assert not [place for place in places if name in placed(*place)]


def test_two_submissions_are_one_application_and_a_drawing_loses_its_script(people, demo):
    make_account("bea")
    page = people.open("bea", "/accounts/login/?next=/sponsors/application/")
    sign_in(page, "bea")
    page.get_by_label("Maintaining").check()
    press(page, "Continue")
    page.fill("#id_name", "Second Harbor")
    page.set_input_files("#id_web_logo", {"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": SCRIPT})
    for name, text in {"primary_phone": "1", "mailing_address_line_1": "Quay 1", "city": "Ulm", "postal_code": "8"}.items():
        page.fill(f"#id_{name}", text)
    page.select_option("#id_country", label="Germany")
    press(page, "Save and continue")
    page.fill("#id_contact-0-name", "Bea Carr")
    press(page, "Save and continue")
    with page.expect_navigation():
        page.get_by_role("button", name="Submit application").dblclick()
    page.get_by_role("heading", name="Thank you").wait_for()
    page.go_back()
    if page.get_by_role("button", name="Submit application").count():
        press(page, "Submit application")
    made = Sponsorship.objects.filter(sponsor__name="Second Harbor").get()
    with made.sponsor.web_logo.open() as file:
        drawing = file.read()
    assert b"<path" in drawing
    assert b"script" not in drawing
    assert b"onload" not in drawing


def test_a_renewal_is_prefilled(people, demo):
    sponsorship = find("Harbor Analytics")
    new = copy_year(sponsorship.sponsorship_year, sponsorship.sponsorship_year.year + 1, by=None)
    assert new.copied
    SponsorshipYear.objects.filter(pk=sponsorship.sponsorship_year_id).update(closes_on=timezone.localdate() - timedelta(days=1))
    SponsorshipYear.objects.exclude(pk=sponsorship.sponsorship_year_id).update(opens_on=timezone.localdate())
    page = open_portal(people)
    click = Clicks(page)
    click(page.get_by_role("link", name=re.compile("^Harbor Analytics, ")))
    click(page.get_by_role("button", name=re.compile("^Renew for ")))
    assert "Same package as last year" in page.inner_text("main")
    click(page.get_by_role("button", name="Submit application"))
    assert click.number <= 3
    renewal = Sponsorship.objects.get(renewal_of=sponsorship)
    names = [[row.name for row in one.active_benefits()] for one in (sponsorship, renewal)]
    assert sorted(names[0]) == sorted(names[1])
    assert (renewal.sponsor, renewal.package.name) == (sponsorship.sponsor, sponsorship.package.name)
    assert ApplicationDraft.objects.get().sponsorship == renewal
