from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=500)
def icon(name: str, css_class: str = "") -> SafeString:
    """An icon of components/icon.html, drawn once for each process: {% icon "download" %} or {% icon "copy" "icon-small" %}."""
    return render_to_string("components/icon.html", {"name": name, "class": css_class})
