"""Public pages: the list of sponsors and the offer."""

from functools import partial

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from cms.content.breadcrumbs import breadcrumbs as make_breadcrumbs
from cms.delivery import cached, surrogate_keys

from . import placements
from .models import Package, Place, SponsorshipSettings, SponsorshipYear
from .offer import Offer

SHARED_SECONDS = 600
MAX_YEAR_DIGITS = 4


public = surrogate_keys.shared("sponsors", seconds=SHARED_SECONDS)
breadcrumbs = partial(make_breadcrumbs, (_("PSF"), "/psf/"), (_("Sponsors"), "/psf/sponsors/"))


def get_sponsors_by_level() -> list[dict]:
    """Return sponsors by level. The name and order of a level come from its newest sponsorship year."""
    groups: dict[str, list[dict]] = {}
    for row in placements.get_logos(Place.SPONSORS):
        groups.setdefault(row["group"], []).append(row)
    newest: dict[str, Package] = {}
    for package in Package.objects.filter(slug__in=groups).select_related("sponsorship_year").order_by("-sponsorship_year__year"):
        newest.setdefault(package.slug, package)
    levels = sorted(groups, key=lambda slug: newest[slug].sort_order if slug in newest else 10_000)
    return [{"level": newest[slug].name if slug in newest else "", "slug": slug, "sponsors": groups[slug]} for slug in levels]


def closed_notice(sponsorship_year: SponsorshipYear | None) -> dict:
    """Return the context of the notice that applications are closed, if they are."""
    if sponsorship_year is not None and sponsorship_year.is_open:
        return {}
    return {"is_closed": True, "opening": SponsorshipYear.objects.announced().first()}


@public
@require_safe
def sponsor_list(request: HttpRequest) -> HttpResponse:
    context = closed_notice(SponsorshipYear.objects.open().first()) | {
        "title": gettext("Sponsors"),
        "groups": cached.cached("sponsor-wall", get_sponsors_by_level, ["sponsors"]),
        "texts": SponsorshipSettings.load(),
        "breadcrumbs": breadcrumbs(),
        "canonical_url": settings.BASE_URL + request.path,
    }
    return render(request, "sponsors/sponsor_list.html", context)


@public
@require_safe
def application(request: HttpRequest) -> HttpResponse:
    """Show the offer and the form that starts an application. Staff can preview the offer of any sponsorship year."""
    year = request.GET.get("year", "")
    if year and not request.user.has_perm("sponsors.view_sponsorshipyear"):
        raise PermissionDenied
    is_year = year.isdecimal() and len(year) <= MAX_YEAR_DIGITS
    sponsorship_year = SponsorshipYear.objects.filter(year=year).first() if is_year else SponsorshipYear.objects.shown()
    closed = {} if year else closed_notice(sponsorship_year)
    title = gettext("Sponsorship") if closed else gettext("Become a sponsor")
    context = closed | {
        "title": title,
        "sponsorship_year": sponsorship_year,
        "is_preview": bool(year),
        "offer": Offer.of(sponsorship_year) if sponsorship_year else None,
        "texts": SponsorshipSettings.load(),
        "breadcrumbs": breadcrumbs((title, "")),
        "canonical_url": settings.BASE_URL + request.path,
    }
    response = render(request, "sponsors/application.html", context)
    if year:
        patch_cache_control(response, private=True)
    return response
