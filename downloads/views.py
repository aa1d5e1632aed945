from datetime import datetime
from functools import partial

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail.admin.admin_url_finder import AdminURLFinder

from cms.content.breadcrumbs import breadcrumbs as make_breadcrumbs
from cms.delivery import cached, surrogate_keys

from . import listings
from .artifacts import table_position
from .compatibility import INSTALL_MANAGER_FROM, note_for
from .ical import release_calendar
from .models import OS, Release, ReleaseFile, ReleaseSeries
from .offers import Offer, current_offers, latest_python, offers_for, with_other_installers
from .structured_data import release_data
from .timeline import active_rows, chart
from .verification import verification_steps

LANDING = "/downloads/"


public = surrogate_keys.shared("downloads", seconds=3600)
breadcrumbs = partial(make_breadcrumbs, ("Downloads", LANDING))


def landing_context(
    query: dict | None = None,
    *,
    offers: list[Offer] | None = None,
    at: datetime | None = None,
    also: Release | None = None,
) -> dict:
    """What the landing page shows besides its own text.

    `query` filters the list of releases; `offers` are the current ones where they are known already; `also` is a draft that
    a preview shows as if it were published.
    """
    asked = {name: str((query or {}).get(name, "")).strip() for name in ("series", "os", "q")}
    offers = offers or current_offers(also)
    if also or at or any(asked.values()):
        return _landing_context(asked, offers, at, also)
    return cached.cached("downloads-page", partial(_landing_context, asked, offers))


def _landing_context(asked: dict[str, str], offers: list[Offer], at: datetime | None = None, also: Release | None = None) -> dict:
    offers = with_other_installers(offers)
    series = list(ReleaseSeries.objects.with_first_published(also).newest_first())
    rows_of_all = partial(listings.releases, [offer.os for offer in offers], also)
    releases = listings.matching(rows_of_all() if also else cached.cached("release-rows", rows_of_all), series, asked)
    groups = listings.grouped(releases, series, at)
    rows = active_rows(series, listings.newest(releases), at)
    return {
        "offers": offers,
        "series_rows": rows,
        "chart": chart(rows, at),
        "planned": listings.planned(series, also, at),
        "groups": groups,
        "release_count": len(releases),
        "hit_count": sum(not row.is_hidden for row in releases),
        "asked": asked,
        "series_choices": [(group.series_name, group.series_name) for group in groups if group.series],
        "os_choices": [(offer.os.slug, offer.os.name) for offer in offers],
        "is_filtered": any(asked.values()),
        "canonical_url": settings.BASE_URL + LANDING,
    }


@public
@require_safe
def os_list(request: HttpRequest) -> HttpResponse:
    """All platforms."""
    context = {
        "breadcrumbs": breadcrumbs(("Operating systems", "")),
        "canonical_url": settings.BASE_URL + request.path,
    }
    return render(request, "downloads/os_list.html", context)


@public
@require_safe
def os_detail(request: HttpRequest, slug) -> HttpResponse:
    os = get_object_or_404(OS, slug=slug)
    offers = offers_for(request)
    [offer] = with_other_installers([one for one in offers if one.os.pk == os.pk])
    page = listings.pages_of_platform(os).get_page(request.GET.get("page"))
    stable, pre_releases = listings.of_platform(os, page, ReleaseSeries.objects.all(), has_manager=offer.manager is not None)
    context = {
        "page_obj": page,
        "os": os,
        "offer": offer,
        "others": [one for one in offers if one.os.pk != os.pk],
        "latest_python": None if offer.python else latest_python(),
        "stable": stable,
        "pre_releases": pre_releases,
        "note": note_for(os.slug, (offer.python.major, offer.python.minor)) if offer.python else "",
        "breadcrumbs": breadcrumbs((os.name, "")),
        "canonical_url": settings.BASE_URL + os.get_absolute_url(),
    }
    return render(request, "downloads/os_detail.html", context)


def release_context(release: Release, *, offers: list[Offer] | None = None, at: datetime | None = None) -> dict:
    """What the page of a release shows; also its preview. `offers` are the current ones where they are known already."""
    files = sorted(
        # By key: the preview of a release that was never saved has none.
        ReleaseFile.objects.filter(release=release.pk).select_related("os").defer("os__install_notes", "os__other_ways"),
        key=lambda file: table_position(file.os.slug, file.name, file.kind, file.architecture),
    )
    cards = sorted((file for file in files if file.download_button), key=lambda file: (file.os.order, file.os.name))
    version = None if release.is_install_manager else (release.major, release.minor)
    with_manager = []
    if version and version >= INSTALL_MANAGER_FROM:
        with_manager = [offer for offer in offers or current_offers() if offer.manager]
    has_sha256 = any(file.sha256_sum for file in files)
    superseded_by, has_ended = release.superseded_by(), release.has_ended(at)
    is_latest = release.is_stable and not has_ended and superseded_by is None and release.is_current
    return {
        "release": release,
        "series": release.series,
        "support": release.series.support(at) if release.series else "",
        "status": release.series.status(at) if release.series else None,
        "has_ended": has_ended,
        "superseded_by": superseded_by,
        "is_latest": is_latest,
        "cards": cards,
        "with_manager": with_manager,
        "files": [(file, verification_steps(file, release)) for file in files],
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
            # An MD5 sum is better than none, and worse than any SHA-256.
            "md5": not has_sha256 and any(file.md5_sum for file in files),
        },
        "has_sums": any(file.has_valid_sha256 for file in files),
        "headings": [block.value for block in release.body if block.block_type == "heading"],
        "structured_data": release_data(release, files),
        "breadcrumbs": breadcrumbs((release.name, "")),
        "canonical_url": settings.BASE_URL + release.get_absolute_url(),
    }


@public
@require_safe
def release_detail(request: HttpRequest, slug) -> HttpResponse:
    release = get_object_or_404(Release.objects.visible().select_related("series", "release_page"), slug=slug)
    return render(request, "downloads/release_detail.html", release_context(release, offers=offers_for(request)))


@public
@require_safe
def release_sums(request: HttpRequest, slug) -> HttpResponse:
    """The SHA-256 sums of a release in the form that `sha256sum --check` reads."""
    files = ReleaseFile.objects.visible().filter(release__slug=slug).order_by("url")
    lines = [f"{file.sha256_sum}  {file.filename}\n" for file in files if file.has_valid_sha256]
    if not lines:
        raise Http404("No file of this release has a SHA-256 sum.")
    return HttpResponse("".join(lines), content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def edit_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A link into the admin for those who may change the release. Fetched apart, so that the page is the same for everybody."""
    if not request.user.has_perm("downloads.change_release"):
        return HttpResponse()
    release = get_object_or_404(Release, pk=pk)
    return render(request, "downloads/edit_link.html", {"url": AdminURLFinder(request.user).get_edit_url(release)})


@public
@require_safe
def latest(request: HttpRequest, which: str = "python3", major=None, minor=None) -> HttpResponse:
    """To the page of a newest release; to the landing page where there is none."""
    releases = Release.objects
    if minor is not None:
        release = releases.current_of_series(int(major), int(minor))
    elif which == "prerelease":
        release = releases.current_pre_release()
    else:
        lines = {"python2": Release.Line.PYTHON_2, "python3": Release.Line.PYTHON_3, "pymanager": Release.Line.INSTALL_MANAGER}
        release = releases.current(lines[which])
    return redirect(release or LANDING)


@public
@require_safe
def schedule(request: HttpRequest) -> HttpResponse:
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return HttpResponse(release_calendar(midnight), content_type="text/calendar; charset=utf-8")


@public
@require_safe
def menu_box(request: HttpRequest) -> HttpResponse:
    """The live panel of the menu alone, at the address that scripts know from the old site."""
    return render(request, "downloads/menu_panel.html")


@public
@require_safe
def old_release_page(request: HttpRequest, version) -> HttpResponse:
    """The addresses of release pages before 2014."""
    # Two rows may have one name; the newer one counts.
    slug = Release.objects.visible().filter(name=f"Python {version}").order_by("-pk").values_list("slug", flat=True).first()
    if slug is None:
        raise Http404("No release has this version.")
    return redirect("downloads:release_detail", slug, permanent=True)
