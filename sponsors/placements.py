"""Logo placements on a day, for the pages, the template tag and the APIs."""

from datetime import date

from django.conf import settings
from django.db.models import QuerySet

from .models import Kind, Publisher, Sponsorship, SponsorshipDeliverable

# API clients read hundreds of rows, and reading only these columns takes half the time.
COLUMNS = [
    *("kind", "publisher", "place", "link_to_sponsors_page", "describe_as_sponsor", "sponsorship_benefit__sponsorship"),
    *(
        f"sponsorship_benefit__sponsorship__{name}"
        for name in ("state", "starts_on", "ends_on", "old_level", "sponsor", "package")
    ),
    *(f"sponsorship_benefit__sponsorship__package__{name}" for name in ("name", "slug", "sort_order", "logo_dimension")),
    *(
        f"sponsorship_benefit__sponsorship__sponsor__{name}"
        for name in ("name", "slug", "description", "landing_page_url", "web_logo", "white_logo")
    ),
]
DESCRIPTION = "{sponsor} is a {level} sponsor of the Python Software Foundation."


def get_placements(*, publisher: str = "", place: str = "", on: date | None = None) -> QuerySet[SponsorshipDeliverable]:
    """Return placements on a day (default: today), the highest level first, with the columns that pages and API clients need."""
    items = SponsorshipDeliverable.objects.active().filter(
        kind=Kind.PLACEMENT, sponsorship_benefit__sponsorship__in=Sponsorship.objects.shown(on)
    )
    if publisher:
        items = items.filter(publisher=publisher)
    if place:
        items = items.filter(place=place)
    return (
        items.select_related("sponsorship_benefit__sponsorship__sponsor", "sponsorship_benefit__sponsorship__package")
        .only(*COLUMNS)
        .order_by(
            "sponsorship_benefit__sponsorship__package__sort_order",
            "sponsorship_benefit__sponsorship__package__amount",
            "sponsorship_benefit__sponsorship__sponsor__name",
            "pk",
        )
    )


def serialize_placement(item: SponsorshipDeliverable) -> dict:
    """Return a placement for API clients. Missing values are null or empty."""
    sponsorship = item.sponsorship_benefit.sponsorship
    sponsor = sponsorship.sponsor
    link = sponsor.wall_url if item.link_to_sponsors_page else sponsor.landing_page_url or sponsor.wall_url
    description = sponsor.description
    if item.describe_as_sponsor:
        description = DESCRIPTION.format(sponsor=sponsor.name, level=sponsorship.level)
    return {
        "publisher": item.publisher,
        "flight": item.place,
        "sponsor": sponsor.name,
        "sponsor_id": str(sponsor.pk),
        "sponsor_slug": sponsor.slug,
        "description": description,
        "logo": sponsor.logo_url(),
        "white_logo": sponsor.logo_url("white_logo"),
        "start_date": sponsorship.starts_on,
        "end_date": sponsorship.ends_on,
        "sponsor_url": link,
        "level_name": sponsorship.level,
        "level_order": sponsorship.package.sort_order if sponsorship.package else None,
    }


def is_complete(item: SponsorshipDeliverable) -> bool:
    """Return whether a client can show the placement. A row without a logo would abort the whole update of PyPI."""
    return item.publisher != Publisher.PYPI or bool(item.sponsorship_benefit.sponsorship.sponsor.web_logo)


def get_logos(place: str, publisher: str = Publisher.PSF) -> list[dict]:
    """Return the logos of a placement on this site as plain values for the cache."""
    found: dict[int, dict] = {}
    for item in get_placements(publisher=publisher, place=place):
        row = serialize_placement(item)
        row["size"] = size_class(item)
        row["group"] = item.sponsorship_benefit.sponsorship.package.slug if item.sponsorship_benefit.sponsorship.package else ""
        row["anchor"] = f"{settings.BASE_URL}/psf/sponsors/#{row['sponsor_slug']}"
        found.setdefault(item.sponsorship_benefit.sponsorship.sponsor_id, row)
    return list(found.values())


def size_class(item: SponsorshipDeliverable) -> str:
    sizes = {325: "xl", 250: "l", 200: "m"}
    dimension = item.sponsorship_benefit.sponsorship.package.logo_dimension if item.sponsorship_benefit.sponsorship.package else 0
    return next((name for minimum, name in sizes.items() if dimension >= minimum), "s")
