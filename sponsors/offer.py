"""The offer of a season as a table: packages across, benefits down. The public page and the staff's grid show the same one."""

from collections.abc import Iterable
from dataclasses import dataclass

from .models import Benefit, Inclusion, Package, Program, Season

PACKAGE, ADD_ON, STANDALONE = "package", "add_on", "standalone"


@dataclass
class Row:
    benefit: Benefit
    # One cell for each package: its inclusion or nothing.
    cells: list[tuple[Package, Inclusion | None]]


@dataclass
class Offer:
    season: Season
    packages: list[Package]
    groups: list[tuple[Program, list[Row]]]
    add_ons: list[Benefit]
    standalone: list[Benefit]

    @classmethod
    def of(cls, season: Season, *, everything: bool = False) -> "Offer":
        """What visitors see, or everything, in four queries for any number of rows."""
        packages = list(season.packages.order_by("sort_order", "pk"))
        if not everything:
            packages = [package for package in packages if package.advertise]
        benefits = list(Benefit.objects.filter(season=season).with_sold().select_related("program"))
        if not everything:
            benefits = [benefit for benefit in benefits if benefit.availability != Benefit.Availability.WITHDRAWN]
        cells = {(row.package_id, row.benefit_id): row for row in Inclusion.objects.filter(benefit__season=season)}
        rows: dict[Program, list[Row]] = {}
        for benefit in benefits:
            row = [(package, cells.get((package.pk, benefit.pk))) for package in packages]
            in_package = benefit.availability in {Benefit.Availability.PACKAGE_ONLY, Benefit.Availability.PACKAGE}
            if everything or (in_package and any(inclusion for _, inclusion in row)):
                rows.setdefault(benefit.program, []).append(Row(benefit, row))
        for group in rows.values():
            group.sort(key=lambda row: (-sum(bool(inclusion) for _, inclusion in row.cells), row.benefit.sort_order))
        groups = sorted(rows.items(), key=lambda group: (group[0].sort_order, group[0].name))
        return cls(season, packages, groups, only(benefits, "add_on"), only(benefits, "standalone"))


def only(benefits: Iterable[Benefit], availability: str) -> list[Benefit]:
    return [benefit for benefit in benefits if benefit.availability == availability]
