"""Demo sponsorships. The companies, people and prices are invented."""

from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from sponsors.contracts import create_contract
from sponsors.models import (
    Benefit,
    Contact,
    ContractTemplate,
    Deliverable,
    Kind,
    LegalClause,
    MessageTemplate,
    Package,
    PackageBenefit,
    Selection,
    Sponsor,
    Sponsorship,
    SponsorshipProgram,
    SponsorshipSettings,
    SponsorshipYear,
)
from sponsors.workflows import create_sponsorship
from users.models import User

PACKAGES = [("Visionary", 150_000, 350), ("Sustainability", 90_000, 300), ("Maintaining", 60_000, 275)]
PACKAGES += [("Contributing", 30_000, 225), ("Supporting", 15_000, 200), ("Associate", 1_500, 150)]
LEVELS = [name for name, _, _ in PACKAGES]
# Program, benefit, in the packages down to this level, quantities from the top, value, capacity, availability
BENEFITS = [
    ("Foundation", "Logo on the sponsors page", "Associate", [], 1000, None, "package_only"),
    ("Foundation", "Meeting with the board", "Sustainability", [], 5000, 4, "package_only"),
    ("Foundation", "Logo on the jobs pages", "Contributing", [], 4000, None, "package"),
    ("Core Development", "Logo on the downloads page", "Visionary", [], 15_000, 4, "package_only"),
    ("Core Development", "Quarterly call with the developers in residence", "Maintaining", [], 6000, 8, "package"),
    ("PyPI", "Logo in the PyPI footer", "Supporting", [], 8000, None, "package_only"),
    ("PyCon US", "Full conference passes", "Supporting", [25, 20, 15, 10, 5], 2500, None, "package"),
    ("PyCon US", "Booth in the expo hall", "Contributing", [], 9000, 12, "package"),
    ("PyCon US", "Slide shown during session breaks", "Maintaining", [], 3000, None, "package"),
    ("PyCon US", "Job fair table", "", [], 1500, 30, "add_on"),
    ("PyCon US", "Lanyards", "", [], 20_000, 1, "add_on"),
    ("PyCon US", "Sprint breakfast", "", [], 7500, 2, "standalone"),
]
PLACEMENTS = {
    "Logo on the sponsors page": ("psf", "sponsors"),
    "Logo on the jobs pages": ("psf", "jobs"),
    "Logo on the downloads page": ("psf", "download"),
    "Logo in the PyPI footer": ("pypi", "footer"),
}
REQUESTED: list[tuple[str, Kind, str, str, int, dict[str, Any]]] = [
    (
        "Slide shown during session breaks",
        Kind.IMAGE,
        "slide",
        "Slide for the session breaks",
        20,
        {"min_width": 1024, "min_height": 768},
    ),
    ("Booth in the expo hall", Kind.ANSWER, "booth-power", "Do you need power at your booth?", 12, {}),
    ("Job fair table", Kind.TEXT, "job-fair-text", "Description for the job fair", 6, {"max_length": 400}),
    (
        "Logo on the sponsors page",
        Kind.TEXT,
        "about",
        "Company description (two sentences)",
        -3,
        {"max_length": 300, "scope": "sponsor"},
    ),
]
GIVEN = [("Full conference passes", Kind.VOUCHER, "passes-code", "Voucher code for conference passes")]
SPONSORS = [
    # name, color, shape, level, state, days since the start
    ("Harbor Analytics", "#0b5f8a", "wave", "Visionary", "signed", 60),
    ("Lantern Health", "#8a3b12", "sun", "Sustainability", "signed", 40),
    ("Copperleaf Hosting", "#3f6b2a", "leaf", "Maintaining", "signed", 90),
    ("Tidewater Maps", "#1d4f91", "wave", "Contributing", "sent", 0),
    ("Saffron Payments", "#a85b00", "sun", "Supporting", "approved", 0),
    ("Fjord Instruments", "#22535c", "leaf", "Maintaining", "review", 0),
    ("青空ソフト", "#2a5fb0", "sun", "Contributing", "applied", 0),
    ("Pebble & Sons_Ltd", "#5b4a7a", "leaf", "Associate", "applied", 0),
]
SHAPES = {
    "wave": '<path d="M8 44c12-16 20-16 30 0s20 16 30 0" fill="none" stroke="{colour}" stroke-width="9" stroke-linecap="round"/>',
    "sun": '<circle cx="38" cy="40" r="19" fill="{colour}"/>'
    '<circle cx="38" cy="40" r="30" fill="none" stroke="{colour}" stroke-width="4"/>',
    "leaf": '<path d="M12 66C12 26 40 12 68 12c0 34-18 54-56 54z" fill="{colour}"/>',
}
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 80" width="{width}" height="80">{shape}'
    '<text x="86" y="52" font-family="sans-serif" font-size="30" font-weight="700" fill="{ink}">{name}</text></svg>'
)
TEMPLATE = """\
# Sponsorship contract

Between the **{{ foundation_name }}**, {{ foundation_address }}, and **{{ sponsor_name }}**, {{ sponsor_address }},
incorporated in {{ sponsor_incorporation }}.

## 1. The sponsorship

{{ sponsor_name }} sponsors the Foundation at the *{{ package }}* level from {{ starts_on }} to {{ ends_on }}.

## 2. The fee

The fee is {{ fee }} ({{ fee_in_words }}), payable within 30 days of the invoice.

## 3. Benefits

{{ benefits }}

## 4. Terms

{{ clauses }}

---

## Signatures

For the Foundation: {{ signatory_name }}, {{ signatory_title }}

For {{ sponsor_name }}: {{ contact_name }}
"""
RENEWAL = TEMPLATE.replace("# Sponsorship contract", "# Sponsorship renewal contract").replace(
    "## 2. The fee", "It renews the contract that started on {{ previous_starts_on }}.\n\n## 2. The fee"
)
AMENDMENT = """\
# Amendment of the sponsorship contract

This amendment changes the contract between the **{{ foundation_name }}** and **{{ sponsor_name }}** that was signed on
{{ signed_on }}.

## 1. Changes

{{ changes }}

## 2. The sponsorship from now on

{{ sponsor_name }} sponsors the Foundation at the *{{ package }}* level from {{ starts_on }} to {{ ends_on }}.
The fee is {{ fee }} ({{ fee_in_words }}). The benefits are:

{{ benefits }}

All other terms of the contract remain unchanged.

---

## Signatures

For the Foundation: {{ signatory_name }}, {{ signatory_title }}

For {{ sponsor_name }}: {{ contact_name }}
"""
CLAUSES = {
    "Use of names": "Each party may use the name and logo of the other party only as described in this contract.",
    "Booths": "Sponsors choose their booths in the order in which contracts are signed.\n\nA booth may not be transferred.",
}


def logo(name: str, shape: str, colour: str, ink: str = "#15212c") -> ContentFile:
    drawing = SHAPES[shape].format(colour=colour)
    label = name.replace("&", "&amp;")
    width = 100 + sum(30 if not letter.isascii() else 18 for letter in name)
    return ContentFile(LOGO.format(shape=drawing, ink=ink, name=label, width=width).encode(), name="logo.svg")


def make_sponsorship_year(year: int) -> SponsorshipYear:
    today = timezone.localdate()
    templates = {
        kind: ContractTemplate.objects.get_or_create(name=name, defaults={"kind": kind, "body": body})[0]
        for kind, name, body in (
            ("new", "New sponsor", TEMPLATE),
            ("renewal", "Renewal", RENEWAL),
            ("amendment", "Amendment", AMENDMENT),
        )
    }
    sponsorship_year = SponsorshipYear.objects.create(
        year=year,
        opens_on=today - timedelta(days=60),
        contract_template=templates["new"],
        renewal_template=templates["renewal"],
    )
    packages = [
        Package.objects.create(
            sponsorship_year=sponsorship_year,
            name=name,
            slug=name.lower(),
            amount=amount,
            advertise=True,
            logo_dimension=size,
            sort_order=place,
        )
        for place, (name, amount, size) in enumerate(PACKAGES)
    ]
    clauses = {
        name: LegalClause.objects.create(internal_name=name, clause=text, sort_order=place)
        for place, (name, text) in enumerate(CLAUSES.items())
    }
    for place, (program, name, level, amounts, value, capacity, availability) in enumerate(BENEFITS):
        benefit = Benefit.objects.create(
            sponsorship_year=sponsorship_year,
            program=SponsorshipProgram.objects.get_or_create(
                name=program, defaults={"sort_order": SponsorshipProgram.objects.count()}
            )[0],
            name=name,
            description="Displayed for the full term of the sponsorship." if name.startswith("Logo") else "",
            internal_value=value,
            capacity=capacity,
            availability=availability,
            sort_order=place,
        )
        if name.startswith("Logo"):
            benefit.clauses.add(clauses["Use of names"])
        if "Booth" in name:
            benefit.clauses.add(clauses["Booths"])
        for number, package in enumerate(packages[: LEVELS.index(level) + 1 if level else 0]):
            quantity = amounts[number] if number < len(amounts) else None
            PackageBenefit.objects.create(package=package, benefit=benefit, quantity=quantity)
        if name in PLACEMENTS:
            publisher, where = PLACEMENTS[name]
            Deliverable.objects.create(benefit=benefit, kind=Kind.PLACEMENT, publisher=publisher, place=where)
    by_name = {benefit.name: benefit for benefit in sponsorship_year.benefits.all()}
    for name, kind, key, label, days, limits in REQUESTED:
        due = today + timedelta(days=days)
        full_key = key if limits.get("scope") == "sponsor" else f"{key}-{year}"
        Deliverable.objects.create(benefit=by_name[name], kind=kind, key=full_key, label=label, due_on=due, **limits)
    for name, kind, key, label in GIVEN:
        Deliverable.objects.create(
            benefit=by_name[name], kind=kind, key=f"{key}-{year}", label=label, due_on=today + timedelta(days=25)
        )
    return sponsorship_year


def make_sponsorship(sponsorship_year: SponsorshipYear, row: tuple[str, str, str, str, str, int], admin: User) -> Sponsorship:
    name, colour, shape, level, state, days = row
    sponsor = Sponsor(
        name=name,
        description=f"{name} uses Python in its products and supports the Python community.",
        landing_page_url="https://example.org/",
        primary_phone="+1 555 0100",
        mailing_address_line_1="1 Harbor Street",
        city="Port Amber",
        postal_code="10115",
        country="DE",
    )
    if state != "applied":
        sponsor.web_logo.save("logo.svg", logo(name, shape, colour), save=False)
        sponsor.white_logo.save("logo.svg", logo(name, shape, "#ffffff", "#ffffff"), save=False)
    sponsor.save()
    sponsor.save_revision(clean=False)
    Contact.objects.create(sponsor=sponsor, name="Ada Byron", email=f"ada@{sponsor.slug}.example", primary=True, user=admin)
    package = sponsorship_year.packages.get(name=level)
    benefits = Benefit.objects.filter(package_benefits__package=package)
    sponsorship = create_sponsorship(sponsor, Selection.of(sponsorship_year, package, benefits), by=admin, submitted_by=admin)
    advance(sponsorship, package, state, days, admin)
    return sponsorship


def advance(sponsorship: Sponsorship, package: Package, state: str, days: int, admin: User) -> None:
    """Set the state of a sponsorship without sending the emails of its transitions."""
    path = ["applied", "review", "approved", "sent", "signed"].index(state)
    today = timezone.localdate()
    sponsorship.owner = admin if path else None
    sponsorship.state = "approved" if path > 1 else state
    if path > 1:
        sponsorship.fee, sponsorship.approved_on = package.amount, today
        sponsorship.starts_on = today - timedelta(days=days)
        sponsorship.ends_on = sponsorship.starts_on + timedelta(days=364)
    sponsorship.save()
    template = sponsorship.sponsorship_year.contract_template
    if path <= 2 or template is None:  # noqa: PLR2004 -- no contract yet.
        return
    contract = create_contract(sponsorship, template, by=admin)
    contract.mark_sent()
    if state == "signed":
        contract.mark_signed(ContentFile(b"%PDF-1.4\n% The signed copy of a demo.\n", name="signed.pdf"))
        sponsorship.signed_on = today
    sponsorship.state, sponsorship.sent_on = state, today
    sponsorship.save()


def fill() -> None:
    """Create a sponsorship year, sponsors and sponsorships in each state, unless sponsors exist."""
    if Sponsor.objects.exists():
        return
    texts = SponsorshipSettings.load()
    texts.foundation_address, texts.signatory_name, texts.signatory_title = "1 Charity Row, Springfield", "Grace Hall", "Director"
    texts.save()
    admin = User.objects.filter(is_superuser=True).first()
    sponsorship_year = make_sponsorship_year(timezone.localdate().year)
    MessageTemplate.objects.create(
        name="Booth selection",
        subject="Choose your booth, {{ sponsor_name }}",
        body="Dear {{ sponsor_name }},\n\nPlease choose your booth in the sponsor portal: {{ portal_url }}\n",
    )
    if admin is None:
        return
    for row in SPONSORS:
        make_sponsorship(sponsorship_year, row, admin)
