"""Differences between the terms of a sponsorship before its open amendment and the current ones."""

from datetime import date
from typing import Any

from django.utils.translation import gettext

from cms.content.money import format_money
from cms.platform.dates import show_date

from .catalog import Package
from .sponsorships import Sponsorship, SponsorshipBenefit


def describe_changes(sponsorship: Sponsorship) -> list[str]:
    """Return the changes of an open amendment, one sentence for each."""
    terms = sponsorship.terms_before_amendment
    if not terms:
        return []
    before = Package.objects.filter(pk=terms["package"]).first()
    currency = sponsorship.sponsorship_year.currency
    pairs = [
        (gettext("Package"), before.name if before else sponsorship.old_level, sponsorship.level),
        (gettext("Fee"), _format_fee(terms["fee"], currency), _format_fee(sponsorship.fee, currency)),
        (gettext("First day"), _format_day(terms["starts_on"]), _format_day(sponsorship.starts_on)),
        (gettext("Last day"), _format_day(terms["ends_on"]), _format_day(sponsorship.ends_on)),
    ]
    changed = [
        gettext("%(term)s: %(new)s instead of %(old)s") % {"term": term, "old": old or "–", "new": new or "–"}
        for term, old, new in pairs
        if old != new
    ]
    return changed + _describe_benefits(sponsorship, terms["benefits"])


def _describe_benefits(sponsorship: Sponsorship, before: dict[str, dict[str, Any]]) -> list[str]:
    changes = []
    for row in sponsorship.sponsorship_benefits.all():
        old = SponsorshipBenefit(sponsorship=sponsorship, **before.get(str(row.pk), {"removed": True}))
        if old.removed and not row.removed:
            changes.append(gettext("Added: %(benefit)s") % {"benefit": row.display_name})
        elif row.removed and not old.removed:
            changes.append(gettext("Removed: %(benefit)s") % {"benefit": old.display_name})
        elif not row.removed and row.get_terms() != old.get_terms():
            changes.append(gettext("Changed: %(benefit)s") % {"benefit": row.display_name})
    return changes


def _format_fee(fee: int | None, currency: str) -> str:
    return "" if fee is None else format_money(fee, currency)


def _format_day(day: date | str | None) -> str:
    value = date.fromisoformat(day) if isinstance(day, str) else day
    return show_date(value, "LONG_DATE") if value else ""
