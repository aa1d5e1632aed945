"""Sponsorship admin: board, list, sponsorship pages, deliverables, contracts, sponsorship years, messages and reports."""

import io
import zipfile
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader

from cms.delivery.cached import generation
from cms.platform.models import ScheduleState
from cms.undo.models import UndoStep
from demo import sponsors
from sponsors import contracts, dashboard_items, deliverables, documents, reminders, sponsorship_years, tasks
from sponsors.contract_template import parse, spell_number, to_html
from sponsors.dashboard_filters import ACTIVE, ENDED, in_stage
from sponsors.models import (
    Contract,
    ContractTemplate,
    Kind,
    LegalClause,
    MessageTemplate,
    Sponsorship,
    SponsorshipDeliverable,
    SponsorshipYear,
    State,
)
from tests.factories.sponsors import (
    BenefitFactory,
    ContactFactory,
    DeliverableFactory,
    PackageFactory,
    SponsorFactory,
    SponsorshipFactory,
    SponsorshipYearFactory,
)
from tests.factories.users import UserFactory
from tests.sponsors.conftest import pdf, png, ready_contract

pytestmark = pytest.mark.django_db
DASHBOARD = "/admin/sponsors/sponsorships/"


@pytest.fixture
def package():
    package = PackageFactory()
    benefit = BenefitFactory(sponsorship_year=package.sponsorship_year, name="Full-page ad", packages=[package], capacity=9)
    DeliverableFactory(benefit=benefit, key="about", label="About you", due_on=timezone.localdate() + timedelta(days=10))
    DeliverableFactory(benefit=benefit, kind=Kind.VOUCHER, key="code-2026", label="Voucher", due_on=date(2024, 2, 29))
    clauses = [LegalClause.objects.create(internal_name=name, clause=name, sort_order=place) for place, name in enumerate("AB")]
    benefit.clauses.set(reversed(clauses))
    return package


@pytest.fixture
def sponsorship(package):
    found = SponsorshipFactory(
        package=package, sponsorship_year=package.sponsorship_year, sponsor__name="Smith & Söhne_50% #1 青空"
    )
    ContactFactory(sponsor=found.sponsor)
    return found


@pytest.fixture
def staff(client, manager):
    client.force_login(manager)
    return client


def text_of(response):
    return " ".join(response.content.decode().split())


def grow(number):
    package = PackageFactory()
    for _ in range(number):
        SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, state=State.REVIEW)


@pytest.mark.parametrize(
    "address", [DASHBOARD, f"{DASHBOARD}list/", f"{DASHBOARD}?missing=any&benefit=Full-page ad&stage=review"]
)
def test_board_and_list_take_few_queries_for_any_number(staff, package, address, django_assert_max_num_queries):
    grow(3)
    staff.get(address)
    with django_assert_max_num_queries(16) as few:
        staff.get(address)
    grow(30)
    with django_assert_max_num_queries(len(few)):
        assert staff.get(address).status_code == 200


def test_the_board_adds_up_fees_by_currency_and_says_how_long_a_sponsorship_waits(staff, package):
    SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, state=State.REVIEW, fee=1200)
    SponsorshipFactory(sponsorship_year__year=2027, sponsorship_year__currency="EUR", state=State.REVIEW, fee=800)
    text = text_of(staff.get(DASHBOARD))
    assert "€800" in text
    assert "US$1,200" in text
    assert "No owner, since today" in text


def test_only_agreed_sponsorships_owe_something_and_what_is_settled_comes_last(staff, sponsorship, manager):
    SponsorshipFactory(package=sponsorship.package, sponsorship_year=sponsorship.sponsorship_year, state=State.APPLIED)
    about = SponsorshipDeliverable.objects.get(sponsorship_benefit__sponsorship=sponsorship, key="about")
    about.due_on = date(2020, 1, 1)
    about.save()
    about.waive(by=manager)
    rows = staff.get("/admin/sponsors/deliverables/").context["rows"]
    assert [(row["item"].key, row["item"].sponsorship_benefit.sponsorship) for row in rows] == [
        ("code-2026", sponsorship),
        ("about", sponsorship),
    ]


def test_the_approval_proposes_dates_after_the_last_sponsorship(staff, sponsorship, package):
    renewal = SponsorshipFactory(
        sponsor=sponsorship.sponsor,
        package=package,
        sponsorship_year=SponsorshipYearFactory(year=2027),
        state=State.REVIEW,
        fee=5,
    )
    page = staff.get(f"{DASHBOARD}{renewal.pk}/do/approve/")
    assert page.context["form"].initial["starts_on"] == sponsorship.ends_on + timedelta(days=1)
    assert "oversell" not in page.context["form"].fields
    assert f'Last signed sponsorship: <a href="{sponsorship.get_absolute_url()}"' in text_of(page)


def test_the_first_screen_leads_to_what_waits(staff, manager, sponsorship):
    SponsorshipFactory(package=sponsorship.package, sponsorship_year=sponsorship.sponsorship_year, state=State.APPLIED)
    SponsorshipDeliverable.objects.filter(key__in=["about", "code-2026"]).update(due_on=date(2020, 1, 1))
    found = {line.text: line for line in dashboard_items.get_dashboard_items(manager, timezone.now())}
    assert {text: line.count for text, line in found.items()} == {
        "new application": 1,
        "sponsor assets to review": 0,
        "signed copies to review": 0,
        "overdue from sponsors": 1,
        "overdue from us": 1,
        "sponsorships end within 90 days": 0,
        "sponsorship not invoiced": 1,
        "late payments": 0,
    }
    assert staff.get(found["new application"].url).context["page_obj"].paginator.count == 1
    assert [row["item"].key for row in staff.get(found["overdue from sponsors"].url).context["rows"]] == ["about"]
    assert [row["item"].key for row in staff.get(found["overdue from us"].url).context["rows"]] == ["code-2026"]

    about = SponsorshipDeliverable.objects.get(key="about", sponsorship_benefit__sponsorship=sponsorship)
    about.submit(by=manager, text="We draw maps.")
    sponsorship.contracts.create(state="sent", kind="amendment", signed_file="signed.pdf")
    found = {line.text: line for line in dashboard_items.get_dashboard_items(manager, timezone.now())}
    assert [row["item"].key for row in staff.get(found["sponsor asset to review"].url).context["rows"]] == ["about"]
    assert list(staff.get(found["signed copy to review"].url).context["page_obj"]) == [sponsorship]


def test_the_board_knows_where_a_card_may_be_dropped(staff, sponsorship):
    Sponsorship.objects.update(state=State.REVIEW)
    text = text_of(staff.get(DASHBOARD))
    assert "approved:approve" in text
    assert "applied:put_back" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stage=active", True),
        ("stage=ended", False),
        ("stage=signed", False),
        ("stage=applied&stage=active", True),
        ("benefit=Full-page ad", True),
        ("package=other", False),
        ("missing=about", True),
        ("missing=any", True),
        ("missing=logo", False),
        ("missing=contact", False),
        ("q=söhne", True),
        ("sponsorship_year=999", True),
    ],
)
def test_the_list_and_its_export_find_the_same(staff, sponsorship, query, found):
    assert ("Söhne" in text_of(staff.get(f"{DASHBOARD}list/?{query}"))) == found
    assert ("Söhne" in staff.get(f"{DASHBOARD}export.csv?{query}").content.decode()) == found


def test_the_export_is_a_table_without_formulas(staff, sponsorship):
    SponsorFactory()
    SponsorshipFactory(sponsorship_year=sponsorship.sponsorship_year, package=None, sponsor__name="=1+1", sponsor__web_logo="")
    book = load_workbook(io.BytesIO(staff.get(f"{DASHBOARD}export.xlsx").content))
    rows = list(book.active.values)
    assert rows[0][1] == "Company Name"
    assert "'=1+1" in {row[1] for row in rows}


ROLES = {
    "Sponsorship": {"view", "move", "export", "mail", "item", "grid"},
    "Sponsorship coordinators": {"view", "export", "mail", "item", "grid"},
    "Sponsorship legal": {"view", "grid"},
    "Sponsorship finance": {"view", "export", "grid"},
    "Sponsorship auditors": {"view", "grid"},
    "Content editors": set(),
    "Sponsor publishers": set(),
}


@pytest.mark.parametrize("role", ROLES)
def test_rights_are_apart(client, sponsorship, role):
    client.force_login(UserFactory(role=role))
    addresses = {
        "view": f"{DASHBOARD}{sponsorship.pk}/",
        "move": f"{DASHBOARD}{sponsorship.pk}/do/cancel/",
        "export": f"{DASHBOARD}export.csv",
        "mail": f"{DASHBOARD}write/",
        "grid": f"/admin/sponsors/years/offer/{sponsorship.sponsorship_year_id}/",
    }
    opened = {name for name, address in addresses.items() if client.get(address).status_code == 200}
    if (
        client.post("/admin/sponsors/deliverables/bulk/", {"action": "accept"}, follow=False)
        .get("Location", "")
        .startswith("/admin/sponsors")
    ):
        opened.add("item")
    assert opened == ROLES[role]


@pytest.mark.parametrize("tab", ["overview", "benefits", "deliverables", "contract", "messages", "history"])
@pytest.mark.parametrize("kind", ["whole", "bare"])
def test_every_tab_opens_whatever_the_sponsorship_lacks(staff, sponsorship, tab, kind):
    if kind == "bare":
        sponsorship = SponsorshipFactory(
            package=None, sponsorship_year=sponsorship.sponsorship_year, sponsor__web_logo="", state=State.APPLIED, fee=None
        )
        sponsorship.sponsorship_benefits.create(name="An erased benefit")
    else:
        ready_contract(sponsorship, values={"sponsor_name": "x"})
        SponsorshipFactory(
            sponsor=sponsorship.sponsor, sponsorship_year=sponsorship.sponsorship_year, package=sponsorship.package
        )
    assert staff.get(f"{DASHBOARD}{sponsorship.pk}/?tab={tab}").status_code == 200


def test_pages_of_the_dashboard_that_are_not_there(staff, sponsorship):
    for path in ("?tab=nonsense", "do/nonsense/"):
        assert staff.get(f"{DASHBOARD}{sponsorship.pk}/{path}").status_code == 404
    assert staff.get(f"{DASHBOARD}{sponsorship.pk}/do/take/").url.endswith("?tab=overview")


def test_opening_the_form_of_an_action_changes_nothing_and_sending_it_does(staff, package):
    sponsorship = SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, state=State.REVIEW)
    address = f"{DASHBOARD}{sponsorship.pk}/do/approve/"
    staff.get(address)
    assert Sponsorship.objects.get().state == State.REVIEW
    wrong = staff.post(address, {"package": package.pk, "fee": 0, "starts_on": "2026-03-01", "ends_on": "2026-03-01"})
    assert "The last day must be after the first day." in text_of(wrong)
    staff.post(address, {"package": package.pk, "fee": 0, "starts_on": "2026-03-01", "ends_on": "2027-02-28"})
    assert (Sponsorship.objects.get().state, Sponsorship.objects.get().fee) == (State.APPROVED, 0)


def test_staff_enter_a_sponsorship(staff, sponsorship):
    sponsor = SponsorFactory()
    data = {
        "sponsor": sponsor.pk,
        "sponsorship_year": sponsorship.sponsorship_year_id,
        "package": sponsorship.package_id,
        "reason": "By phone.",
    }
    staff.post(f"{DASHBOARD}new/", data)
    new = sponsor.sponsorships.get()
    assert (new.state, new.sponsorship_benefits.count(), new.fee) == (State.APPLIED, 1, 150_000)
    assert "has already applied for 2026" in text_of(staff.post(f"{DASHBOARD}new/", data))
    other = PackageFactory(sponsorship_year__year=2030).pk
    assert "another sponsorship year" in text_of(staff.post(f"{DASHBOARD}new/", data | {"package": other}))
    staff.post(f"{DASHBOARD}new/", data | {"sponsor": sponsorship.sponsor_id, "renew": "on"})
    assert Sponsorship.objects.first().renewal_of == sponsorship


def test_terms_of_an_open_sponsorship_change_and_of_a_signed_one_stay(staff, sponsorship, manager):
    data = {
        "package": sponsorship.package_id,
        "fee": 5,
        "starts_on": sponsorship.starts_on,
        "ends_on": sponsorship.ends_on,
        "notes": "Nice people.",
    }
    staff.post(f"{DASHBOARD}{sponsorship.pk}/terms/", data)
    sponsorship.refresh_from_db()
    assert (sponsorship.fee, sponsorship.notes) == (150_000, "Nice people.")
    sponsorship.amend(by=manager, reason="Smaller.")
    staff.post(f"{DASHBOARD}{sponsorship.pk}/terms/", data)
    assert Sponsorship.objects.get().fee == 5
    staff.post(f"{DASHBOARD}{sponsorship.pk}/terms/", data | {"ends_on": sponsorship.starts_on})
    assert Sponsorship.objects.get().ends_on == sponsorship.ends_on


def test_lines_change_one_by_one(staff, sponsorship, manager):
    extra = BenefitFactory(sponsorship_year=sponsorship.sponsorship_year, name="Booth")
    address = f"{DASHBOARD}{sponsorship.pk}/benefits/"
    staff.post(address, {"add": "1", "benefit": extra.pk})
    assert sponsorship.sponsorship_benefits.count() == 1
    sponsorship.amend(by=manager, reason="More.")
    staff.post(address, {"add": "1", "benefit": ""})
    staff.post(address, {"add": "1", "benefit": extra.pk})
    first = sponsorship.sponsorship_benefits.get(name="Full-page ad")
    first.benefit.name = "Two pages"
    first.benefit.save()
    assert "Two pages" in text_of(staff.get(f"{DASHBOARD}{sponsorship.pk}/?tab=benefits"))
    staff.post(address, {"update": first.pk})
    staff.post(address, {"remove": first.pk})
    first.refresh_from_db()
    assert (first.name, first.removed) == ("Two pages", True)
    staff.post(address, {"restore": first.pk})
    assert sponsorship.active_benefits().count() == 2


@pytest.mark.parametrize("data", [{"action": "accept"}, {"action": "waive"}, {"action": "extend", "due_on": "2027-01-01"}])
def test_bulk_actions_on_items_are_undone_together(staff, sponsorship, manager, data):
    items = SponsorshipDeliverable.objects.filter(key__in=["about", "code-2026"])
    items.get(key="about").submit(by=manager, text="We sail.")
    before = list(items.order_by("pk").values("state", "due_on", "own_due_on"))
    page = staff.post("/admin/sponsors/deliverables/bulk/", data | {"item": [item.pk for item in items]}, follow=True)
    assert list(items.order_by("pk").values("state", "due_on", "own_due_on")) != before
    batches = set(UndoStep.objects.values_list("batch", flat=True))
    assert len(batches) == 1
    url = reverse("undo", args=batches)
    assert url in page.content.decode()
    staff.post(url)
    assert list(items.order_by("pk").values("state", "due_on", "own_due_on")) == before


def test_items_are_worked_on_in_bulk(staff, sponsorship, manager, sent):
    about, code = SponsorshipDeliverable.objects.get(key="about"), SponsorshipDeliverable.objects.get(key="code-2026")
    bulk = "/admin/sponsors/deliverables/bulk/"
    assert "About you" in text_of(staff.get("/admin/sponsors/deliverables/?direction=in&overdue=false&state=waiting"))
    assert "Voucher" in text_of(staff.get("/admin/sponsors/deliverables/?direction=out&overdue=true"))
    about.submit(by=manager, text="We sail.")
    for data in (
        {"action": "accept", "item": [about.pk, code.pk]},
        {"action": "extend", "item": about.pk, "due_on": "2027-01-01"},
        {"action": "extend", "item": about.pk, "due_on": "soon"},
        {"action": "accept"},
    ):
        staff.post(bulk, data)
    about.refresh_from_db()
    assert (about.state, about.due_on, about.own_due_on) == ("accepted", date(2027, 1, 1), True)
    staff.post(bulk, {"action": "request_changes", "item": about.pk, "comment": "Longer."})
    assert sent(lambda: staff.post(bulk, {"action": "remind", "item": [about.pk, code.pk]})) == []
    mails = sent(lambda: staff.post("/admin/draft-messages/apply/", {"action": "send", "all": "1"}))
    assert "About you" in mails[-1].body
    staff.post(f"{DASHBOARD}{sponsorship.pk}/deliverables/", {"action": "deliver", "item": code.pk, "text": "ABC-1"})
    staff.post(bulk, {"action": "waive", "item": about.pk})
    assert set(SponsorshipDeliverable.objects.values_list("state", flat=True)) == {"delivered", "waived"}
    assert staff.post(bulk, {"action": "nonsense"}).status_code == 404


def test_what_sponsors_sent_comes_as_a_zip(staff, sponsorship, manager):
    assert staff.get("/admin/sponsors/deliverables/sent.zip").status_code == 302
    slide = DeliverableFactory(benefit=sponsorship.sponsorship_benefits.get().benefit, kind=Kind.IMAGE, key="slide")
    sponsorship.sponsorship_benefits.get().refresh_deliverables()
    SponsorshipDeliverable.objects.get(key="about").submit(by=manager, text="We sail.")
    SponsorshipDeliverable.objects.get(deliverable=slide).submit(by=manager, file=png())
    archive = zipfile.ZipFile(io.BytesIO(staff.get("/admin/sponsors/deliverables/sent.zip").content))
    assert {name.rpartition("/")[2] for name in archive.namelist()} == {"about.txt", "slide.png"}
    assert all(name.startswith("Smith & Söhne_50_ _1 青空/") for name in archive.namelist())


def test_codes_are_pasted_from_a_table(staff, sponsorship):
    text = f"{sponsorship.sponsor.name},ABC-1\nNobody,XYZ\nonly a name\n\n"
    staff.post("/admin/sponsors/deliverables/codes/", {"key": "code-2026", "codes": text})
    assert SponsorshipDeliverable.objects.get(key="code-2026").value == "ABC-1"
    given, refused = deliverables.give_codes(text, "code-2026", by=None)
    assert (given, len(refused)) == (1, 2)


def test_reminders_go_out_once_for_each_stage_and_never_to_those_who_delivered(sponsorship, manager, sent):
    about = SponsorshipDeliverable.objects.get(key="about")
    days = {}
    for left in range(20, -4, -1):
        on = about.due_on - timedelta(days=left)
        days[left] = (reminders.send_due(on), reminders.send_due(on))
    assert [left for left, counts in days.items() if counts[0]] == [14, 7, 1, -1]
    assert not any(second for _, second in days.values())
    about.refresh_from_db()
    about.extend(by=manager, due_on=about.due_on + timedelta(days=30))
    # After an outage, only the most urgent reminder is sent.
    assert (reminders.send_due(about.due_on), reminders.send_due(about.due_on)) == (1, 0)
    about.extend(by=manager, due_on=about.due_on + timedelta(days=30))
    about.submit(by=manager, text="We sail.")
    assert reminders.send_due(about.due_on) == 0


def test_nobody_is_reminded_of_a_sponsorship_that_is_not_agreed(sponsorship):
    Sponsorship.objects.update(state=State.DECLINED)
    assert reminders.send_due(SponsorshipDeliverable.objects.get(key="about").due_on) == 0


def test_an_unsigned_contract_is_followed_up_every_two_weeks(sponsorship, sent):
    contract = ready_contract(sponsorship)
    contract.mark_sent()
    Contract.objects.update(sent_at=timezone.now() - timedelta(days=15))
    assert "Reminder" in sent(tasks.remind_sponsors.call)[-1].subject
    # The second email reminds of the text that is due in ten days.
    assert len(sent(tasks.remind_sponsors.call)) == 2


BODY = """# Agreement

**{{ sponsor_name }}**, *{{ level }}*, {{ fee }} ({{ fee_in_words }})
second line

{{ benefits }}

1. First
2. Second

{{ clauses }}

---

## End

    indented {{ season }}
"""


@pytest.fixture
def approved(sponsorship):
    Sponsorship.objects.update(state=State.APPROVED)
    sponsorship.refresh_from_db()
    sponsorship.sponsorship_year.contract_template = ContractTemplate.objects.create(name="New", body=BODY)
    sponsorship.sponsorship_year.save()
    return sponsorship


def test_a_contract_keeps_every_character_in_both_documents(approved, manager, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        contract = contracts.create_contract(approved, approved.sponsorship_year.contract_template, by=manager)
    contract.refresh_from_db()
    assert contract.problem == ""
    with contract.docx.open() as docx, contract.pdf.open() as printed:
        words = "\n".join(paragraph.text for paragraph in Document(docx).paragraphs)
        pages = "\n".join(page.extract_text() for page in PdfReader(printed).pages)
    for text in (words, pages):
        for piece in ("Smith & Söhne_50% #1 青空", "Full-page ad [1] [2]", "one hundred fifty thousand", "US$150,000"):
            assert piece in " ".join(text.split()), piece
    assert words.index("1.\tA") < words.index("2.\tB")
    approved.sponsor.name = "Renamed"
    approved.sponsor.save()
    assert contract.values["sponsor_name"] == "Smith & Söhne_50% #1 青空"


def test_a_rule_in_the_text_begins_a_page_in_both_documents(approved, manager, django_capture_on_commit_callbacks):
    template = approved.sponsorship_year.contract_template
    template.body = "First {{ sponsor_name }}\n\n---\n\nSecond"
    template.save()
    with django_capture_on_commit_callbacks(execute=True):
        contract = contracts.create_contract(approved, template, by=manager)
    contract.refresh_from_db()
    with contract.docx.open() as docx, contract.pdf.open() as printed:
        assert sum('w:br w:type="page"' in paragraph._p.xml for paragraph in Document(docx).paragraphs) == 1
        pages = [page.extract_text() for page in PdfReader(printed).pages]
    assert [page.split()[0] for page in pages] == ["First", "Second"]


def test_a_document_fetches_nothing(approved, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("opensesame")
    body = f"![x](file://{secret}) <object data='file://{secret}'></object> {{{{ sponsor_name }}}}"
    approved.sponsor.name = f'<img src="file://{secret}">'
    values = documents.get_merge_values(approved)
    printed = documents.render_pdf(Contract(sponsorship=approved, body=body, values=values))
    assert "opensesame" not in PdfReader(io.BytesIO(printed)).pages[0].extract_text()
    assert "<img" in PdfReader(io.BytesIO(printed)).pages[0].extract_text()


def test_a_contract_names_what_is_missing(staff, approved, manager):
    template = approved.sponsorship_year.contract_template
    template.body += "{{ contact_phone }} {{ previous_starts_on }}"
    template.save()
    assert len(contracts.missing_fields(template, approved)) == 2
    with pytest.raises(ValidationError, match="Complete these fields first: Phone number of the primary contact"):
        contracts.create_contract(approved, template, by=manager)
    assert ": Phone" in text_of(staff.get(f"{DASHBOARD}{approved.pk}/?tab=contract"))
    with pytest.raises(PermissionDenied):
        contracts.create_contract(approved, template, by=UserFactory())
    template.body = "{{ nonsense }}"
    with pytest.raises(ValidationError, match="Unknown merge fields: nonsense"):
        template.clean()
    template.body, template.letterhead = "", ContentFile(b"%PDF-", name="a.pdf")
    with pytest.raises(ValidationError, match="Upload one of these types: DOCX"):
        template.clean_fields()


def test_a_machine_without_the_libraries_says_so_and_makes_the_docx(approved, manager, monkeypatch):
    contract = contracts.create_contract(approved, approved.sponsorship_year.contract_template, by=manager)
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    contracts.render_contract.call(contract.pk)
    contract.refresh_from_db()
    assert "PDF files cannot be created" in contract.problem
    assert contract.docx
    assert not contract.pdf


def test_a_letterhead_with_no_place_for_the_text_is_named(approved, manager):
    template = approved.sponsorship_year.contract_template
    buffer = io.BytesIO()
    Document().save(buffer)
    template.letterhead.save("letter.docx", ContentFile(buffer.getvalue()))
    contract = contracts.create_contract(approved, template, by=manager)
    contracts.render_contract.call(contract.pk)
    contract.refresh_from_db()
    assert "has no paragraph with {{ body }}" in contract.problem
    with pytest.raises(ValueError, match="must not load external files"):
        documents.refuse("https://example.org/")


def test_the_contract_tab_makes_voids_and_sends(staff, approved, manager, sent):
    address = f"{DASHBOARD}{approved.pk}/contract/"
    sent(lambda: staff.post(address, {"make": "1", "template": approved.sponsorship_year.contract_template_id}))
    sent(lambda: staff.post(address, {"make": "1", "template": approved.sponsorship_year.contract_template_id}))
    newest, oldest = Contract.objects.all()
    assert (newest.state, oldest.state) == ("draft", "void")
    staff.post(address, {"void": newest.pk, "reason": ""})
    staff.post(address, {"render": newest.pk})
    staff.post(address, {"void": newest.pk, "reason": "Wrong fee."})
    newest.refresh_from_db()
    assert (newest.state, newest.void_reason) == ("void", "Wrong fee.")
    staff.post(address, {"make": "1", "template": "x"})
    with pytest.raises(ValidationError, match="already void"):
        newest.void(by=manager, reason="x")


def test_an_amendment_goes_beside_the_signed_sponsorship(staff, client, sponsorship, manager):
    template = ContractTemplate.objects.create(name="Amendment", kind="amendment", body="{{ sponsor_name }}")
    with pytest.raises(ValidationError, match="Open an amendment"):
        contracts.create_contract(sponsorship, template, by=manager)
    sponsorship.amend(by=manager, reason="Larger.")
    paper = contracts.create_contract(sponsorship, template, by=manager)
    address = f"{DASHBOARD}{sponsorship.pk}/contract/"
    staff.post(address, {"sign": paper.pk})
    with pytest.raises(ValidationError, match="not ready yet"):
        contracts.send_amendment(paper, by=manager)
    contracts.render_contract.func(paper.pk)
    staff.post(address, {"send": paper.pk})
    second = contracts.create_contract(sponsorship, template, by=manager)
    contracts.render_contract.func(second.pk)
    with pytest.raises(ValidationError, match="Another amendment was sent"):
        contracts.send_amendment(Contract.objects.get(pk=second.pk), by=manager)
    staff.post(address, {"sign": paper.pk})
    # Legal may record signatures too.
    client.force_login(UserFactory(role="Sponsorship legal"))
    client.post(address, {"sign": paper.pk, "signed_file": pdf()})
    paper.refresh_from_db()
    assert (paper.state, Sponsorship.objects.get().state, Sponsorship.objects.get().amending_since) == (
        "signed",
        State.SIGNED,
        None,
    )
    with pytest.raises(ValidationError, match="signed contract cannot be voided"):
        paper.void(by=manager, reason="x")


def test_a_signed_copy_is_declined_with_a_reason_and_a_sent_contract_is_not_voided(staff, package, manager, sent):
    sponsorship = SponsorshipFactory(package=package, sponsorship_year=package.sponsorship_year, state=State.APPROVED)
    ContactFactory(sponsor=sponsorship.sponsor, email="signer@example.org", administrative=True)
    contract = ready_contract(sponsorship)
    sponsorship.send(by=manager)
    address = f"{DASHBOARD}{sponsorship.pk}/contract/"
    contract.refresh_from_db()
    with pytest.raises(ValidationError, match="move the sponsorship back"):
        contracts.void_contract(contract, by=manager, reason="x")
    with pytest.raises(ValidationError, match="not submitted a signed copy"):
        contracts.decline_signed_copy(contract, by=manager, reason="x")
    contract.signed_file.save("signed.pdf", pdf())
    assert list(Sponsorship.objects.with_signed_copy()) == [sponsorship]
    with pytest.raises(ValidationError, match="Enter a reason"):
        contracts.decline_signed_copy(contract, by=manager, reason=" ")
    mails = sent(lambda: staff.post(address, {"decline": contract.pk, "reason": "The last page is missing."}))
    assert ["signer@example.org"] in [mail.to for mail in mails]
    assert "The last page is missing." in mails[-1].body
    contract.refresh_from_db()
    assert (contract.state, contract.signed_file.name) == ("sent", "")
    assert not Sponsorship.objects.with_signed_copy().exists()


def test_markup_in_values_is_only_text():
    blocks = parse("Hello **{{ sponsor_name }}**\n\n{{ clauses }}", {"sponsor_name": "*a* <b>", "clauses": ["One\n\nTwo", ""]})
    assert "<strong>*a* &lt;b&gt;</strong>" in to_html(blocks)
    assert [block.kind for block in blocks] == ["p", "number", "more", "number"]


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "zero"), (21, "twenty-one"), (90, "ninety"), (1500, "one thousand five hundred"), (2_000_000, "two million")],
)
def test_fees_in_words(number, words):
    assert spell_number(number) == words


def test_a_new_sponsorship_year_is_a_copy_that_says_beforehand_what_it_does(staff, sponsorship, manager, sent):
    address = f"/admin/sponsors/years/copy/{sponsorship.sponsorship_year_id}/"
    assert staff.get(address).status_code == 200
    assert "Due dates to move" in text_of(staff.post(address, {"year": 2027, "dry": "1"}))
    assert not SponsorshipYear.objects.filter(year=2027).exists()
    assert "Choose a year after 2026" in text_of(staff.post(address, {"year": 2025}))
    sent(lambda: staff.post(address, {"year": 2027, "start": "1"}))
    new = SponsorshipYear.objects.get(year=2027)
    copied = new.benefits.get()
    assert copied.clauses.count() == 2
    assert LegalClause.objects.count() == 2
    assert new.packages.get().package_benefits.get().benefit == copied
    assert {row.key: row.due_on for row in copied.deliverables.all()}["code-2027"] == date(2025, 2, 28)
    assert "about-2027" in {row.key for row in copied.deliverables.all()}
    again = sponsorship_years.copy(sponsorship.sponsorship_year, 2027, by=manager)
    assert (again.copied, len(again.skipped)) == ([], 2)


def test_the_offer_is_edited_in_place(staff, sponsorship):
    sponsorship_year, package = sponsorship.sponsorship_year, sponsorship.package
    benefit = sponsorship_year.benefits.get()
    alone = BenefitFactory(sponsorship_year=sponsorship_year, availability="add_on", name="Lanyard")
    address = f"/admin/sponsors/years/offer/{sponsorship_year.pk}/"
    assert "Full-page ad" in text_of(staff.get(address))
    cell = f"{package.pk}-{benefit.pk}"
    for typed, amount in [("25", "25"), ("a dozen", "a dozen"), ("x", "")]:
        staff.post(address, {cell: typed})
        assert benefit.package_benefits.get().amount == amount
    staff.post(address, {cell: ""})
    assert not benefit.package_benefits.exists()
    staff.post(address, {f"{package.pk}-{alone.pk}": "x"})
    assert not alone.package_benefits.exists()


def test_recipients_are_shown_before_anything_is_sent(staff, sponsorship, sent):
    SponsorshipFactory(sponsorship_year=sponsorship.sponsorship_year, package=sponsorship.package, sponsor__name="Nobody There")
    address = f"{DASHBOARD}write/?sponsorship_year={sponsorship.sponsorship_year_id}"
    template = MessageTemplate.objects.create(name="Booths", subject="Hi {{ sponsor_name }}", body="{{ portal_url }}")
    data = {"roles": ["primary"], "template": template.pk}
    preview = text_of(staff.post(address, data | {"preview": "1"}))
    assert "ada@example.org" in preview
    assert "No contact with these roles" in preview
    assert sent(lambda: staff.post(address, data | {"send": "1", "sponsorship": [sponsorship.pk]})) == []
    mails = sent(lambda: staff.post("/admin/draft-messages/apply/", {"action": "send", "all": "1"}))
    assert [mail.subject for mail in mails] == ["Hi Smith & Söhne_50% #1 青空"]
    assert "Hi Smith" in text_of(staff.get(f"{DASHBOARD}{sponsorship.pk}/?tab=messages"))
    for wrong, words in [
        ({"subject": "x", "body": "y"}, "not both"),
        ({"template": ""}, "Enter a subject and a message"),
        ({"template": "", "subject": "x", "body": "{% if %}"}, "Check the braces"),
    ]:
        assert words in text_of(staff.post(address, data | wrong))


@pytest.mark.parametrize("query", ["", "?on=2026-01-01", "?on=never", "?sponsorship_year=2026"])
def test_reports_open(staff, sponsorship, query):
    text = text_of(staff.get(f"/admin/sponsors/reports/{query}"))
    assert "Benefits sold and capacity" in text
    assert "US$150,000" in text


@pytest.mark.parametrize(
    "name",
    [
        "wagtailsnippets_sponsors_sponsor",
        "sponsors_contact",
        "sponsors_package",
        "sponsors_benefit",
        "sponsors_sponsorship_year",
        "wagtailsnippets_sponsors_contracttemplate",
        "wagtailsnippets_sponsors_messagetemplate",
    ],
)
def test_lists_and_forms_open(staff, sponsorship, name):
    ContractTemplate.objects.create(name="New", body=BODY)
    MessageTemplate.objects.create(name="Booths", subject="Hi", body="Ho")
    models = {
        "sponsor": sponsorship.sponsor,
        "contact": sponsorship.sponsor.contacts.get(),
        "package": sponsorship.package,
        "year": sponsorship.sponsorship_year,
    }
    models |= {"benefit": sponsorship.sponsorship_year.benefits.get(), "contracttemplate": ContractTemplate.objects.get()}
    row = (models | {"messagetemplate": MessageTemplate.objects.get()})[name.rpartition("_")[2]]
    for part, arguments in (("list" if name.startswith("wagtail") else "index", []), ("add", []), ("edit", [row.pk])):
        assert staff.get(reverse(f"{name}:{part}", args=arguments)).status_code == 200
    assert staff.get("/admin/sponsors/programs/").status_code == 200
    assert staff.get("/admin/sponsors/clauses/").status_code == 200
    assert "Sponsors" in text_of(staff.get("/admin/"))


def test_the_demo_fills_every_column_of_the_board():
    UserFactory(is_superuser=True)
    sponsors.fill()
    sponsors.fill()
    assert set(Sponsorship.objects.values_list("state", flat=True)) == {"applied", "review", "approved", "sent", "signed"}


@pytest.mark.parametrize(("begins", "ends", "number"), [(0, 9, 1), (-9, -1, 1), (-9, 0, 0), (1, 9, 0)])
def test_pages_with_logos_are_purged_when_a_sponsorship_begins_or_has_ended(
    sponsorship, django_capture_on_commit_callbacks, begins, ends, number
):
    tasks.purge_changed_sponsorships.call()
    ScheduleState.objects.update(done_until=timezone.now() - timedelta(days=1))
    today = timezone.now().date()
    Sponsorship.objects.update(starts_on=today + timedelta(days=begins), ends_on=today + timedelta(days=ends))
    before = generation()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.purge_changed_sponsorships.call()
    assert generation() == before + number


def test_a_sponsorship_is_active_until_the_end_of_its_last_day(sponsorship):
    Sponsorship.objects.update(
        state=State.SIGNED, starts_on=timezone.localdate() - timedelta(days=1), ends_on=timezone.localdate()
    )
    found = {stage: in_stage(Sponsorship.objects.all(), "stage", [stage]).exists() for stage in (State.SIGNED, ACTIVE, ENDED)}
    assert found == {State.SIGNED: False, ACTIVE: True, ENDED: False}
