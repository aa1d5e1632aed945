"""Offer of a sponsorship year, for the public page and the package editor."""

from collections.abc import Iterable
from dataclasses import dataclass

from .models import Benefit, Package, PackageBenefit, SponsorshipProgram, SponsorshipYear

PACKAGE, ADD_ON, STANDALONE = "package", "add_on", "standalone"


@dataclass
class Row:
    """Benefit with its cells in the offer."""

    benefit: Benefit
    # The benefit in each package, or None.
    cells: list[tuple[Package, PackageBenefit | None]]


@dataclass
class Offer:
    """Packages of a sponsorship year as a table: packages across, benefits down."""

    sponsorship_year: SponsorshipYear
    packages: list[Package]
    groups: list[tuple[SponsorshipProgram, list[Row]]]
    add_ons: list[Benefit]
    standalone: list[Benefit]

    @classmethod
    def of(cls, sponsorship_year: SponsorshipYear, *, everything: bool = False) -> "Offer":
        """Return the public offer, or all rows with `everything`. Always four queries."""
        packages = list(sponsorship_year.packages.order_by("sort_order", "pk"))
        if not everything:
            packages = [package for package in packages if package.advertise]
        benefits = list(Benefit.objects.filter(sponsorship_year=sponsorship_year).with_sold().select_related("program"))
        if not everything:
            benefits = [benefit for benefit in benefits if benefit.availability != Benefit.Availability.WITHDRAWN]
        cells = {
            (row.package_id, row.benefit_id): row
            for row in PackageBenefit.objects.filter(benefit__sponsorship_year=sponsorship_year)
        }
        rows: dict[SponsorshipProgram, list[Row]] = {}
        for benefit in benefits:
            row = [(package, cells.get((package.pk, benefit.pk))) for package in packages]
            in_package = benefit.availability in {Benefit.Availability.PACKAGE_ONLY, Benefit.Availability.PACKAGE}
            if everything or (in_package and any(package_benefit for _, package_benefit in row)):
                rows.setdefault(benefit.program, []).append(Row(benefit, row))
        for group in rows.values():
            group.sort(key=lambda row: (-sum(bool(package_benefit) for _, package_benefit in row.cells), row.benefit.sort_order))
        groups = sorted(rows.items(), key=lambda group: (group[0].sort_order, group[0].name))
        return cls(sponsorship_year, packages, groups, only(benefits, "add_on"), only(benefits, "standalone"))


def only(benefits: Iterable[Benefit], availability: str) -> list[Benefit]:
    return [benefit for benefit in benefits if benefit.availability == availability]
