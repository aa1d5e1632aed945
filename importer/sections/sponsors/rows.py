"""Constants and helpers that the sponsorship importers share."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.utils.dateparse import parse_date
from wagtail.models import ModelLogEntry

from importer.core import Report, importer, person
from importer.core import write as write_rows
from sponsors.models import (
    Deliverable,
    Kind,
    SponsorAsset,
    SponsorshipDeliverable,
    SponsorshipYear,
)

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
# Rows of each old base model by ID. An import reads each row once and then removes it.
waiting: dict[str, dict[int, dict]] = {}


def is_at_work_here(row: models.Model) -> bool:
    """Return whether staff or the sponsor changed a row or its sponsorship on this site."""
    sponsorship_benefit = getattr(row, "sponsorship_benefit", row)
    return ModelLogEntry.objects.for_instance(getattr(sponsorship_benefit, "sponsorship", None) or row).exists()


def write(
    name: str, model: type[models.Model], rows: list[dict], values_of: Callable[[dict], dict[str, Any]], report: Report
) -> None:
    """Write rows without model validation: past sponsorships followed different rules."""
    write_rows(f"{PREFIX}{name}", model, rows, values_of, report, clean=False, is_edited=is_at_work_here)


def base(name: str) -> Callable[[list[dict], Report], None]:
    def take(rows: list[dict], report: Report) -> None:
        waiting[name] = {row["pk"]: row["fields"] for row in rows}
        report.count(f"{PREFIX}{name}", "read", len(rows))

    return take


for _name, _model in zip(BASES, (SponsorAsset, Deliverable, SponsorshipDeliverable), strict=True):
    importer(f"{PREFIX}{_name}", _model, always=True)(base(_name))


def sponsorship_year(year: int | None) -> SponsorshipYear:
    """Return the sponsorship year for a year of the old site. Rows without a year belong to the oldest."""
    wanted = year or SponsorshipYear.objects.order_by("year").values_list("year", flat=True).first() or 2022
    found, _ = SponsorshipYear.objects.get_or_create(year=wanted)
    return found


def account(reference: Any) -> int | None:
    """Return the account that a row refers to, if it was imported."""
    user = person(reference)
    return user.pk if user else None


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
