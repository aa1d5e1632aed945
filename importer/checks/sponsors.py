"""Checks of sponsorships."""

from importer.core.comparison import Check, checked
from importer.sections.sponsors.rows import CONTRACTS, PREFIX, STATES
from importer.sections.sponsors.sponsorships import DATES
from sponsors.models import (
    Benefit,
    Contact,
    Contract,
    LegalClause,
    MessageTemplate,
    Package,
    Sponsor,
    Sponsorship,
    SponsorshipBenefit,
    SponsorshipProgram,
)

SPONSOR = ("name", "description", "landing_page_url", "primary_phone", "web_logo", "city", "postal_code", "country")

checked(
    f"{PREFIX}sponsorshipprogram",
    Check(SponsorshipProgram, {"name": "name", "description": "description", "sort_order": "order"}),
)
checked(f"{PREFIX}legalclause", Check(LegalClause, {"clause": "clause", "notes": "notes"}))
checked(
    f"{PREFIX}sponsorshippackage",
    Check(
        Package,
        {"name": "name", "slug": "slug", "amount": "sponsorship_amount", "advertise": "advertise", "sort_order": "order"},
        state=("sponsorship_year.year", "year"),
    ),
)
checked(
    f"{PREFIX}sponsorshipbenefit",
    Check(
        Benefit,
        {"name": "name", "program_id": "program", "internal_value": "internal_value", "capacity": "capacity", "is_new": "new"},
        state=("sponsorship_year.year", "year"),
    ),
)
checked(f"{PREFIX}sponsor", Check(Sponsor, {name: name for name in SPONSOR}))
checked(
    f"{PREFIX}sponsorcontact",
    Check(Contact, {name: name for name in ("name", "email", "phone", *Contact.ROLES)} | {"sponsor_id": "sponsor"}),
)
checked(
    f"{PREFIX}sponsorship",
    Check(
        Sponsorship,
        {**DATES, "sponsor_id": "sponsor", "package_id": "package", "fee": "sponsorship_fee"},
        state=("state", lambda fields: STATES[fields["status"]]),
    ),
)
checked(
    f"{PREFIX}sponsorbenefit",
    Check(SponsorshipBenefit, {"name": "name", "sponsorship_id": "sponsorship", "value": "benefit_internal_value"}),
)
checked(
    f"{PREFIX}contract",
    Check(
        Contract,
        {"sponsorship_id": "sponsorship", "pdf": "document"},
        state=("state", lambda fields: CONTRACTS[fields["status"]]),
    ),
)
checked(
    f"{PREFIX}sponsoremailnotificationtemplate",
    Check(MessageTemplate, {"name": "internal_name", "subject": "subject", "body": "content"}),
)
