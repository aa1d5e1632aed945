"""Long lists of releases and files as plain tuples, because model instances are slow for hundreds of rows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import NamedTuple, cast

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from cms.platform.dates import date_formatter

from .artifacts import table_position
from .compatibility import note_for
from .models import OS, PlannedRelease, Release, ReleaseFile, ReleaseSeries
from .versions import Stage, Version, parse_name

Status = ReleaseSeries.Status
CHIPS = {Status.PRE_RELEASE: "brand", Status.BUGFIX: "ok", Status.SECURITY: "warn", Status.ENDED: "neutral"}
# Scripts look for files on the first page, so the limit is higher than the number of releases in 35 years.
PLATFORM_PAGE = 450
INSTALL_MANAGER = Release.Line.INSTALL_MANAGER
# Sorts before every release.
FIRST = Version(0, 0)


class Row(NamedTuple):
    """Row of a list of releases."""

    name: str
    slug: str
    url: str
    series_id: int | None
    # Release date as YYYY-MM-DD and as text.
    day: str
    date: str
    notes_url: str = ""
    # The slugs of its operating systems, separated by spaces.
    platforms: str = ""
    is_hidden: bool = False
    note: str = ""
    links: SafeString = SafeString()


@dataclass
class Group:
    """Releases of a release series, newest first; or of the install manager, or without a version."""

    title: str
    series: ReleaseSeries | None = None
    status: Status | None = None
    rows: list[Row] = field(default_factory=list)
    is_open: bool = False

    @property
    def size(self) -> str:
        return ngettext("%(count)d release", "%(count)d releases", len(self.rows)) % {"count": len(self.rows)}

    @property
    def series_name(self) -> str:
        return self.series.name if self.series else ""

    @property
    def kind(self) -> str:
        """Return the color of the status chip."""
        return CHIPS[self.status] if self.status else "neutral"

    @property
    def is_hidden(self) -> bool:
        return all(row.is_hidden for row in self.rows)

    @property
    def is_supported(self) -> bool:
        return self.status not in {None, Status.ENDED}


def release_url_pattern() -> str:
    """Return the URL of release pages with a placeholder for the slug."""
    return reverse("downloads:release_detail", args=["slug"]).replace("slug", "{}")


@lru_cache
def escaped_name(name: str) -> str:
    """Return the escaped name of a file. Cached: the same few names appear in nearly every release."""
    return escape(name)


def file_links(files: Iterable[tuple]) -> SafeString:
    """Return links to files from (sort key, URL, name), one per line, because scripts read them line by line."""
    links = (f'<li><a href="{escape(url)}">{escaped_name(name)}</a></li>\n' for _, url, name in sorted(files))
    return SafeString("".join(links))


def listed_releases(platforms: Iterable[OS], also: Release | None = None) -> list[Row]:
    """Return the releases on the download page, newest version first, names without a version last. Two queries."""
    slugs = {os.pk: os.slug for os in platforms}
    found: dict[int, list[str]] = defaultdict(list)
    for release_id, os_id in ReleaseFile.objects.order_by("release_id", "os_id").values_list("release_id", "os_id").distinct():
        found[release_id].append(slugs[os_id])
    columns = ("pk", "name", "slug", "series_id", "release_date", "release_notes_url")
    pattern, shown = release_url_pattern(), date_formatter()
    return [
        Row(
            name,
            slug,
            pattern.format(slug),
            series_id,
            day.date().isoformat(),
            shown(day),
            notes_url,
            " ".join(found.get(pk, ())),
        )
        for pk, name, slug, series_id, day, notes_url in (
            Release.objects.visible(also).listed().by_version().values_list(*columns)
        )
    ]


def planned_releases(
    series: Iterable[ReleaseSeries], also: Release | None = None, at: datetime | None = None
) -> list[PlannedRelease]:
    """Return planned releases that are not published yet, the next one first. A release whose date has passed is overdue.

    A plan ends when its release or a later one of the same series is published, or when the series has ended.
    """
    by_id = {one.pk: one for one in series}
    newest: dict[int | None, Version] = {}
    for series_id, name in Release.objects.visible(also).values_list("series_id", "name"):
        version = parse_name(name)
        if version and version > newest.get(series_id, FIRST):
            newest[series_id] = version
    plans = []
    for plan in PlannedRelease.objects.all():
        plan.series = by_id[plan.series_id]
        version = parse_name(f"Python {plan.name}")
        is_done = version is not None and version <= newest.get(plan.series_id, FIRST)
        # A name without a version cannot be compared, so its date decides.
        is_unknown = version is None and plan.is_overdue(at)
        if not is_done and not is_unknown and plan.series.status(at) != Status.ENDED:
            plans.append(plan)
    return plans


def newest_by_series(rows: Iterable[Row]) -> dict[int, Row]:
    """Return the first row of each release series, keyed by series ID."""
    found: dict[int, Row] = {}
    for row in rows:
        if row.series_id is not None:
            found.setdefault(row.series_id, row)
    return found


def group_by_series(rows: Iterable[Row], series: Iterable[ReleaseSeries], at: datetime | None = None) -> list[Group]:
    """Return rows grouped by release series, newest series first. Groups of supported series are open."""
    by_id = {one.pk: one for one in series}
    groups: dict[int | str, Group] = {}
    for row in rows:
        if row.series_id is None:
            title = gettext("Python install manager") if "install manager" in row.name else gettext("Other releases")
            groups.setdefault(title, Group(title)).rows.append(row)
            continue
        group = groups.get(row.series_id)
        if group is None:
            of_series = by_id[row.series_id]
            # Without dates the support status is unknown.
            status = of_series.status(at) if of_series.first_release else None
            group = groups[row.series_id] = Group(f"Python {of_series.name}", of_series, status)
            group.is_open = group.is_supported
        group.rows.append(row)
    return sorted(groups.values(), key=lambda group: group.series is None)


def mark_hidden(rows: Iterable[Row], series: Iterable[ReleaseSeries], filters: dict[str, str]) -> list[Row]:
    """Return all rows, with those outside the filters marked as hidden, so that a script can show them again."""
    if not any(filters.values()):
        return list(rows)
    names = {one.pk: one.name for one in series}
    terms = filters["q"].lower().split()
    return [
        row._replace(
            is_hidden=bool(
                (filters["series"] and names.get(row.series_id) != filters["series"])
                or (filters["os"] and filters["os"] not in row.platforms.split())
                or not all(word in f"{row.name} {row.date}".lower() for word in terms)
            )
        )
        for row in rows
    ]


def paginate_platform_releases(os: OS) -> Paginator:
    """Return a paginator of the visible releases with files for an operating system, as tuples for `group_platform_releases`."""
    has_files = Exists(ReleaseFile.objects.filter(release=OuterRef("pk"), os=os))
    columns = ("pk", "name", "slug", "series_id", "release_date", "version", "major", "minor", "pre_release", "stage")
    return Paginator(Release.objects.visible().filter(has_files).by_version().values_list(*columns), PLATFORM_PAGE)


def group_platform_releases(
    os: OS, page: Page, series: Iterable[ReleaseSeries], *, has_manager: bool = False, at: datetime | None = None
) -> tuple[list[Group], list[Group]]:
    """Return stable releases and pre-releases on a page of an operating system, with links to files. Two queries."""
    releases = cast("QuerySet", page.object_list)
    files = defaultdict(list)
    columns = ("release_id", "name", "url", "kind", "architecture")
    found = ReleaseFile.objects.filter(os=os, release__in=releases.values("pk"))
    for release_id, name, url, kind, architecture in found.order_by().values_list(*columns):
        files[release_id].append((table_position(os.slug, name, kind, architecture), url, name))
    pattern, shown = release_url_pattern(), date_formatter()
    stable: list[Row] = []
    pre_releases: list[Row] = []
    for pk, name, slug, series_id, day, line, major, minor, pre_release, stage in releases:
        is_stable = not pre_release and stage == Stage.FINAL
        row = Row(
            name,
            slug,
            pattern.format(slug),
            series_id,
            day.date().isoformat(),
            shown(day),
            note=note_for(os.slug, (major, minor), has_manager=has_manager) if is_stable and line != INSTALL_MANAGER else "",
            links=file_links(files[pk]),
        )
        (stable if is_stable else pre_releases).append(row)
    return group_by_series(stable, series, at), group_by_series(pre_releases, series, at)
