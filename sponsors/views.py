"""The public pages: the sponsors, and what sponsors can choose from."""

from functools import partial

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from cms.content.breadcrumbs import breadcrumbs as make_breadcrumbs
from cms.delivery import cached, surrogate_keys

from . import placements
from .models import Package, Place, Season, SponsorshipSettings
from .offer import Offer

SHARED_SECONDS = 600


public = surrogate_keys.shared("sponsors", seconds=SHARED_SECONDS)
breadcrumbs = partial(make_breadcrumbs, ("PSF", "/psf/"), ("Sponsors", "/psf/sponsors/"))


def wall() -> list[dict]:
    """Sponsors by level. Name, order and size of a level are those of its newest season."""
    groups: dict[str, list[dict]] = {}
    for row in placements.logos(Place.SPONSORS):
        groups.setdefault(row["group"], []).append(row)
    newest: dict[str, Package] = {}
    for package in Package.objects.filter(slug__in=groups).select_related("season").order_by("-season__year"):
        newest.setdefault(package.slug, package)
    levels = sorted(groups, key=lambda slug: newest[slug].sort_order if slug in newest else 10_000)
    return [{"level": newest[slug].name if slug in newest else "", "slug": slug, "sponsors": groups[slug]} for slug in levels]


def closed_notice(season: Season | None) -> dict:
    """What a page says in place of an invitation while no season takes applications."""
    if season is not None and season.is_open:
        return {}
    return {"is_closed": True, "opening": Season.objects.announced().first()}


@public
@require_safe
def sponsor_list(request: HttpRequest) -> HttpResponse:
    context = closed_notice(Season.objects.open().first()) | {
        "title": "Sponsors",
        "groups": cached.cached("sponsor-wall", wall),
        "texts": SponsorshipSettings.load(),
        "breadcrumbs": breadcrumbs(),
        "canonical_url": settings.BASE_URL + request.path,
    }
    return render(request, "sponsors/sponsor_list.html", context)


@public
@require_safe
def application(request: HttpRequest) -> HttpResponse:
    """The offer of the season, and the form that begins an application. Staff may look at the offer of any season."""
    asked = request.GET.get("season", "")
    if asked and not request.user.has_perm("sponsors.view_season"):
        raise PermissionDenied
    season = Season.objects.filter(year=asked).first() if asked.isdecimal() and len(asked) < 5 else Season.objects.shown()  # noqa: PLR2004
    closed = {} if asked else closed_notice(season)
    title = "Sponsorship" if closed else "Become a sponsor"
    context = closed | {
        "title": title,
        "season": season,
        "is_preview": bool(asked),
        "offer": Offer.of(season) if season else None,
        "texts": SponsorshipSettings.load(),
        "breadcrumbs": breadcrumbs((title, "")),
        "canonical_url": settings.BASE_URL + request.path,
    }
    response = render(request, "sponsors/application.html", context)
    if asked:
        patch_cache_control(response, private=True)
    return response
