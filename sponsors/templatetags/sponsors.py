from typing import Any

from django import template
from django.template import Context

from cms.content.money import format_money
from cms.delivery import cached, surrogate_keys
from sponsors import placements
from sponsors.models import Place

register = template.Library()
# Short names of places for editors of templates.
PLACES = {"downloads": Place.DOWNLOAD, "blog": Place.BLOG}


@register.filter
def money(amount: float, currency: str) -> str:
    """Return an amount of money: {{ package.amount|money:sponsorship_year.currency }} is US$150,000, for example."""
    return format_money(amount, currency)


def logos_of(context: Context | dict[str, Any], place: str) -> list[dict]:
    """Return the logos of a placement, and add the surrogate key of sponsors to the page."""
    request = context.get("request")
    if request is not None:
        surrogate_keys.add_keys(request, "sponsors")
    wanted = PLACES.get(place, place)
    return cached.cached(f"sponsor-logos-{wanted}", lambda: placements.get_logos(wanted), ["sponsors"])


@register.inclusion_tag("sponsors/logos.html", takes_context=True)
def sponsor_logos(context: Context, place: str, heading: str = "Thank you to our sponsors") -> dict[str, Any]:
    """Render the logos of a placement, or nothing if there are none: {% sponsor_logos "downloads" %}."""
    return {"logos": logos_of(context, place), "heading": heading}
