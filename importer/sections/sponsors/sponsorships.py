"""Import sponsors and their sponsorships, with assets and provided items."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.utils.dateparse import parse_date, parse_datetime

from importer.core import Report, importer
from sponsors.models import (
    Benefit,
    Contact,
    Contract,
    Deliverable,
    MessageTemplate,
    Sponsor,
    SponsorAsset,
    Sponsorship,
    SponsorshipBenefit,
    SponsorshipDeliverable,
)
from sponsors.models.states import SUBMITTED

from .rows import CONTRACTS, KINDS, PREFIX, STATES, account, asset_values, sponsorship_year, waiting, write


@importer(f"{PREFIX}sponsor", Sponsor)
def import_sponsors(rows: list[dict], report: Report) -> None:
    """Import sponsors, with the anchor that the old site computed from the name at each request."""
    names = (
        *("name", "description", "landing_page_url", "linked_in_page_url", "twitter_handle", "primary_phone"),
        *("mailing_address_line_1", "mailing_address_line_2", "city", "state", "postal_code", "country"),
        *("country_of_incorporation", "state_of_incorporation", "web_logo", "white_logo", "print_logo"),
    )
    write("sponsor", Sponsor, rows, lambda fields: {name: fields.get(name) or "" for name in names}, report)
    lost = [
        row["fields"]["name"]
        for row in rows
        if row["fields"]["web_logo"] and not default_storage.exists(row["fields"]["web_logo"])
    ]
    if lost:
        report.note(f"Copy the old media files: the logos of {len(lost)} sponsors are missing.")


@importer(f"{PREFIX}sponsorcontact", Contact, after=[f"{PREFIX}sponsor"])
def import_contacts(rows: list[dict], report: Report) -> None:
    def values(fields: dict[str, Any]) -> dict[str, Any]:
        roles = {name: fields[name] for name in Contact.ROLES}
        person = {name: fields[name] or "" for name in ("name", "email", "phone")}
        return person | roles | {"sponsor_id": fields["sponsor"], "user_id": account(fields["user"])}

    write("sponsorcontact", Contact, rows, values, report)


@importer(f"{PREFIX}sponsorship", Sponsorship, after=[f"{PREFIX}sponsor", f"{PREFIX}sponsorshippackage"])
def import_sponsorships(rows: list[dict], report: Report) -> None:
    def values(fields: dict[str, Any]) -> dict[str, Any]:
        dates = {name: parse_date(fields[old] or "") for name, old in DATES.items()}
        sponsor = (
            fields["sponsor"] or Sponsor.objects.get_or_create(slug="former-sponsor", defaults={"name": "Former sponsor"})[0].pk
        )
        return dates | {
            "sponsor_id": sponsor,
            "sponsorship_year": sponsorship_year(fields["year"]),
            "package_id": fields["package"],
            "old_level": fields["level_name_old"] if not fields["package"] else "",
            "state": STATES[fields["status"]],
            "fee": fields["sponsorship_fee"],
            "submitted_by_id": account(fields["submited_by"]),
        }

    write("sponsorship", Sponsorship, rows, values, report)
    for row in rows:
        sponsorship = Sponsorship.objects.filter(pk=row["pk"]).first()
        if sponsorship and sponsorship.renewal_of_id is None and row["fields"]["renewal"]:
            Sponsorship.objects.filter(pk=sponsorship.pk).update(renewal_of=sponsorship.previous_signed())


DATES = {
    "applied_on": "applied_on",
    "approved_on": "approved_on",
    "signed_on": "finalized_on",
    "closed_on": "rejected_on",
    "starts_on": "start_date",
    "ends_on": "end_date",
}


@importer(f"{PREFIX}sponsorbenefit", SponsorshipBenefit, after=[f"{PREFIX}sponsorship", f"{PREFIX}sponsorshipbenefit"])
def import_lines(rows: list[dict], report: Report) -> None:
    benefits = Benefit.objects.prefetch_related("clauses").in_bulk()

    def values(fields: dict[str, Any]) -> dict[str, Any]:
        benefit = benefits.get(fields["sponsorship_benefit"])
        source = "standalone" if fields["standalone"] else "add_on" if fields["added_by_user"] else "package"
        clauses = benefit.clauses.all() if benefit else []
        return {
            "sponsorship_id": fields["sponsorship"],
            "benefit_id": benefit.pk if benefit else None,
            "program_id": fields["program"],
            "program_name": fields["program_name"][:300],
            "name": fields["name"][:300],
            "description": fields["description"] or "",
            "value": fields["benefit_internal_value"],
            "source": source,
            "sort_order": fields["order"],
            "clauses": [{"order": one.sort_order, "name": one.internal_name, "text": one.clause} for one in clauses],
        }

    write("sponsorbenefit", SponsorshipBenefit, rows, values, report)


@importer(f"{PREFIX}tieredbenefit", SponsorshipBenefit, after=[f"{PREFIX}sponsorbenefit", f"{PREFIX}benefitfeature"])
def import_line_quantities(rows: list[dict], report: Report) -> None:
    for row in rows:
        owner = waiting["benefitfeature"].get(row["pk"], {}).get("sponsor_benefit", 0)
        values = {"quantity": row["fields"]["quantity"], "quantity_label": row["fields"].get("display_label", "")}
        report.count(f"{PREFIX}tieredbenefit", "read", SponsorshipBenefit.objects.filter(pk=owner).update(**values))


def import_answers(name: str, column: str, field: str) -> Callable[[list[dict], Report], None]:
    """Import an asset with its UUID. A row with a value only in the answer column was an empty asset on the old site."""

    def take(rows: list[dict], report: Report) -> None:
        bases = waiting["genericasset"]

        def values(fields: dict[str, Any]) -> dict[str, Any]:
            asset = bases[fields["pk"]]
            of_sponsorship = asset["content_type"][1] == "sponsorship"
            sponsorship = Sponsorship.objects.get(pk=asset["object_id"]) if of_sponsorship else None
            value = fields[column] or ""
            return {
                "uuid": UUID(asset["uuid"]),
                "sponsor_id": sponsorship.sponsor_id if sponsorship else asset["object_id"],
                "sponsorship_id": sponsorship.pk if sponsorship else None,
                "key": asset["internal_name"],
                field: value,
                "file_name": value.rpartition("/")[2] if field == "file" else "",
            }

        with_pk = [row for row in rows if row["pk"] in bases]
        write(name, SponsorAsset, with_pk, values, report)

    return take


for _name, _column, _field in (
    ("imgasset", "image", "file"),
    ("fileasset", "file", "file"),
    ("textasset", "text", "text"),
    ("responseasset", "response", "answer"),
):
    importer(f"{PREFIX}{_name}", SponsorAsset, after=[f"{PREFIX}genericasset", f"{PREFIX}sponsorship", f"{PREFIX}sponsor"])(
        import_answers(_name, _column, _field)
    )

ASSETS = [f"{PREFIX}{name}" for name in ("imgasset", "fileasset", "textasset", "responseasset")]


def import_deliverables(name: str, kind: str) -> Callable[[list[dict], Report], None]:
    """Import the copied deliverables of sponsorships, matched to their assets by key and owner."""

    def take(rows: list[dict], report: Report) -> None:
        owners = waiting["benefitfeature"]
        benefits = {
            sponsorship_benefit.pk: sponsorship_benefit
            for sponsorship_benefit in SponsorshipBenefit.objects.select_related("sponsorship")
        }

        def values(fields: dict[str, Any]) -> dict[str, Any]:
            sponsorship_benefit = benefits[owners[fields["pk"]]["sponsor_benefit"]]
            found = asset_values(fields, kind) | {"sponsorship_benefit": sponsorship_benefit}
            found["deliverable"] = deliverable_of(sponsorship_benefit, found)
            if found["key"]:
                sponsorship = sponsorship_benefit.sponsorship if found["scope"] == "sponsorship" else None
                known = SponsorAsset.objects.filter(
                    sponsor=sponsorship_benefit.sponsorship.sponsor_id, sponsorship=sponsorship, key=found["key"]
                ).first()
                found["asset"] = known or SponsorAsset.objects.create(
                    sponsor_id=sponsorship_benefit.sponsorship.sponsor_id, sponsorship=sponsorship, key=found["key"]
                )
            return found

        with_pk = [row for row in rows if row["pk"] in owners]
        fresh = set(SponsorshipDeliverable.objects.filter(pk__in=[row["pk"] for row in rows]).values_list("pk", flat=True))
        write(name, SponsorshipDeliverable, with_pk, values, report)
        for item in (
            SponsorshipDeliverable.objects.filter(pk__in=[row["pk"] for row in rows])
            .exclude(pk__in=fresh)
            .select_related("asset", "deliverable")
        ):
            item.state = first_state(item)
            item.save(update_fields=["state"])

    return take


def deliverable_of(sponsorship_benefit: SponsorshipBenefit, values: dict) -> Deliverable | None:
    rows = Deliverable.objects.filter(benefit=sponsorship_benefit.benefit_id, kind=values["kind"])
    if values["key"]:
        return rows.filter(key=values["key"]).first()
    return rows.filter(publisher=values["publisher"], place=values["place"]).first()


def first_state(item: SponsorshipDeliverable) -> str:
    if item.kind in SponsorshipDeliverable.MARKERS:
        return "none"
    has_value = bool(item.asset and item.asset.has_value)
    if item.kind in SponsorshipDeliverable.TO_SPONSOR:
        shared = item.deliverable and (item.deliverable.shared_text or item.deliverable.shared_file)
        return "delivered" if has_value or shared else "to_do"
    return SUBMITTED if has_value else "waiting"


for _name, _kind in KINDS.items():
    importer(
        f"{PREFIX}{_name}",
        SponsorshipDeliverable,
        after=[f"{PREFIX}sponsorbenefit", f"{PREFIX}benefitfeature", f"{PREFIX}{_name}configuration", *ASSETS],
    )(import_deliverables(_name, _kind))


@importer(f"{PREFIX}contract", Contract, after=[f"{PREFIX}sponsorship"])
def import_contracts(rows: list[dict], report: Report) -> None:
    """Import contracts. Their documents are files, which move to private storage under the same names."""

    def values(fields: dict[str, Any]) -> dict[str, Any]:
        return {
            "sponsorship_id": fields["sponsorship"],
            "state": CONTRACTS[fields["status"]],
            "pdf": fields["document"] or "",
            "docx": fields["document_docx"] or "",
            "signed_file": fields["signed_document"] or "",
            "created_at": parse_datetime(f"{fields['created_on']}T00:00:00+00:00"),
            "values": {
                name: fields.get(name) or "" for name in ("sponsor_info", "sponsor_contact", "benefits_list", "legal_clauses")
            },
        }

    write("contract", Contract, rows, values, report)


@importer(f"{PREFIX}sponsoremailnotificationtemplate", MessageTemplate)
def import_templates(rows: list[dict], report: Report) -> None:
    write(
        "sponsoremailnotificationtemplate",
        MessageTemplate,
        rows,
        lambda fields: {"name": fields["internal_name"], "subject": fields["subject"], "body": fields["content"]},
        report,
    )
