"""Selection of an applicant from the offer of a sponsorship year: rules on combinations, and the list price."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext

from .catalog import Benefit, Package, SponsorshipYear

STANDALONE, ADD_ON, PACKAGE_ONLY, WITHDRAWN = "standalone", "add_on", "package_only", "withdrawn"


@dataclass(frozen=True)
class Selection:
    """Package and benefits selected by an applicant."""

    sponsorship_year: SponsorshipYear
    package: Package | None
    benefits: list[Benefit]
    # IDs of benefits in the package, by exclusivity group ("" for benefits without a group).
    included: dict[int, str]

    @classmethod
    def of(cls, sponsorship_year: SponsorshipYear, package: Package | None, benefits: Iterable[Benefit]) -> Self:
        included = {}
        if package is not None:
            # A withdrawn benefit is no longer part of the package.
            rows = package.package_benefits.exclude(benefit__availability=WITHDRAWN)
            included = dict(rows.values_list("benefit_id", "benefit__exclusivity_group"))
        return cls(sponsorship_year, package, list(benefits), included)

    @property
    def standalone(self) -> list[Benefit]:
        return [benefit for benefit in self.benefits if benefit.availability == STANDALONE]

    @property
    def with_package(self) -> list[Benefit]:
        return [benefit for benefit in self.benefits if benefit.availability != STANDALONE]

    @property
    def added(self) -> list[Benefit]:
        """Return the benefits that are not in the package."""
        return [benefit for benefit in self.benefits if benefit.pk not in self.included]

    @property
    def is_customized(self) -> bool:
        """Return whether the selection differs from the package. One benefit of an exclusivity group is sufficient."""
        if self.package is None or self.package.is_standalone_only:
            return bool(self.with_package)
        chosen = {benefit.pk for benefit in self.benefits}
        groups = {group for group in self.included.values() if group}
        taken = Counter(self.included[pk] for pk in chosen & self.included.keys())
        plain = {pk for pk, group in self.included.items() if not group}
        return bool(chosen - self.included.keys()) or not plain <= chosen or any(taken[group] != 1 for group in groups)

    @property
    def price(self) -> int | None:
        """Return the list price of an unchanged package, otherwise None, because staff set the fee."""
        if self.package is None or self.is_customized or self.package.is_standalone_only:
            return None
        return self.package.amount

    def problems(self, full: Iterable[int] = ()) -> list[str]:
        """Return an error message for each broken rule. `full` contains the IDs of benefits that are sold out."""
        found = []
        if self.package is None and not self.benefits:
            return [gettext("Choose a package or a standalone benefit.")]
        if self.package is not None and self.package.sponsorship_year_id != self.sponsorship_year.pk:
            found.append(
                gettext("%(package)s is not available this sponsorship year. Choose another package.")
                % {"package": self.package.name}
            )
        found += self._find_benefit_problems()
        if self.package is not None and not self.package.is_standalone_only and self.standalone:
            found.append(gettext("Only available without a package: %(benefits)s.") % {"benefits": names(self.standalone)})
        if self.package is not None and not self.package.allow_add_ons and self.added:
            found.append(
                gettext("%(package)s does not allow add-ons. Remove %(benefits)s.")
                % {"package": self.package.name, "benefits": names(self.added)}
            )
        groups = Counter(benefit.exclusivity_group for benefit in self.benefits if benefit.exclusivity_group)
        for group in (group for group, number in groups.items() if number > 1):
            rivals = [benefit for benefit in self.benefits if benefit.exclusivity_group == group]
            found.append(gettext("These benefits cannot be combined: %(benefits)s. Choose one.") % {"benefits": names(rivals)})
        blocked = set(full)
        gone = [benefit for benefit in self.benefits if benefit.pk in blocked]
        if gone:
            found.append(gettext("Sold out: %(benefits)s. Choose other benefits.") % {"benefits": names(gone)})
        return found

    def _find_benefit_problems(self) -> list[str]:
        found = []
        gone = [b for b in self.benefits if b.sponsorship_year_id != self.sponsorship_year.pk or b.availability == WITHDRAWN]
        if gone:
            found.append(gettext("Not available this sponsorship year: %(benefits)s.") % {"benefits": names(gone)})
        bound = [b for b in self.benefits if b.availability == PACKAGE_ONLY and b.pk not in self.included]
        if bound and self.package is not None:
            found.append(
                gettext("Not part of %(package)s and not available as an add-on: %(benefits)s.")
                % {"package": self.package.name, "benefits": names(bound)}
            )
        elif bound:
            found.append(gettext("Only available with a package: %(benefits)s. Choose a package.") % {"benefits": names(bound)})
        elif self.package is None and self.with_package:
            found.append(
                gettext("Only available as an add-on to a package: %(benefits)s. Choose a package.")
                % {"benefits": names(self.with_package)}
            )
        return found


def names(benefits: list[Benefit]) -> str:
    return ", ".join(f"“{benefit.name}”" for benefit in benefits)
