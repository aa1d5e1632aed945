from functools import lru_cache

from django import template
from django.core.paginator import Page
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=500)
def icon(name: str, css_class: str = "") -> SafeString:
    """Render an icon, once for each process: {% icon "download" %} or {% icon "copy" "icon-small" %}."""
    svg = render_to_string("components/icon.html", {"name": name, "class": css_class})
    # Scripts find links by their text, of which white space inside the icon would be a part.
    return SafeString(" ".join(svg.split()).replace("> <", "><"))


@register.simple_tag
def page_numbers(page: Page) -> list[int | str]:
    """Return page numbers around a page and at both ends, with an ellipsis for omitted ones."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
