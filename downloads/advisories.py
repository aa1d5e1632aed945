"""Security information of releases: the advisories that a release fixes, those that affect it, and the release to upgrade to."""

from collections import defaultdict
from dataclasses import dataclass, field

from cms.delivery import cached

from .models import Advisory, Release
from .models.series import STABLE
from .versions import Version, parse_name


@dataclass
class SecurityFacts:
    """Advisories of a release, newest first."""

    fixes: list[Advisory] = field(default_factory=list)
    affected_by: list[Advisory] = field(default_factory=list)
    # Name and slug of the release without these vulnerabilities, if there is one.
    upgrade_to: tuple[str, str] | None = None


@dataclass(frozen=True)
class _Known:
    """Published release of Python with the data that its security facts depend on."""

    pk: int
    name: str
    slug: str
    version: Version
    is_stable: bool


NO_FACTS = SecurityFacts()


def compute_security_facts() -> dict[int, SecurityFacts]:
    """Return the security facts of published Python releases that have any, keyed by release ID. Two queries.

    A stable release fixes an advisory if the previous stable release of its series is affected; a pre-release is compared with
    the previous release of any stage.
    """
    advisories = list(Advisory.objects.in_force().defer("details", "references"))
    if not advisories:
        return {}
    by_series: dict[str, list[_Known]] = defaultdict(list)
    columns = ("pk", "name", "slug", "pre_release", "stage")
    for pk, name, slug, pre_release, stage in (
        Release.objects.visible().exclude(version=Release.Line.INSTALL_MANAGER).values_list(*columns)
    ):
        version = parse_name(name)
        if version:
            is_stable = {"pre_release": pre_release, "stage": stage} == STABLE
            by_series[version.series].append(_Known(pk, name, slug, version, is_stable))
    has = {
        release.pk: {advisory.pk: advisory for advisory in advisories if advisory.affects(release.version)}
        for releases in by_series.values()
        for release in releases
    }
    stable = [release for releases in by_series.values() for release in releases if release.is_stable]
    newest = max(stable, key=lambda release: release.version, default=None)
    facts = {}
    for releases in by_series.values():
        releases.sort(key=lambda release: release.version)
        last = next((release for release in reversed(releases) if release.is_stable), None)
        for place, release in enumerate(releases):
            earlier = [one for one in releases[:place] if one.is_stable or not release.is_stable]
            before = has[earlier[-1].pk] if earlier else {}
            mine = has[release.pk]
            fixes = [advisory for key, advisory in before.items() if key not in mine]
            if not fixes and not mine:
                continue
            upgrades = [one for one in (last, newest) if one and one.version > release.version]
            best = next((one for one in upgrades if not mine.keys() & has[one.pk].keys()), None)
            upgrade = (best.name, best.slug) if mine and best else None
            facts[release.pk] = SecurityFacts(fixes, list(mine.values()), upgrade)
    return facts


def security_facts() -> dict[int, SecurityFacts]:
    """Return the facts of all releases, cached until the next purge."""
    return cached.cached("security-facts", compute_security_facts, ["downloads"])


def facts_of(release: Release) -> SecurityFacts:
    return security_facts().get(release.pk, NO_FACTS)
