"""Copy of a sponsorship year with its packages, benefits and deliverables, with a dry run."""

import re
from calendar import isleap
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext, gettext_lazy
from django_tasks import task
from wagtail.log_actions import log

from users.models import User

from .models import Benefit, Deliverable, Package, PackageBenefit, SponsorshipYear
from .models.catalog import LAST_YEAR

BENEFIT_FIELDS = (
    *("program_id", "name", "description", "availability", "internal_value", "internal_notes", "capacity"),
    *("soft_capacity", "exclusivity_group", "sort_order"),
)
PACKAGE_FIELDS = ("name", "slug", "amount", "advertise", "allow_add_ons", "logo_dimension", "sort_order")
FEBRUARY, LEAP_DAY = 2, 29


@dataclass
class Copy:
    """Report of a copy or of its dry run."""

    copied: list[str] = field(default_factory=list)
    dated: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def move_date(day: date | None, years: int) -> date | None:
    """Return the same day some years later; February 29 becomes 28 if needed."""
    if day is None:
        return None
    year = day.year + years
    if (day.month, day.day) == (FEBRUARY, LEAP_DAY) and not isleap(year):
        return date(year, FEBRUARY, LEAP_DAY - 1)
    return day.replace(year=year)


def move_key(key: str, source: int, target: int) -> str:
    """Return a key with another year, or with the year added: API clients distinguish years by the key."""
    return re.sub(rf"(?<!\d){source}(?!\d)", str(target), key) if str(source) in key else f"{key}-{target}" if key else ""


def check(source: SponsorshipYear, year: int) -> None:
    if year > LAST_YEAR or year <= source.year:
        raise ValidationError(gettext("Choose a year after %(year)s, up to %(last)s.") % {"year": source.year, "last": LAST_YEAR})


@transaction.atomic
def copy(source: SponsorshipYear, year: int, *, by: User | None, dry_run: bool = False) -> Copy:
    """Copy packages, benefits and deliverables. Existing rows of the target are kept, so that this can run again."""
    check(source, year)
    # Two simultaneous copies would each find the target empty.
    SponsorshipYear.objects.select_for_update().get(pk=source.pk)
    done = Copy()
    target, _ = SponsorshipYear.objects.get_or_create(
        year=year,
        defaults={
            "currency": source.currency,
            "contract_template": source.contract_template,
            "renewal_template": source.renewal_template,
        },
    )
    packages = copy_packages(source, target, done)
    benefits = copy_benefits(source, target, done)
    copy_package_benefits(source, packages, benefits)
    copy_deliverables(source, target, benefits, done)
    if dry_run:
        transaction.set_rollback(True)
    else:
        log(instance=target, action="sponsors.copied", user=by, data={"from": str(source), "rows": len(done.copied)})
    return done


def copy_packages(source: SponsorshipYear, target: SponsorshipYear, done: Copy) -> dict[int, Package]:
    known = {package.slug: package for package in target.packages.all()}
    found = {}
    for package in source.packages.all():
        if package.slug in known:
            done.skipped.append(
                gettext_lazy("Package %(name)s: already exists in %(target)s.") % {"name": package.name, "target": target}
            )
        else:
            known[package.slug] = Package.objects.create(sponsorship_year=target, **get_values(package, PACKAGE_FIELDS))
            done.copied.append(
                gettext_lazy("Package %(name)s, %(amount)s") % {"name": package.name, "amount": f"{package.amount:,}"}
            )
        found[package.pk] = known[package.slug]
    return found


def copy_benefits(source: SponsorshipYear, target: SponsorshipYear, done: Copy) -> dict[int, Benefit]:
    known = {benefit.name: benefit for benefit in target.benefits.all()}
    found = {}
    for benefit in source.benefits.prefetch_related("clauses"):
        if benefit.name in known:
            done.skipped.append(
                gettext_lazy("Benefit %(name)s: already exists in %(target)s.") % {"name": benefit.name, "target": target}
            )
            continue
        copied = Benefit.objects.create(sponsorship_year=target, **get_values(benefit, BENEFIT_FIELDS))
        copied.clauses.set(benefit.clauses.all())
        # Clauses are shared, not copied.
        found[benefit.pk] = copied
        done.copied.append(gettext_lazy("Benefit %(name)s") % {"name": benefit.name})
    return found


def copy_package_benefits(source: SponsorshipYear, packages: dict[int, Package], benefits: dict[int, Benefit]) -> None:
    rows = PackageBenefit.objects.filter(benefit__sponsorship_year=source, benefit__in=benefits)
    PackageBenefit.objects.bulk_create(
        PackageBenefit(package=packages[row.package_id], benefit=benefits[row.benefit_id], quantity=row.quantity, label=row.label)
        for row in rows
    )


def copy_deliverables(source: SponsorshipYear, target: SponsorshipYear, benefits: dict[int, Benefit], done: Copy) -> None:
    years = target.year - source.year
    taken = set(Deliverable.objects.filter(sponsorship_year=target).values_list("key", flat=True))
    rows = []
    for row in Deliverable.objects.filter(benefit__in=benefits):
        fields = get_values(row, (*Deliverable.COPIED, "sort_order", "shared_text", "shared_file"))
        # Assets of the sponsor have the same key in every sponsorship year.
        fields["key"] = row.key if row.scope == "sponsor" else move_key(row.key, source.year, target.year)
        fields["due_on"] = move_date(row.due_on, years)
        if fields["key"] and fields["key"] in taken:
            done.skipped.append(
                gettext_lazy("Deliverable %(title)s: the key %(fields)s is already used.")
                % {"title": row.title(), "fields": fields["key"]}
            )
            continue
        taken.add(fields["key"])
        if row.due_on:
            done.dated.append(f"{row.title()}: {row.due_on} → {fields['due_on']}")
        done.copied.append(
            gettext_lazy("Deliverable %(title)s of %(name)s") % {"title": row.title(), "name": benefits[row.benefit_id].name}
        )
        rows.append(Deliverable(benefit=benefits[row.benefit_id], sponsorship_year=target, **fields))
    Deliverable.objects.bulk_create(rows)


def get_values(row: models.Model, names: tuple[str, ...]) -> dict:
    return {name: getattr(row, name) for name in names}


@task()
def copy_sponsorship_year(source: int, year: int, by: int) -> None:
    """Copy a sponsorship year in a task."""
    copy(SponsorshipYear.objects.get(pk=source), year, by=User.objects.filter(pk=by).first())
