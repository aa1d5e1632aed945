"""A new season from the one before: everything is copied, and a dry run says beforehand what would happen."""

import re
from calendar import isleap
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django_tasks import task
from wagtail.log_actions import log

from .models import Benefit, Deliverable, Inclusion, Package, Season
from .models.catalogue import LAST_YEAR

BENEFIT_FIELDS = (
    *("program_id", "name", "description", "availability", "internal_value", "internal_notes", "capacity"),
    *("soft_capacity", "exclusivity_group", "sort_order"),
)
PACKAGE_FIELDS = ("name", "slug", "amount", "advertise", "allow_add_ons", "logo_dimension", "sort_order")
FEBRUARY, LEAP_DAY = 2, 29


@dataclass
class Copy:
    """What a copy does, or would do."""

    copied: list[str] = field(default_factory=list)
    dated: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def moved(day: date | None, years: int) -> date | None:
    """The same day some years on; 29 February becomes 28 where there is none."""
    if day is None:
        return None
    year = day.year + years
    if (day.month, day.day) == (FEBRUARY, LEAP_DAY) and not isleap(year):
        return date(year, FEBRUARY, LEAP_DAY - 1)
    return day.replace(year=year)


def moved_key(key: str, source: int, target: int) -> str:
    """Programs tell the seasons apart by the key: its year moves, or is added where it has none."""
    return re.sub(rf"(?<!\d){source}(?!\d)", str(target), key) if str(source) in key else f"{key}-{target}" if key else ""


def check(source: Season, year: int) -> None:
    if year > LAST_YEAR or year <= source.year:
        raise ValidationError(f"Choose a year after {source.year}, up to {LAST_YEAR}.")


@transaction.atomic
def copy(source: Season, year: int, *, by, dry_run: bool = False) -> Copy:
    """Copy packages, benefits, inclusions and deliverables. What the target has already is left as it is, so it may run twice."""
    check(source, year)
    done = Copy()
    target, _ = Season.objects.get_or_create(
        year=year,
        defaults={
            "currency": source.currency,
            "agreement_template": source.agreement_template,
            "renewal_template": source.renewal_template,
        },
    )
    packages = copy_packages(source, target, done)
    benefits = copy_benefits(source, target, done)
    copy_inclusions(source, packages, benefits)
    copy_deliverables(source, target, benefits, done)
    if dry_run:
        transaction.set_rollback(True)
    else:
        log(instance=target, action="sponsors.copied", user=by, data={"from": str(source), "rows": len(done.copied)})
    return done


def copy_packages(source: Season, target: Season, done: Copy) -> dict[int, Package]:
    known = {package.slug: package for package in target.packages.all()}
    found = {}
    for package in source.packages.all():
        if package.slug in known:
            done.skipped.append(f"Package {package.name}: {target} has it already.")
        else:
            known[package.slug] = Package.objects.create(season=target, **values(package, PACKAGE_FIELDS))
            done.copied.append(f"Package {package.name}, {package.amount:,}")
        found[package.pk] = known[package.slug]
    return found


def copy_benefits(source: Season, target: Season, done: Copy) -> dict[int, Benefit]:
    known = {benefit.name: benefit for benefit in target.benefits.all()}
    found = {}
    for benefit in source.benefits.prefetch_related("clauses"):
        if benefit.name in known:
            done.skipped.append(f"Benefit {benefit.name}: {target} has it already.")
            continue
        copied = Benefit.objects.create(season=target, **values(benefit, BENEFIT_FIELDS))
        copied.clauses.set(benefit.clauses.all())
        # A clause that many benefits share stays one clause.
        found[benefit.pk] = copied
        done.copied.append(f"Benefit {benefit.name}")
    return found


def copy_inclusions(source: Season, packages: dict[int, Package], benefits: dict[int, Benefit]) -> None:
    rows = Inclusion.objects.filter(benefit__season=source, benefit__in=benefits)
    Inclusion.objects.bulk_create(
        Inclusion(package=packages[row.package_id], benefit=benefits[row.benefit_id], quantity=row.quantity, label=row.label)
        for row in rows
    )


def copy_deliverables(source: Season, target: Season, benefits: dict[int, Benefit], done: Copy) -> None:
    years = target.year - source.year
    taken = set(Deliverable.objects.filter(season=target).values_list("key", flat=True))
    rows = []
    for row in Deliverable.objects.filter(benefit__in=benefits):
        fields = values(row, (*Deliverable.COPIED, "sort_order", "shared_text", "shared_file"))
        # What belongs to the sponsor is asked for once, under the same key in every season.
        fields["key"] = row.key if row.scope == "sponsor" else moved_key(row.key, source.year, target.year)
        fields["due_on"] = moved(row.due_on, years)
        if fields["key"] and fields["key"] in taken:
            done.skipped.append(f"Deliverable {row.title()}: the key {fields['key']} is taken.")
            continue
        taken.add(fields["key"])
        if row.due_on:
            done.dated.append(f"{row.title()}: {row.due_on} → {fields['due_on']}")
        done.copied.append(f"Deliverable {row.title()} of {benefits[row.benefit_id].name}")
        rows.append(Deliverable(benefit=benefits[row.benefit_id], season=target, **fields))
    Deliverable.objects.bulk_create(rows)


def values(row, names: tuple[str, ...]) -> dict:
    return {name: getattr(row, name) for name in names}


@task()
def copy_season(source, year, by) -> None:
    """The copy itself, in the background."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415

    copy(Season.objects.get(pk=source), year, by=get_user_model().objects.filter(pk=by).first())
