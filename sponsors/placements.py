"""Who is shown where, on any day: the one question of the pages, of the template tag and of the APIs."""

from datetime import date

from django.conf import settings
from django.db.models import QuerySet

from .models import Deal, Item, Kind, Publisher

# Programs ask for hundreds of rows: those columns alone take half the time of all.
COLUMNS = [
    *("kind", "publisher", "place", "link_to_sponsors_page", "describe_as_sponsor", "line__deal"),
    *(f"line__deal__{name}" for name in ("state", "starts_on", "ends_on", "old_level", "sponsor", "package")),
    *(f"line__deal__package__{name}" for name in ("name", "slug", "sort_order", "logo_dimension")),
    *(f"line__deal__sponsor__{name}" for name in ("name", "slug", "description", "landing_page_url", "web_logo", "white_logo")),
]
DESCRIPTION = "{sponsor} is a {level} sponsor of the Python Software Foundation."


def placements(*, publisher: str = "", place: str = "", on: date | None = None) -> QuerySet[Item]:
    """Items that place a logo on a day (today by default), the highest level first, with all that a page or program needs."""
    items = Item.objects.kept().filter(kind=Kind.PLACEMENT, line__deal__in=Deal.objects.shown(on))
    if publisher:
        items = items.filter(publisher=publisher)
    if place:
        items = items.filter(place=place)
    return (
        items.select_related("line__deal__sponsor", "line__deal__package")
        .only(*COLUMNS)
        .order_by("line__deal__package__sort_order", "line__deal__package__amount", "line__deal__sponsor__name", "pk")
    )


def described(item: Item) -> dict:
    """A placement as programs read it. What is missing is null or empty, and never an error."""
    deal = item.line.deal
    sponsor = deal.sponsor
    link = sponsor.wall_url if item.link_to_sponsors_page else sponsor.landing_page_url or sponsor.wall_url
    description = sponsor.description
    if item.describe_as_sponsor:
        description = DESCRIPTION.format(sponsor=sponsor.name, level=deal.level)
    return {
        "publisher": item.publisher,
        "flight": item.place,
        "sponsor": sponsor.name,
        "sponsor_id": str(sponsor.pk),
        "sponsor_slug": sponsor.slug,
        "description": description,
        "logo": sponsor.logo_url(),
        "white_logo": sponsor.logo_url("white_logo"),
        "start_date": deal.starts_on,
        "end_date": deal.ends_on,
        "sponsor_url": link,
        "level_name": deal.level,
        "level_order": deal.package.sort_order if deal.package else None,
    }


def has_what_it_needs(item: Item) -> bool:
    """PyPI keeps no sponsor without a logo: one such row would end its whole update."""
    return item.publisher != Publisher.PYPI or bool(item.line.deal.sponsor.web_logo)


def logos(place: str, publisher: str = Publisher.PSF) -> list[dict]:
    """The logos of a place of this site, as plain values that a cache can keep."""
    found: dict[int, dict] = {}
    for item in placements(publisher=publisher, place=place):
        row = described(item)
        row["size"] = size_class(item)
        row["group"] = item.line.deal.package.slug if item.line.deal.package else ""
        row["anchor"] = f"{settings.BASE_URL}/psf/sponsors/#{row['sponsor_slug']}"
        found.setdefault(item.line.deal.sponsor_id, row)
    return list(found.values())


def size_class(item: Item) -> str:
    sizes = {325: "xl", 250: "l", 200: "m"}
    dimension = item.line.deal.package.logo_dimension if item.line.deal.package else 0
    return next((name for least, name in sizes.items() if dimension >= least), "s")
