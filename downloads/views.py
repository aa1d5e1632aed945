from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cms.delivery import surrogate_keys

from .ical import release_calendar
from .indexes import checksums
from .models import OS, Release
from .offers import offers_for
from .presentation import (
    LANDING,
    end_of_life_context,
    landing_context,
    os_list_context,
    os_page_context,
    release_page_context,
    roadmap_context,
)
from .social_images import draw_release

# Boxes generated from releases: label and template.
BOXES = {
    "supernav-python-downloads": "downloads/boxes/latest.html",
    "homepage-downloads": "downloads/boxes/homepage.html",
    "download-sources": "downloads/boxes/sources.html",
    "downloads-active-releases": "downloads/supported_series.html",
}
# Browsers cache these responses for a minute, the cache in front of the site until the purge.
public = surrogate_keys.shared("downloads", seconds=3600)


@public
@require_safe
def os_list(request: HttpRequest) -> HttpResponse:
    return render(request, "downloads/os_list.html", os_list_context())


@public
@require_safe
def os_detail(request: HttpRequest, slug: str) -> HttpResponse:
    os = get_object_or_404(OS, slug=slug)
    context = os_page_context(os, offers=offers_for(request), page=request.GET.get("page"))
    return render(request, "downloads/os_detail.html", context)


@public
@require_safe
def end_of_life(request: HttpRequest) -> HttpResponse:
    return render(request, "downloads/end_of_life.html", end_of_life_context())


@public
@require_safe
def release_detail(request: HttpRequest, slug: str) -> HttpResponse:
    release = get_object_or_404(Release.objects.visible().select_related("series", "release_page"), slug=slug)
    return render(request, "downloads/release_detail.html", release_page_context(release, offers=offers_for(request)))


@public
@require_safe
def release_checksums(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the SHA-256 checksums of a release in the format of `sha256sum --check`."""
    return _checksums_of(slug)


@public
@require_safe
def latest_checksums(request: HttpRequest, major: str, minor: str) -> HttpResponse:
    """Return the SHA-256 checksums of the latest stable release of a release series."""
    release = Release.objects.current_of_series(int(major), int(minor))
    if release is None or not release.is_stable:
        raise Http404("This version has no stable release.")
    return _checksums_of(release.slug)


def _checksums_of(slug: str) -> HttpResponse:
    found = checksums(slug=slug)
    if not found:
        raise Http404("No file of this release has a SHA-256 checksum.")
    return HttpResponse(found, content_type="text/plain; charset=utf-8")


@public
@require_safe
def release_image(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the image of a release for links on other sites."""
    release = get_object_or_404(Release.objects.visible().select_related("series").defer("body"), slug=slug)
    return HttpResponse(draw_release(release), content_type="image/png")


@public
@require_safe
def roadmap(request: HttpRequest) -> HttpResponse:
    return render(request, "downloads/roadmap.html", roadmap_context())


@public
@require_safe
def latest(request: HttpRequest, which: str = "python3", major: str | None = None, minor: str | None = None) -> HttpResponse:
    """Redirect to the page of the latest release, or to the landing page if there is no release."""
    releases = Release.objects
    if major is not None and minor is not None:
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
def box(request: HttpRequest, label: str) -> HttpResponse:
    """Return a box that is generated from releases, without the page frame, at its URL of the old site."""
    context = landing_context(offers=offers_for(request)) if label == "downloads-active-releases" else {}
    return render(request, BOXES[label], context)


@public
@require_safe
def old_release_page(request: HttpRequest, version: str) -> HttpResponse:
    """Redirect from the URLs of release pages before 2014."""
    # Two rows may have the same name; the newer one counts.
    slug = Release.objects.visible().filter(name=f"Python {version}").order_by("-pk").values_list("slug", flat=True).first()
    if slug is None:
        raise Http404("No release has this version.")
    return redirect("downloads:release_detail", slug, permanent=True)
