"""Template contexts of the pages of the downloads: landing page, operating systems and releases."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.text import slugify
from django.utils.translation import get_language, gettext, gettext_lazy

from cms.content.breadcrumbs import breadcrumbs
from cms.content.presentation import presents
from cms.delivery import cached

from . import listings
from .advisories import SecurityFacts, facts_of, security_facts
from .artifacts import table_position
from .compatibility import INSTALL_MANAGER_FROM, note_for
from .descriptions import describe_release
from .models import OS, DownloadsPage, DownloadsSettings, Release, ReleaseFile, ReleaseSeries
from .models.series import day_of
from .offers import LANDING, Offer, current_offers, latest_python, offers_for, with_other_installers
from .structured_data import release_data
from .timeline import active_rows, chart
from .verification import verification_steps
from .versions import PYTHON_3

SECTION = (gettext_lazy("Downloads"), LANDING)


def page_urls() -> dict[str, str]:
    """Return the URLs of editors' pages that the downloads link to, cached."""
    return cached.cached("downloads-page-urls", lambda: DownloadsSettings.load().page_urls())


@presents(DownloadsPage)
def downloads_page_context(page: DownloadsPage, request: HttpRequest) -> dict[str, Any]:
    return landing_context(request.GET, offers=offers_for(request))


@presents(Release)
def release_preview_context(release: Release, mode: str) -> dict[str, Any]:
    if mode == "landing":
        return {"page": DownloadsPage.objects.first()} | landing_context(also=release)
    return release_page_context(release)


def landing_context(
    query: Mapping[str, str] | None = None,
    *,
    offers: list[Offer] | None = None,
    at: datetime | None = None,
    also: Release | None = None,
) -> dict[str, Any]:
    """Return the context of the landing page besides its own text.

    `query` filters the list of releases. `offers` are the current offers if the caller already has them. `also` is a draft that
    a preview shows as published.
    """
    values = {name: str((query or {}).get(name, "")).strip() for name in ("series", "os", "q", "version")}
    version = values.pop("version")
    offers = offers or current_offers(also)
    if also or at or version or any(values.values()):
        return _landing_context(values, offers, at, also, version)
    return cached.cached(f"downloads-page-{get_language()}", partial(_landing_context, values, offers), ["downloads"])


def _landing_context(
    filters: dict[str, str],
    offers: list[Offer],
    at: datetime | None = None,
    also: Release | None = None,
    version: str = "",
) -> dict[str, Any]:
    series = list(ReleaseSeries.objects.with_published(also).newest_first())
    rows_of_all = partial(listings.listed_releases, [offer.os for offer in offers], also)
    releases = listings.mark_hidden(
        rows_of_all() if also else cached.cached(f"release-rows-{get_language()}", rows_of_all, ["downloads"]), series, filters
    )
    groups = listings.group_by_series(releases, series, at)
    rows = active_rows(series, listings.newest_by_series(releases), at)
    # Versions to choose from: those that get fixes. The first is the default.
    versions = {row.name: row for row in rows if row.newest and not row.has_ended and row.series.major == PYTHON_3}
    version = version if version in versions else next(iter(versions), "")
    is_default = not versions or version == next(iter(versions))
    if not is_default:
        offers = current_offers(also, (versions[version].series.major, versions[version].series.minor))
    offers = with_other_installers(offers)
    return {
        "offers": offers,
        "computers": [offer for offer in offers if offer.file and not offer.os.is_for_app_developers],
        "devices": [offer for offer in offers if offer.os.is_for_app_developers],
        "version": version,
        "newest": versions[version].newest if version else None,
        "version_choices": [(name, f"Python {name} ({str(row.status.label).lower()})") for name, row in versions.items()],
        "is_default_version": is_default,
        "series_rows": rows,
        "chart": chart(rows, at),
        "planned": listings.planned_releases(series, also, at),
        "groups": groups,
        "release_count": len(releases),
        "hit_count": sum(not row.is_hidden for row in releases),
        "filters": filters,
        "series_choices": [(group.series_name, group.series_name) for group in groups if group.series],
        "os_choices": [(offer.os.slug, offer.os.name) for offer in offers],
        "is_filtered": any(filters.values()),
        "canonical_url": settings.BASE_URL + LANDING,
    }


def os_list_context() -> dict[str, Any]:
    return {
        "breadcrumbs": breadcrumbs(SECTION, (gettext("Operating systems"), "")),
        "canonical_url": settings.BASE_URL + reverse("downloads:os_list"),
    }


def end_of_life_context(at: datetime | None = None) -> dict[str, Any]:
    """Return the context of the page of ended release series: their last releases, and the supported ones to move to."""
    all_series = list(ReleaseSeries.objects.with_published().newest_first())
    newest = {release.series_id: release for release in Release.objects.newest_of_each("series").defer("body")}
    status = {series.pk: series.status(at) for series in all_series}
    facts = security_facts()
    published = [series for series in all_series if series.pk in newest]
    return {
        "ended": [
            (series, newest[series.pk], facts.get(newest[series.pk].pk))
            for series in published
            if status[series.pk] == ReleaseSeries.Status.ENDED or newest[series.pk].has_ended(at)
        ],
        # Without advisories, no security facts are known.
        "has_advisories": bool(facts),
        "supported": [
            (series, newest[series.pk])
            for series in published
            if series.is_stable(at) and status[series.pk] in {ReleaseSeries.Status.BUGFIX, ReleaseSeries.Status.SECURITY}
        ],
        "breadcrumbs": breadcrumbs(SECTION, (gettext("End-of-life versions"), "")),
        "canonical_url": settings.BASE_URL + reverse("downloads:eol"),
    }


def roadmap_context(at: datetime | None = None) -> dict[str, Any]:
    """Return the context of the page of planned releases and upcoming support changes."""
    series = list(ReleaseSeries.objects.with_published().newest_first())
    plans = listings.planned_releases(series, at=at)
    today = day_of(at)
    changes = [
        (day, one, ends)
        for one in series
        if one.is_stable(at)
        for day, ends in ((one.end_of_bugfixes, False), (one.end_of_security, True))
        if day and day > today
    ]
    return {
        "overdue": [plan for plan in plans if plan.is_overdue(at)],
        "planned": [plan for plan in plans if not plan.is_overdue(at)],
        "changes": sorted(changes, key=lambda change: change[0]),
        "breadcrumbs": breadcrumbs(SECTION, (gettext("Roadmap"), "")),
        "canonical_url": settings.BASE_URL + reverse("downloads:roadmap"),
    }


def os_page_context(os: OS, *, offers: list[Offer], page: str | None = None) -> dict[str, Any]:
    """Return the context of the page of an operating system. `page` is the number of a page of its releases."""
    [offer] = with_other_installers([one for one in offers if one.os.pk == os.pk])
    page_obj = listings.paginate_platform_releases(os).get_page(page)
    return {
        "page_obj": page_obj,
        # Called when the cached part of the page is rendered. Returns stable releases and pre-releases.
        "release_groups": lambda: listings.group_platform_releases(
            os, page_obj, ReleaseSeries.objects.with_published(), has_manager=offer.manager is not None
        ),
        "os": os,
        "offer": offer,
        "others": [one for one in offers if one.os.pk != os.pk],
        "latest_python": None if offer.python else latest_python(),
        "note": note_for(os.slug, (offer.python.major, offer.python.minor)) if offer.python else "",
        "breadcrumbs": breadcrumbs(SECTION, (os.name, "")),
        "canonical_url": settings.BASE_URL + os.get_absolute_url(),
    }


def release_page_context(release: Release, *, offers: list[Offer] | None = None, at: datetime | None = None) -> dict[str, Any]:
    """Return the context of the page of a release and of its preview. `offers` are the current ones if already known."""
    series = release.series_as_published()
    files = sorted(
        # Compared by primary key, because the preview of an unsaved release has none.
        ReleaseFile.objects.filter(release=release.pk).select_related("os").defer("os__install_notes", "os__other_ways"),
        key=lambda file: table_position(file.os.slug, file.name, file.kind, file.architecture),
    )
    # Files for app developers come last.
    cards = sorted(
        (file for file in files if file.download_button),
        key=lambda file: (file.os.is_for_app_developers, file.os.order, file.os.name),
    )
    version = None if release.is_install_manager else (release.major, release.minor)
    with_manager = []
    if version and version >= INSTALL_MANAGER_FROM:
        with_manager = [offer for offer in offers or current_offers() if offer.manager]
    has_sha256 = any(file.sha256_sum for file in files)
    pages = page_urls()
    superseded_by, has_ended = release.superseded_by(), release.has_ended(at)
    is_latest = release.is_stable and not has_ended and superseded_by is None and release.is_current
    return {
        "release": release,
        "subject": release,
        "series": series,
        "support": series.support(at) if series else "",
        "status": series.status(at) if series else None,
        "has_ended": has_ended,
        "superseded_by": superseded_by,
        "summary": describe_release(release),
        "security": facts_of(release),
        "docs": release.parsed_version if release.version == Release.Line.PYTHON_3 else None,
        # This and `files` are computed when the cached part of the page is rendered.
        "neighbors": partial(Release.objects.neighbors, release),
        "contents": _contents(release, files, facts_of(release)),
        "is_latest": is_latest,
        "cards": cards,
        "with_manager": with_manager,
        "files": SimpleLazyObject(
            lambda: [(file, verification_steps(file, release, pages.get("identities", ""))) for file in files]
        ),
        "pages": pages,
        "notes": sorted({note for file in files if (note := note_for(file.os.slug, version))}) if version else [],
        "columns": {
            "description": any(file.description for file in files),
            "size": any(file.filesize for file in files),
            "sigstore": any(
                file.sigstore_bundle_file or file.sigstore_cert_file or file.sigstore_signature_file for file in files
            ),
            "sbom": any(file.sbom_spdx2_file for file in files),
            "gpg": any(file.gpg_signature_file for file in files),
            "sha256": has_sha256,
            # MD5 checksums are shown only if there is no SHA-256 checksum.
            "md5": not has_sha256 and any(file.md5_sum for file in files),
        },
        "checksums": [[file.filename, file.sha256_sum, file.filesize] for file in files if file.has_valid_sha256],
        "has_sums": any(file.has_valid_sha256 for file in files),
        "structured_data": release_data(release, files),
        "social_image": settings.BASE_URL + reverse("downloads:release_image", args=[release.slug]) if release.slug else "",
        "breadcrumbs": breadcrumbs(SECTION, (release.name, "")),
        "canonical_url": settings.BASE_URL + release.get_absolute_url(),
    }


def _contents(release: Release, files: list[ReleaseFile], security: SecurityFacts) -> list[tuple[str, str]]:
    """Return the table of contents of the page of a release: anchor and title of each part."""
    parts = [("downloads", gettext("Downloads"))] if any(file.download_button for file in files) else []
    parts += [
        (block.value["anchor"] or slugify(block.value["text"]), block.value["text"])
        for block in release.body
        if block.block_type == "heading"
    ]
    if security.fixes or security.affected_by:
        parts.append(("security", gettext("Security")))
    parts.append(("files", gettext("Files")))
    if files:
        parts.append(("verify", gettext("Verify a download")))
    return parts
