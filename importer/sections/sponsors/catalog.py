"""Import programs, packages and benefits with their deliverables."""

from collections.abc import Callable
from typing import Any

from django.utils.dateparse import parse_date

from importer.core import Report, importer
from sponsors.models import (
    Benefit,
    Deliverable,
    LegalClause,
    Package,
    PackageBenefit,
    SponsorshipProgram,
    SponsorshipYear,
)

from .rows import KINDS, PREFIX, asset_values, sponsorship_year, waiting, write


@importer(f"{PREFIX}sponsorshipprogram", SponsorshipProgram)
def import_programs(rows: list[dict], report: Report) -> None:
    write(
        "sponsorshipprogram",
        SponsorshipProgram,
        rows,
        lambda fields: {"name": fields["name"], "description": fields["description"] or "", "sort_order": fields["order"]},
        report,
    )


@importer(f"{PREFIX}legalclause", LegalClause)
def import_clauses(rows: list[dict], report: Report) -> None:
    def values(fields: dict[str, Any]) -> dict[str, Any]:
        text = {"internal_name": fields["internal_name"][:300], "clause": fields["clause"], "notes": fields.get("notes", "")}
        return text | {"sort_order": fields["order"]}

    write("legalclause", LegalClause, rows, values, report)


@importer(f"{PREFIX}sponsorshipcurrentyear", SponsorshipYear)
def import_current_year(rows: list[dict], report: Report) -> None:
    """Import the current year as the public sponsorship year. Its dates determine whether applications are open."""
    for row in rows:
        found = sponsorship_year(row["fields"]["year"])
        if found.opens_on is None:
            found.opens_on = parse_date(f"{found.year - 1}-10-01")
            found.closes_on = parse_date(f"{found.year}-12-31")
            found.save()
        report.count(f"{PREFIX}sponsorshipcurrentyear", "read")


@importer(f"{PREFIX}sponsorshippackage", Package, after=[f"{PREFIX}sponsorshipcurrentyear"])
def import_packages(rows: list[dict], report: Report) -> None:
    def values(fields: dict[str, Any]) -> dict[str, Any]:
        return {
            "sponsorship_year": sponsorship_year(fields["year"]),
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
    """Return the availability that corresponds to the four flags of the old site."""
    if fields["unavailable"]:
        return Benefit.Availability.WITHDRAWN
    if fields["standalone"]:
        return Benefit.Availability.STANDALONE
    if not fields["packages"]:
        return Benefit.Availability.ADD_ON
    return Benefit.Availability.PACKAGE_ONLY if fields["package_only"] else Benefit.Availability.PACKAGE


def groups(rows: list[dict]) -> dict[int, str]:
    """Assign conflicting benefits, including indirectly conflicting ones, to the same exclusivity group."""
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

    def values(fields: dict[str, Any]) -> dict[str, Any]:
        return {
            "sponsorship_year": sponsorship_year(fields["year"]),
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
            PackageBenefit.objects.get_or_create(package_id=package, benefit=benefit)


@importer(
    f"{PREFIX}tieredbenefitconfiguration",
    PackageBenefit,
    after=[f"{PREFIX}sponsorshipbenefit", f"{PREFIX}benefitfeatureconfiguration"],
)
def import_tiers(rows: list[dict], report: Report) -> None:
    for row in rows:
        owner = waiting["benefitfeatureconfiguration"].get(row["pk"], {}).get("benefit")
        fields = row["fields"]
        values = {"quantity": fields["quantity"], "label": fields.get("display_label", "")}
        if PackageBenefit.objects.filter(benefit=owner, package=fields["package"]).update(**values):
            report.count(f"{PREFIX}tieredbenefitconfiguration", "read")
        else:
            text = f"benefit {owner} is not part of package {fields['package']}."
            report.skip(f"{PREFIX}tieredbenefitconfiguration", f"quantity {fields['quantity']}", text, pk=row["pk"])


def import_configurations(name: str, kind: str) -> Callable[[list[dict], Report], None]:
    def take(rows: list[dict], report: Report) -> None:
        owners = waiting["benefitfeatureconfiguration"]

        def values(fields: dict[str, Any]) -> dict[str, Any]:
            shared = {"shared_text": fields.get("shared_text") or "", "shared_file": fields.get("shared_file") or ""}
            shared_values = shared if fields.get("shared") else {}
            return (
                asset_values(fields, kind) | {"benefit": Benefit.objects.get(pk=owners[fields["pk"]]["benefit"])} | shared_values
            )

        with_pk = [row for row in rows if row["pk"] in owners]
        for row in rows:
            if row["pk"] not in owners:
                report.skip(f"{PREFIX}{name}", f"{name} {row['pk']}", "it does not belong to a benefit.", pk=row["pk"])
        write(name, Deliverable, with_pk, values, report)

    return take


for _name, _kind in KINDS.items():
    importer(
        f"{PREFIX}{_name}configuration",
        Deliverable,
        after=[f"{PREFIX}sponsorshipbenefit", f"{PREFIX}benefitfeatureconfiguration"],
    )(import_configurations(f"{_name}configuration", _kind))
