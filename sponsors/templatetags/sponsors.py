from django import template

from cms.delivery import cached, surrogate_keys
from sponsors import placements
from sponsors.models import Place

register = template.Library()
# What people call the places of this site.
PLACES = {"downloads": Place.DOWNLOAD, "blog": Place.BLOG}


def logos_of(context, place: str) -> list[dict]:
    """The page around shows sponsors now, and is purged with them."""
    request = context.get("request")
    if request is not None:
        surrogate_keys.add_keys(request, "sponsors")
    wanted = PLACES.get(place, place)
    return cached.cached(f"sponsor-logos-{wanted}", lambda: placements.get_logos(wanted))


@register.inclusion_tag("sponsors/logos.html", takes_context=True)
def sponsor_logos(context, place: str, heading: str = "Thank you to our sponsors"):
    """The logos of a place, or nothing: {% sponsor_logos "downloads" %}."""
    return {"logos": logos_of(context, place), "heading": heading}
