"""Public pages, applications, the sponsor portal and the APIs."""

import json
import time
from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone

from sponsors.models import ApplicationDraft, Contact, Kind, Sponsorship, SponsorshipDeliverable, State
from tests.factories.sponsors import (
    BenefitFactory,
    ContactFactory,
    DeliverableFactory,
    PackageFactory,
    PlacementFactory,
    SponsorFactory,
    SponsorshipFactory,
    SponsorshipYearFactory,
)
from tests.factories.users import UserFactory, key_for
from tests.sponsors.conftest import pdf, png, ready_contract

pytestmark = pytest.mark.django_db
V2 = "/api/v2/sponsors/logo-placement/"
ASSETS = "/api/v2/sponsors/sponsorship-assets/"


@pytest.fixture
def package():
    package = PackageFactory()
    benefit = BenefitFactory(sponsorship_year=package.sponsorship_year, name="Logo", packages=[package])
    for publisher, place in [("psf", "sponsors"), ("psf", "download"), ("pypi", "footer")]:
        PlacementFactory(benefit=benefit, publisher=publisher, place=place)
    DeliverableFactory(benefit=benefit, kind=Kind.TEXT, key="about", label="About you", max_length=20)
    DeliverableFactory(benefit=benefit, kind=Kind.IMAGE, key="slide", label="Your slide", min_width=200)
    DeliverableFactory(benefit=benefit, kind=Kind.VOUCHER, key="code", label="Voucher")
    return package


@pytest.fixture
def sponsorship(package):
    return SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, sponsor__name="Smith & Söhne")


@pytest.fixture
def applicant(client):
    user = UserFactory(username="applicant", email="ada@example.org")
    client.force_login(user)
    return user


@pytest.fixture
def contact(client, sponsorship, applicant):
    return ContactFactory(sponsor=sponsorship.sponsor, user=applicant)


@pytest.fixture
def publisher():
    return {"headers": {"Authorization": f"Token {key_for(UserFactory(role='Sponsor publishers'), 'v2')}"}}


def read(client, address):
    """Return a response and the content of the file that it sends."""
    response = client.get(address)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return response, content


def test_the_wall_groups_sponsors_by_level_with_their_anchors(client, sponsorship, django_assert_max_num_queries):
    other = PackageFactory(sponsorship_year=sponsorship.sponsorship_year, name="Associate", sort_order=5, logo_dimension=350)
    SponsorshipFactory(sponsorship_year=sponsorship.sponsorship_year, package=other, benefits=False).add_benefit(
        sponsorship.sponsorship_benefits.get().benefit, source="staff"
    )
    with django_assert_max_num_queries(17):
        page = client.get("/psf/sponsors/")
    text = page.content.decode()
    assert text.index("Visionary sponsors") < text.index("Associate sponsors")
    assert 'id="smith-sohne"' in text
    assert "sponsors" in page["Surrogate-Key"]
    assert not page.cookies


def test_a_wall_without_sponsors_says_what_to_do(client):
    SponsorshipYearFactory()
    assert "Be the first this year" in client.get("/psf/sponsors/").content.decode()


def test_the_offer_shows_what_is_left(client, package):
    BenefitFactory(sponsorship_year=package.sponsorship_year, name="Booth", capacity=1, packages=[package])
    SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, state=State.APPROVED)
    text = client.get("/sponsors/application/").content.decode()
    assert "Sold out" in text
    assert "US$150,000" in " ".join(text.split())
    assert "csrf" not in text


def test_a_sponsorship_year_that_is_not_open_cannot_be_applied_for(client, package, applicant):
    package.sponsorship_year.closes_on = timezone.localdate() - timedelta(days=1)
    package.sponsorship_year.save()
    assert client.get("/sponsors/application/").content.decode().count("Applications are currently closed") == 1
    assert client.get(f"/sponsors/application/new/?package={package.pk}").url == "/sponsors/application/"
    assert client.post("/sponsors/application/check/").url == "/sponsors/application/"


def test_while_applications_are_closed_nobody_is_invited(client, sponsorship, contact):
    sponsorship.sponsorship_year.closes_on = timezone.localdate() - timedelta(days=1)
    sponsorship.sponsorship_year.save()
    addresses = ["/psf/sponsors/", "/sponsors/application/", "/users/sponsorships/"]
    pages = [client.get(address).content.decode() for address in addresses]
    assert not [text for text in pages if "Become a sponsor" in text]
    assert 'type="radio"' not in pages[1]
    assert [text for text in pages if "sponsors@python.org" in text and "Applications are currently closed" in text] == pages[:2]
    SponsorshipYearFactory(year=2027, opens_on=timezone.localdate() + timedelta(days=40))
    opening = f"{timezone.localdate() + timedelta(days=40):%b %-d, %Y}"
    assert [opening in client.get(address).content.decode() for address in addresses] == [True, True, False]


def test_only_staff_look_at_the_offer_of_any_sponsorship_year(client, manager):
    PackageFactory(sponsorship_year__year=2031, sponsorship_year__opens_on=None, name="Future")
    assert client.get("/sponsors/application/?year=2031").status_code == 403
    client.force_login(manager)
    assert "Future" in client.get("/sponsors/application/?year=2031").content.decode()
    assert "No sponsorship packages are available" in client.get("/sponsors/application/?year=9999").content.decode()


@pytest.mark.parametrize("query", ["", "?package=999999", "?package=x&benefit=y", "?benefit=999999"])
def test_a_choice_that_makes_no_sense_leads_back(client, package, applicant, query):
    assert client.get(f"/sponsors/application/new/{query}").url == "/sponsors/application/"


def organisation(**changes):
    return {
        "opened": signing.dumps(time.time() - 300, salt="opened"),
        "name": "Harbor Analytics",
        "primary_phone": "1",
        "mailing_address_line_1": "Quay 1",
        "city": "Hamburg",
        "postal_code": "1",
        "country": "DE",
        "web_logo": png(),
    } | changes


PEOPLE = {
    "contact-TOTAL_FORMS": 1,
    "contact-INITIAL_FORMS": 1,
    "contact-0-name": "Ada Byron",
    "contact-0-email": "ADA@example.org",
    "contact-0-primary": "on",
}


def test_an_application_is_saved_step_by_step_and_sent_once(client, package, applicant, sent):
    client.get(f"/sponsors/application/new/?package={package.pk}")
    refused = client.post("/sponsors/application/organisation/", organisation(web_logo="", city=""))
    assert {"city", "web_logo"} == set(refused.context["form"].errors)
    client.post("/sponsors/application/organisation/", organisation())
    again = client.get("/sponsors/application/organisation/")
    assert 'value="Harbor Analytics"' in again.content.decode()
    assert client.get("/sponsors/application/check/").url == "/sponsors/application/contacts/"
    no_primary = {name: value for name, value in PEOPLE.items() if not name.endswith("primary")}
    assert "as primary" in client.post("/sponsors/application/contacts/", no_primary).content.decode()
    assert len(client.post("/sponsors/application/contacts/", PEOPLE | {"more": "1"}).context["formset"].forms) == 2
    client.post("/sponsors/application/contacts/", PEOPLE)
    assert "US$150,000" in " ".join(client.get("/sponsors/application/check/").content.decode().split())
    mails = sent(lambda: client.post("/sponsors/application/check/"))
    second = client.post("/sponsors/application/check/")
    sponsorship = Sponsorship.objects.get()
    assert second.url == f"/sponsors/application/thanks/{sponsorship.pk}/"
    assert {mail.subject.split(":")[0] for mail in mails} == {"Your sponsorship application was received", "New application"}
    assert sponsorship.sponsor.contacts.get().user == applicant
    assert sponsorship.sponsor.web_logo.name.startswith("sponsors/logos/")
    assert "Harbor Analytics" in client.get(second.url).content.decode()


def test_of_several_contacts_the_applicant_alone_has_access_before_an_invitation(client, package, applicant, sent):
    UserFactory(username="grace", email="grace@example.org")
    client.get(f"/sponsors/application/new/?package={package.pk}")
    client.post("/sponsors/application/organisation/", organisation())
    more = {
        "contact-TOTAL_FORMS": 2,
        "contact-1-name": "Grace",
        "contact-1-email": "Grace@Example.org",
        "contact-1-accounting": "on",
    }
    client.post("/sponsors/application/contacts/", PEOPLE | more)
    sent(lambda: client.post("/sponsors/application/check/"))
    contacts = Sponsorship.objects.get().sponsor.contacts.order_by("pk")
    assert [(contact.user, contact.roles) for contact in contacts] == [(applicant, ["Primary"]), (None, ["Accounting"])]


def test_a_sponsor_with_an_open_sponsorship_is_reported(client, package, applicant):
    sponsorship = SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, state=State.REVIEW)
    ContactFactory(sponsor=sponsorship.sponsor, user=applicant)
    client.get(f"/sponsors/application/new/?package={package.pk}")
    client.post("/sponsors/application/organisation/", {"opened": organisation()["opened"], "sponsor": sponsorship.sponsor_id})
    assert "has already applied for 2026" in client.post("/sponsors/application/check/").content.decode()
    sponsorship.state = State.DECLINED
    sponsorship.save()
    assert client.post("/sponsors/application/check/").status_code == 302


def test_somebody_elses_sponsor_is_no_choice(client, package, applicant):
    ContactFactory(sponsor=SponsorFactory(), user=applicant)
    client.get(f"/sponsors/application/new/?package={package.pk}")
    foreign = {"opened": organisation()["opened"], "sponsor": SponsorFactory().pk}
    assert "sponsor" in client.post("/sponsors/application/organisation/", foreign).context["form"].errors


def test_a_renewal_takes_last_year_over_unchanged(client, sponsorship, contact):
    sponsorship_year = SponsorshipYearFactory(year=2027)
    package = PackageFactory(sponsorship_year=sponsorship_year)
    benefit = BenefitFactory(sponsorship_year=sponsorship_year, name="Logo", packages=[package])
    client.post(f"/sponsors/application/renew/{sponsorship.pk}/")
    assert "Same package as last year" in client.get("/sponsors/application/check/").content.decode()
    client.post("/sponsors/application/check/")
    new = Sponsorship.objects.get(sponsorship_year=sponsorship_year)
    assert (new.renewal_of, new.package, new.sponsorship_benefits.get().benefit, new.fee) == (
        sponsorship,
        package,
        benefit,
        150_000,
    )
    assert ApplicationDraft.objects.get().sponsorship == new
    assert client.post(f"/sponsors/application/renew/{new.pk}/").url == "/sponsors/application/check/"


def test_strangers_see_no_sponsorship(client, sponsorship, applicant):
    assert client.get(f"/users/sponsorships/{sponsorship.pk}/").status_code == 404
    assert "No sponsorships yet" in client.get("/users/sponsorships/").content.decode()
    assert client.get("/users/sponsorships/sponsor/edit/").url == "/users/sponsorships/"
    client.logout()
    assert client.get("/users/sponsorships/").status_code == 302


def test_the_portal_is_a_checklist(client, sponsorship, contact):
    text = client.get(f"/users/sponsorships/{sponsorship.pk}/").content.decode()
    assert "About you" in text
    assert "Voucher" in text
    assert "2 of 2" in text
    assert "2 items to submit" in client.get("/users/sponsorships/").content.decode()
    assert client.get(f"/users/sponsorships/{sponsorship.pk}/assets/").status_code == 301
    assert client.get("/users/sponsorships/sponsor/edit/").url == f"/users/sponsorships/sponsor/{sponsorship.sponsor_id}/"


def test_a_sponsor_sends_what_is_requested(client, sponsorship, contact):
    about, slide = (SponsorshipDeliverable.objects.get(key=key) for key in ("about", "slide"))
    address = f"/users/sponsorships/{sponsorship.pk}/items/"
    refused = client.post(f"{address}{about.pk}/", {f"item{about.pk}-text": "x" * 30})
    assert refused.status_code == 422
    assert "At most 20" in refused.content.decode()
    assert "at least 200" in client.post(f"{address}{slide.pk}/", {f"item{slide.pk}-file": png(100, 100)}).content.decode()
    client.post(f"{address}{about.pk}/", {f"item{about.pk}-text": "We sail."})
    client.post(f"{address}{slide.pk}/", {f"item{slide.pk}-file": png()})
    assert set(SponsorshipDeliverable.objects.filter(key__in=["about", "slide"]).values_list("state", flat=True)) == {"submitted"}
    file, _ = read(client, f"/users/sponsorships/files/item/{slide.pk}/")
    assert file["Content-Disposition"] == 'attachment; filename="logo.png"'
    client.force_login(UserFactory())
    assert client.get(f"/users/sponsorships/files/item/{slide.pk}/").status_code == 403


@pytest.mark.parametrize("role", ["accounting", "administrative"])
def test_what_a_contact_may_do_follows_from_the_role(client, sponsorship, contact, role):
    Contact.objects.update(**{"primary": False, role: True})
    about = SponsorshipDeliverable.objects.get(key="about")
    assert client.post(f"/users/sponsorships/{sponsorship.pk}/items/{about.pk}/", {"x": 1}).status_code == 403
    assert client.get(f"/users/sponsorships/sponsor/{sponsorship.sponsor_id}/").status_code == 403
    assert client.get(f"/users/sponsorships/{sponsorship.pk}/").status_code == 200


def test_a_contract_is_read_and_the_signed_copy_sent(client, sponsorship, contact, sent):
    sponsorship.state = State.SENT
    sponsorship.save()
    contract = ready_contract(sponsorship)
    address = f"/users/sponsorships/files/agreement/{contract.pk}/docx/"
    assert client.get(address).status_code == 403
    contract.mark_sent()
    assert "sponsorship-contract-smith-sohne.docx" in read(client, address)[0]["Content-Disposition"]
    assert client.get(address.replace("docx", "body")).status_code == 404
    assert client.post(f"/users/sponsorships/{sponsorship.pk}/signed-copy/").status_code == 422
    mails = sent(lambda: client.post(f"/users/sponsorships/{sponsorship.pk}/signed-copy/", {"signed_file": pdf()}))
    assert "Signed copy received" in mails[-1].subject
    Contact.objects.update(primary=False, accounting=True)
    assert client.get(address).status_code == 403


def test_an_application_is_withdrawn_with_a_reason(client, sponsorship, contact):
    sponsorship.state = State.REVIEW
    sponsorship.save()
    client.post(f"/users/sponsorships/{sponsorship.pk}/withdraw/", {"reason": ""})
    assert Sponsorship.objects.get().state == State.REVIEW
    client.post(f"/users/sponsorships/{sponsorship.pk}/withdraw/", {"reason": "No budget."})
    assert (Sponsorship.objects.get().state, Sponsorship.objects.get().reason) == (State.WITHDRAWN, "No budget.")


def edited(sponsor, contact, **changes):
    data = organisation() | {"landing_page_url": sponsor.landing_page_url, "web_logo": ""}
    people = {"contact-TOTAL_FORMS": 2, "contact-INITIAL_FORMS": 1, "contact-0-id": contact.pk, "contact-0-name": contact.name}
    people |= {"contact-0-email": contact.email, "contact-0-primary": "on", "contact-0-manager": "on"}
    return data | people | changes


def test_a_sponsor_changes_its_data_and_the_team_reads_what_is_different(client, sponsorship, contact, manager, sent):
    address = f"/users/sponsorships/sponsor/{sponsorship.sponsor_id}/"
    assert client.get(address).status_code == 200
    data = edited(sponsorship.sponsor, contact, name="Renamed", city="Bremen", web_logo=png())
    mails = sent(lambda: client.post(address, data))
    sponsorship.sponsor.refresh_from_db()
    assert (sponsorship.sponsor.name, sponsorship.sponsor.city) == ("Smith & Söhne", "Bremen")
    assert "city: Hamburg → Bremen" in mails[-1].body
    assert sponsorship.sponsor.revisions.count() == 3
    client.force_login(manager)
    history = " ".join(client.get(f"/admin/sponsors/sponsorships/{sponsorship.pk}/?tab=history").content.decode().split())
    assert "<strong>Changed by the sponsor</strong>" in history
    assert "Changes: " in history
    assert "city: Hamburg → Bremen" in history
    client.force_login(contact.user)
    assert not Contact.objects.get().manager
    refused = client.post(address, edited(sponsorship.sponsor, contact, **{"contact-0-primary": ""}))
    assert refused.status_code == 422


def test_a_colleague_is_invited_and_joins(client, sponsorship, contact, sent):
    person = ContactFactory(sponsor=sponsorship.sponsor, email="grace@example.org", primary=False, manager=True)
    mails = sent(lambda: client.post(f"/users/sponsorships/sponsor/{sponsorship.sponsor_id}/invite/{person.pk}/"))
    assert mails[-1].to == ["grace@example.org"]
    address = "/users/invitation/" + mails[-1].body.split("/users/invitation/")[1].split()[0]
    assert Contact.objects.get(pk=person.pk).invited_at
    grace = UserFactory()
    client.force_login(grace)
    client.get(address)
    assert Contact.objects.get(pk=person.pk).user is None
    assert client.post(address).url == f"/users/sponsorships/{sponsorship.pk}/"
    assert Contact.objects.get(pk=person.pk).user == grace
    assert Contact.objects.get(pk=person.pk).has_joined
    client.force_login(UserFactory())
    assert client.get(address).status_code == 404


def test_an_invitation_of_an_earlier_release_still_works(client, sponsorship, contact):
    person = ContactFactory(sponsor=sponsorship.sponsor, email="grace@example.org", primary=False, manager=True)
    token = signing.dumps([person.pk, person.email], salt="sponsors.invitation")
    client.force_login(UserFactory())
    assert client.get(f"/users/sponsorships/invitation/{token}/").url.startswith("/users/invitation/")
    assert client.get("/users/sponsorships/invitation/nonsense/").status_code == 404


def test_programs_read_the_placements(client, sponsorship, publisher, django_assert_max_num_queries):
    contact = ContactFactory(sponsor=sponsorship.sponsor)
    with django_assert_max_num_queries(8):
        rows = client.get(V2, **publisher).json()
    row = next(row for row in rows if row["publisher"] == "pypi")
    assert row == {
        "publisher": "pypi",
        "flight": "footer",
        "sponsor": "Smith & Söhne",
        "sponsor_id": str(sponsorship.sponsor_id),
        "sponsor_slug": "smith-sohne",
        "description": "Tides and cargo.",
        "logo": "http://127.0.0.1:8000/media/sponsors/logos/harbor.png",
        "white_logo": None,
        "start_date": sponsorship.starts_on.isoformat(),
        "end_date": sponsorship.ends_on.isoformat(),
        "sponsor_url": "https://example.org/",
        "level_name": "Visionary",
        "level_order": 0,
        "contacts": [
            {
                "name": contact.name,
                "email": contact.email,
                "primary": True,
                "administrative": False,
                "accounting": False,
                "manager": False,
            }
        ],
    }


def test_overrides_and_missing_values_never_break_the_list(client, sponsorship, publisher):
    SponsorshipDeliverable.objects.filter(place="download").update(link_to_sponsors_page=True, describe_as_sponsor=True)
    bare = SponsorshipFactory(
        sponsorship_year=sponsorship.sponsorship_year,
        package=None,
        old_level="Gold",
        sponsor__web_logo="",
        sponsor__landing_page_url="",
    )
    bare.add_benefit(sponsorship.sponsorship_benefits.get().benefit, source="staff")
    rows = client.get(V2, **publisher).json()
    ours = next(row for row in rows if row["flight"] == "download" and row["sponsor"] == "Smith & Söhne")
    assert ours["description"] == "Smith & Söhne is a Visionary sponsor of the Python Software Foundation."
    assert ours["sponsor_url"].endswith("/psf/sponsors/#smith-sohne")
    poor = [row for row in rows if row["level_name"] == "Gold"]
    assert {row["publisher"] for row in poor} == {"psf"}
    assert (poor[0]["logo"], poor[0]["level_order"]) == (None, None)
    assert poor[0]["sponsor_url"]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 3),
        ("?publisher=psf", 2),
        ("?flight=footer", 1),
        ("?year=2026", 3),
        ("?year=2021", 0),
        ("?publisher=psf&flight=docs", 0),
    ],
)
def test_placements_are_filtered(client, sponsorship, publisher, query, number):
    assert len(client.get(V2 + query, **publisher).json()) == number


@pytest.mark.parametrize("query", ["?publisher=nobody", "?flight=moon", "?year=soon"])
def test_a_bad_parameter_is_answered_by_its_field(client, publisher, query):
    answer = client.get(V2 + query, **publisher)
    assert (answer.status_code, list(answer.json())) == (400, [query[1:].split("=")[0]])


def test_placements_are_for_publishers(client, sponsorship):
    assert client.get(V2).status_code == 401
    assert client.get(V2, headers={"Authorization": "Token wrong"}).status_code == 401
    key = key_for(UserFactory(is_staff=True), "v2")
    refused = client.get(V2, headers={"Authorization": f"Token {key}"})
    assert (refused.status_code, refused.json()["detail"]) == (403, "Must have publisher permission.")


def test_assets_are_read_by_their_key(client, sponsorship, contact, publisher):
    assert client.get(ASSETS, **publisher).json() == {"internal_name": ["This field is required."]}
    assert client.get(f"{ASSETS}?internal_name=about", **publisher).json() == []
    empty = client.get(f"{ASSETS}?internal_name=about&list_empty=true", **publisher).json()
    assert (empty[0]["value"], empty[0]["content_type"], empty[0]["state"]) == ("", "Sponsorship", "signed")
    SponsorshipDeliverable.objects.get(key="about").submit(by=contact.user, text="We sail.")
    SponsorshipDeliverable.objects.get(key="slide").submit(by=contact.user, file=png())
    assert client.get(f"{ASSETS}?internal_name=about&status=signed", **publisher).json()[0]["value"] == "We sail."
    link = client.get(f"{ASSETS}?internal_name=slide", **publisher).json()[0]["value"]
    client.logout()
    path = link.removeprefix("http://127.0.0.1:8000")
    assert read(client, path)[1].startswith(b"\x89PNG")
    assert client.get(f"{path[:-2]}x/").status_code == 404


def test_everybody_reads_sponsors_and_placements_in_v3(client, sponsorship):
    sponsors = client.get("/api/v3/sponsors/").json()
    assert (sponsors["count"], sponsors["items"][0]["level"], sponsors["items"][0]["slug"]) == (1, "Visionary", "smith-sohne")
    rows = client.get("/api/v3/placements/?publisher=pypi").json()
    assert [row["place"] for row in rows["items"]] == ["footer"]
    assert "email" not in json.dumps(rows)
    assert client.get("/api/v3/placements/?flight=x").status_code == 422


def test_the_pages_of_other_sections_show_the_logos_of_their_place(client, sponsorship):
    from django.template import engines  # noqa: PLC0415

    template = engines["django"].from_string('{% load sponsors %}{% sponsor_logos "downloads" %}')
    html = template.render({}, None)
    assert 'alt="Smith &amp; Söhne"' in html
    assert "sponsor-logos" not in engines["django"].from_string('{% load sponsors %}{% sponsor_logos "jobs" %}').render({}, None)


def test_the_check_page_shows_everything_that_was_entered(client, package, applicant):
    client.get(f"/sponsors/application/new/?package={package.pk}")
    entered = organisation() | {
        "description": "We chart harbors.",
        "linked_in_page_url": "https://linkedin.example/harbor",
        "state": "Lower Saxony",
        "mailing_address_line_2": "Second floor",
    }
    client.post("/sponsors/application/organisation/", entered)
    more = {
        "contact-TOTAL_FORMS": 2,
        "contact-1-name": "Grace Hopper",
        "contact-1-email": "grace@example.org",
        "contact-1-phone": "+1 555",
        "contact-1-administrative": "on",
        "contact-1-accounting": "on",
    }
    client.post("/sponsors/application/contacts/", PEOPLE | more)
    html = " ".join(client.get("/sponsors/application/check/").content.decode().split())
    texts = [str(value) for name, value in entered.items() if isinstance(value, str) and name not in {"opened", "country"}]
    for words in [*texts, "Germany", "PNG file, uploaded", "Grace Hopper", "+1 555", "Administrative, Accounting"]:
        assert words in html, words


def test_an_address_does_not_repeat_itself():
    sponsor = SponsorshipFactory().sponsor
    sponsor.mailing_address_line_1, sponsor.mailing_address_line_2 = "Quay 1", "Singapore"
    sponsor.city, sponsor.state, sponsor.postal_code, sponsor.country = "Singapore", "", "", "SG"
    assert sponsor.address_lines == ["Quay 1", "Singapore"]


def test_nothing_is_due_before_the_sponsor_could_know(package, manager):
    benefit = BenefitFactory(sponsorship_year=package.sponsorship_year, packages=[package])
    today = timezone.localdate()
    DeliverableFactory(benefit=benefit, kind=Kind.TEXT, due_on=today - timedelta(days=100))
    later = today + timedelta(days=200)
    DeliverableFactory(benefit=benefit, kind=Kind.TEXT, due_on=later)
    sponsorship = SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, state=State.REVIEW)
    sponsorship.add_benefit(benefit, source="package")
    items = SponsorshipDeliverable.objects.filter(due_on__isnull=False).order_by("due_on")
    assert [item.due_on for item in items] == [sponsorship.applied_on + timedelta(days=14), later]
    assert not any(item.is_overdue() for item in items)
    Sponsorship.objects.update(applied_on=today - timedelta(days=60))
    items.filter(due_on__lt=later).update(due_on=today - timedelta(days=46))
    sponsorship = Sponsorship.objects.get()
    sponsorship.approve(by=manager, package=package, fee=1, starts_on=today, ends_on=later, oversell=True)
    assert [item.due_on for item in items.all()] == [today + timedelta(days=14), later]


def test_the_api_names_the_key_that_a_change_of_a_sponsor_purges(client, sponsorship):
    assert "sponsors" in client.get("/api/v3/sponsors/")["Surrogate-Key"].split()
