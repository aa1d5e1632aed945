"""Takes in the old site's 34 tables of sponsorship. Ids, slugs, placement values and the names of assets stay.

Rows of the old polymorphic models come in two parts: a base with the owner, and a child of the same id with the rest. The base
is kept until its child comes.
"""

from uuid import UUID

from django.core.files.storage import default_storage
from django.utils.dateparse import parse_date, parse_datetime
from wagtail.models import ModelLogEntry

from cms.legacy import Report, importer, person
from cms.legacy import write as write_rows

from .models import (
    Agreement,
    Answer,
    Benefit,
    Contact,
    Deal,
    Deliverable,
    Inclusion,
    Item,
    Kind,
    LegalClause,
    Line,
    MessageTemplate,
    Package,
    Program,
    Season,
    Sponsor,
)
from .models.items import SUBMITTED

PREFIX = "sponsors."
STATES = {"applied": "applied", "rejected": "declined", "approved": "approved", "finalized": "signed"}
CONTRACTS = {"draft": "draft", "outdated": "void", "awaiting signature": "sent", "executed": "signed", "nullified": "void"}
KINDS = {
    "logoplacement": Kind.PLACEMENT,
    "emailtargetable": Kind.AUDIENCE,
    "requiredimgasset": Kind.IMAGE,
    "requiredtextasset": Kind.TEXT,
    "requiredresponseasset": Kind.ANSWER,
    "providedtextasset": Kind.GIVEN_TEXT,
    "providedfileasset": Kind.GIVEN_FILE,
}
BASES = ("genericasset", "benefitfeatureconfiguration", "benefitfeature")
# Of each old base, its rows by id. An import reads them once and lets them go.
_waiting: dict[str, dict[int, dict]] = {}


def is_at_work_here(row) -> bool:
    """Whether staff or the sponsor have done something with a row, or with its deal, on this site."""
    line = getattr(row, "line", row)
    return ModelLogEntry.objects.for_instance(getattr(line, "deal", None) or row).exists()


def write(name: str, model, rows: list[dict], values_of, report: Report) -> None:
    """Write rows by the rules of the database alone: deals of the past followed other ones than those of today."""
    write_rows(f"{PREFIX}{name}", model, rows, values_of, report, clean=False, is_edited=is_at_work_here)


def base(name: str):
    def take(rows: list[dict], report: Report) -> None:
        _waiting[name] = {row["pk"]: row["fields"] for row in rows}
        report.count(f"{PREFIX}{name}", "read", len(rows))

    return take


for _name, _model in zip(BASES, (Answer, Deliverable, Item), strict=True):
    importer(f"{PREFIX}{_name}", _model)(base(_name))


def season(year: int | None) -> Season:
    """A season for a year of the old site. Rows without a year belong to the oldest."""
    wanted = year or Season.objects.order_by("year").values_list("year", flat=True).first() or 2022
    found, _ = Season.objects.get_or_create(year=wanted)
    return found


def account(reference) -> int | None:
    """The account that a row names, if it has come over."""
    user = person(reference)
    return user.pk if user else None


@importer(f"{PREFIX}sponsorshipprogram", Program)
def import_programs(rows: list[dict], report: Report) -> None:
    write(
        "sponsorshipprogram",
        Program,
        rows,
        lambda fields: {"name": fields["name"], "description": fields["description"] or "", "sort_order": fields["order"]},
        report,
    )


@importer(f"{PREFIX}legalclause", LegalClause)
def import_clauses(rows: list[dict], report: Report) -> None:
    def values(fields):
        words = {"internal_name": fields["internal_name"][:300], "clause": fields["clause"], "notes": fields.get("notes", "")}
        return words | {"sort_order": fields["order"]}

    write("legalclause", LegalClause, rows, values, report)


@importer(f"{PREFIX}sponsorshipcurrentyear", Season)
def import_current_year(rows: list[dict], report: Report) -> None:
    """The current year becomes the season that visitors see. Whether it takes applications staff say by its dates."""
    for row in rows:
        found = season(row["fields"]["year"])
        if found.opens_on is None:
            found.opens_on = parse_date(f"{found.year - 1}-10-01")
            found.closes_on = parse_date(f"{found.year}-12-31")
            found.save()
        report.count(f"{PREFIX}sponsorshipcurrentyear", "read")


@importer(f"{PREFIX}sponsorshippackage", Package, after=[f"{PREFIX}sponsorshipcurrentyear"])
def import_packages(rows: list[dict], report: Report) -> None:
    def values(fields):
        return {
            "season": season(fields["year"]),
            "name": fields["name"],
            "slug": fields["slug"],
            "amount": fields["sponsorship_amount"],
            "advertise": fields["advertise"],
            "allow_add_ons": fields.get("allow_a_la_carte", True),
            "logo_dimension": fields["logo_dimension"],
            "sort_order": fields["order"],
        }

    write("sponsorshippackage", Package, rows, values, report)


def availability(fields: dict) -> str:
    """Four switches of the old site, as the one choice that they meant."""
    if fields["unavailable"]:
        return Benefit.Availability.WITHDRAWN
    if fields["standalone"]:
        return Benefit.Availability.STANDALONE
    if not fields["packages"]:
        return Benefit.Availability.ADD_ON
    return Benefit.Availability.PACKAGE_ONLY if fields["package_only"] else Benefit.Availability.PACKAGE


def groups(rows: list[dict]) -> dict[int, str]:
    """Benefits that conflict, directly or by way of another one, share a group."""
    rivals = {row["pk"]: set(row["fields"]["conflicts"]) for row in rows if row["fields"]["conflicts"]}
    found: dict[int, str] = {}
    for start in rivals:
        waiting = [start] if start not in found else []
        while waiting:
            pk = waiting.pop()
            if pk not in found:
                found[pk] = f"group-{start}"
                waiting += rivals.get(pk, ())
    return found


@importer(
    f"{PREFIX}sponsorshipbenefit",
    Benefit,
    after=[f"{PREFIX}{name}" for name in ("sponsorshipprogram", "sponsorshippackage", "legalclause")],
)
def import_benefits(rows: list[dict], report: Report) -> None:
    group_of = groups(rows)
    packages = set(Package.objects.values_list("pk", flat=True))
    fields_by_pk = {row["pk"]: row["fields"] for row in rows}

    def values(fields):
        return {
            "season": season(fields["year"]),
            "program_id": fields["program"],
            "name": fields["name"][:300],
            "description": fields["description"] or "",
            "availability": availability(fields),
            "is_new": fields["new"],
            "internal_value": fields["internal_value"],
            "internal_notes": fields["internal_description"] or "",
            "capacity": fields["capacity"],
            "soft_capacity": fields["soft_capacity"],
            "exclusivity_group": group_of.get(fields["pk"], ""),
            "sort_order": fields["order"],
        }

    write("sponsorshipbenefit", Benefit, rows, values, report)
    for benefit in Benefit.objects.filter(pk__in=fields_by_pk):
        fields = fields_by_pk[benefit.pk]
        benefit.clauses.set(fields["legal_clauses"])
        for package in packages.intersection(fields["packages"]):
            Inclusion.objects.get_or_create(package_id=package, benefit=benefit)


@importer(
    f"{PREFIX}tieredbenefitconfiguration",
    Inclusion,
    after=[f"{PREFIX}sponsorshipbenefit", f"{PREFIX}benefitfeatureconfiguration"],
)
def import_tiers(rows: list[dict], report: Report) -> None:
    for row in rows:
        owner = _waiting["benefitfeatureconfiguration"].get(row["pk"], {}).get("benefit")
        fields = row["fields"]
        values = {"quantity": fields["quantity"], "label": fields.get("display_label", "")}
        if Inclusion.objects.filter(benefit=owner, package=fields["package"]).update(**values):
            report.count(f"{PREFIX}tieredbenefitconfiguration", "read")
        else:
            words = f"benefit {owner} is not part of package {fields['package']}."
            report.skip(f"{PREFIX}tieredbenefitconfiguration", f"quantity {fields['quantity']}", words, pk=row["pk"])


def asset_values(fields: dict, kind: str) -> dict:
    names = ("due_date", "min_width", "max_width", "min_height", "max_height", "max_length")
    found = {name: fields.get(name) for name in names}
    found["due_on"] = parse_date(found.pop("due_date") or "")
    return found | {
        "kind": kind,
        "scope": fields.get("related_to", "sponsorship"),
        "key": fields.get("internal_name", ""),
        "label": fields.get("label", ""),
        "help_text": fields.get("help_text", ""),
        "publisher": fields.get("publisher", ""),
        "place": fields.get("logo_place", ""),
        "link_to_sponsors_page": fields.get("link_to_sponsors_page", False),
        "describe_as_sponsor": fields.get("describe_as_sponsor", False),
    }


def import_configurations(name: str, kind: str):
    def take(rows: list[dict], report: Report) -> None:
        owners = _waiting["benefitfeatureconfiguration"]

        def values(fields):
            shared = {"shared_text": fields.get("shared_text") or "", "shared_file": fields.get("shared_file") or ""}
            kept = shared if fields.get("shared") else {}
            return asset_values(fields, kind) | {"benefit": Benefit.objects.get(pk=owners[fields["pk"]]["benefit"])} | kept

        with_pk = [row for row in rows if row["pk"] in owners]
        for row in rows:
            if row["pk"] not in owners:
                report.skip(f"{PREFIX}{name}", f"{name} {row['pk']}", "it belongs to no benefit.", pk=row["pk"])
        write(name, Deliverable, with_pk, values, report)

    return take


for _name, _kind in KINDS.items():
    importer(
        f"{PREFIX}{_name}configuration",
        Deliverable,
        after=[f"{PREFIX}sponsorshipbenefit", f"{PREFIX}benefitfeatureconfiguration"],
    )(import_configurations(f"{_name}configuration", _kind))


@importer(f"{PREFIX}sponsor", Sponsor)
def import_sponsors(rows: list[dict], report: Report) -> None:
    """The anchor of the old site was computed from the name at each request; it is kept from now on."""
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
        report.note(f"Copy the old media files over: the logos of {len(lost)} sponsors are not here yet.")


@importer(f"{PREFIX}sponsorcontact", Contact, after=[f"{PREFIX}sponsor"])
def import_contacts(rows: list[dict], report: Report) -> None:
    def values(fields):
        roles = {name: fields[name] for name in Contact.ROLES}
        person = {name: fields[name] or "" for name in ("name", "email", "phone")}
        return person | roles | {"sponsor_id": fields["sponsor"], "user_id": account(fields["user"])}

    write("sponsorcontact", Contact, rows, values, report)


@importer(f"{PREFIX}sponsorship", Deal, after=[f"{PREFIX}sponsor", f"{PREFIX}sponsorshippackage"])
def import_deals(rows: list[dict], report: Report) -> None:
    def values(fields):
        dates = {name: parse_date(fields[old] or "") for name, old in DATES.items()}
        sponsor = (
            fields["sponsor"] or Sponsor.objects.get_or_create(slug="former-sponsor", defaults={"name": "Former sponsor"})[0].pk
        )
        return dates | {
            "sponsor_id": sponsor,
            "season": season(fields["year"]),
            "package_id": fields["package"],
            "old_level": fields["level_name_old"] if not fields["package"] else "",
            "state": STATES[fields["status"]],
            "fee": fields["sponsorship_fee"],
            "submitted_by_id": account(fields["submited_by"]),
        }

    write("sponsorship", Deal, rows, values, report)
    for row in rows:
        deal = Deal.objects.filter(pk=row["pk"]).first()
        if deal and deal.renewal_of_id is None and row["fields"]["renewal"]:
            Deal.objects.filter(pk=deal.pk).update(renewal_of=deal.previous_signed())


DATES = {
    "applied_on": "applied_on",
    "approved_on": "approved_on",
    "signed_on": "finalized_on",
    "closed_on": "rejected_on",
    "starts_on": "start_date",
    "ends_on": "end_date",
}


@importer(f"{PREFIX}sponsorbenefit", Line, after=[f"{PREFIX}sponsorship", f"{PREFIX}sponsorshipbenefit"])
def import_lines(rows: list[dict], report: Report) -> None:
    benefits = Benefit.objects.prefetch_related("clauses").in_bulk()

    def values(fields):
        benefit = benefits.get(fields["sponsorship_benefit"])
        source = "standalone" if fields["standalone"] else "add_on" if fields["added_by_user"] else "package"
        clauses = benefit.clauses.all() if benefit else []
        return {
            "deal_id": fields["sponsorship"],
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

    write("sponsorbenefit", Line, rows, values, report)


@importer(f"{PREFIX}tieredbenefit", Line, after=[f"{PREFIX}sponsorbenefit", f"{PREFIX}benefitfeature"])
def import_line_quantities(rows, report):
    for row in rows:
        owner = _waiting["benefitfeature"].get(row["pk"], {}).get("sponsor_benefit")
        values = {"quantity": row["fields"]["quantity"], "quantity_label": row["fields"].get("display_label", "")}
        report.count(f"{PREFIX}tieredbenefit", "read", Line.objects.filter(pk=owner).update(**values))


def import_answers(name: str, column: str, field: str):
    """A value comes over under its uuid. What sits in an answer column alone was an empty asset of the old site."""

    def take(rows: list[dict], report: Report) -> None:
        bases = _waiting["genericasset"]

        def values(fields):
            asset = bases[fields["pk"]]
            of_deal = asset["content_type"][1] == "sponsorship"
            deal = Deal.objects.get(pk=asset["object_id"]) if of_deal else None
            value = fields[column] or ""
            return {
                "uuid": UUID(asset["uuid"]),
                "sponsor_id": deal.sponsor_id if deal else asset["object_id"],
                "deal_id": deal.pk if deal else None,
                "key": asset["internal_name"],
                field: value,
                "file_name": value.rpartition("/")[2] if field == "file" else "",
            }

        with_pk = [row for row in rows if row["pk"] in bases]
        write(name, Answer, with_pk, values, report)

    return take


for _name, _column, _field in (
    ("imgasset", "image", "file"),
    ("fileasset", "file", "file"),
    ("textasset", "text", "text"),
    ("responseasset", "response", "answer"),
):
    importer(f"{PREFIX}{_name}", Answer, after=[f"{PREFIX}genericasset", f"{PREFIX}sponsorship", f"{PREFIX}sponsor"])(
        import_answers(_name, _column, _field)
    )

ASSETS = [f"{PREFIX}{name}" for name in ("imgasset", "fileasset", "textasset", "responseasset")]


def import_items(name: str, kind: str):
    """The copies on deals rule there: each becomes an item, joined to its answer by key and owner."""

    def take(rows: list[dict], report: Report) -> None:
        owners = _waiting["benefitfeature"]
        lines = {line.pk: line for line in Line.objects.select_related("deal")}

        def values(fields):
            line = lines[owners[fields["pk"]]["sponsor_benefit"]]
            found = asset_values(fields, kind) | {"line": line}
            found["deliverable"] = deliverable_of(line, found)
            if found["key"]:
                deal = line.deal if found["scope"] == "sponsorship" else None
                known = Answer.objects.filter(sponsor=line.deal.sponsor_id, deal=deal, key=found["key"]).first()
                found["answer"] = known or Answer.objects.create(sponsor_id=line.deal.sponsor_id, deal=deal, key=found["key"])
            return found

        with_pk = [row for row in rows if row["pk"] in owners]
        fresh = set(Item.objects.filter(pk__in=[row["pk"] for row in rows]).values_list("pk", flat=True))
        write(name, Item, with_pk, values, report)
        for item in (
            Item.objects.filter(pk__in=[row["pk"] for row in rows]).exclude(pk__in=fresh).select_related("answer", "deliverable")
        ):
            item.state = first_state(item)
            item.save(update_fields=["state"])

    return take


def deliverable_of(line: Line, values: dict) -> Deliverable | None:
    rows = Deliverable.objects.filter(benefit=line.benefit_id, kind=values["kind"])
    if values["key"]:
        return rows.filter(key=values["key"]).first()
    return rows.filter(publisher=values["publisher"], place=values["place"]).first()


def first_state(item: Item) -> str:
    if item.kind in Item.MARKERS:
        return "none"
    has_value = bool(item.answer and item.answer.has_value)
    if item.kind in Item.TO_SPONSOR:
        shared = item.deliverable and (item.deliverable.shared_text or item.deliverable.shared_file)
        return "delivered" if has_value or shared else "to_do"
    return SUBMITTED if has_value else "waiting"


for _name, _kind in KINDS.items():
    importer(
        f"{PREFIX}{_name}",
        Item,
        after=[f"{PREFIX}sponsorbenefit", f"{PREFIX}benefitfeature", f"{PREFIX}{_name}configuration", *ASSETS],
    )(import_items(_name, _kind))


@importer(f"{PREFIX}contract", Agreement, after=[f"{PREFIX}sponsorship"])
def import_contracts(rows: list[dict], report: Report) -> None:
    """The texts of the old contracts are inside their files, which move to the private storage under the same names."""

    def values(fields):
        return {
            "deal_id": fields["sponsorship"],
            "state": CONTRACTS[fields["status"]],
            "pdf": fields["document"] or "",
            "docx": fields["document_docx"] or "",
            "signed_file": fields["signed_document"] or "",
            "created_at": parse_datetime(f"{fields['created_on']}T00:00:00+00:00"),
            "values": {
                name: fields.get(name) or "" for name in ("sponsor_info", "sponsor_contact", "benefits_list", "legal_clauses")
            },
        }

    write("contract", Agreement, rows, values, report)


@importer(f"{PREFIX}sponsoremailnotificationtemplate", MessageTemplate)
def import_templates(rows: list[dict], report: Report) -> None:
    write(
        "sponsoremailnotificationtemplate",
        MessageTemplate,
        rows,
        lambda fields: {"name": fields["internal_name"], "subject": fields["subject"], "body": fields["content"]},
        report,
    )
