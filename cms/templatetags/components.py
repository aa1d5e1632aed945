from functools import lru_cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BaseFormSet
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from cms.content.console import placed_console

register = template.Library()
register.simple_tag(placed_console, name="python_console")


@register.simple_tag
@lru_cache(maxsize=500)
def icon(name: str, css_class: str = "") -> SafeString:
    """Render an icon, once for each process: {% icon "download" %} or {% icon "copy" "icon-small" %}."""
    svg = render_to_string("components/icon.html", {"name": name, "class": css_class})
    # Scripts find links by their text, which would include white space inside the icon.
    return SafeString(" ".join(svg.split()).replace("> <", "><"))


@register.simple_tag
def page_numbers(page: Page) -> list[int | str]:
    """Return page numbers around a page and at both ends, with an ellipsis for omitted ones."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.simple_tag(takes_context=True)
def form_error_prefix(context: Context) -> str:
    """Return "Error: " for the title of a page if the submitted form has errors, or the page lists other problems."""
    values = context.flatten()
    return f"{gettext('Error:')} " if values.get("problems") or any(has_errors(value) for value in values.values()) else ""


def has_errors(value: Any) -> bool:
    """Return whether a value is a form or a formset that was sent with errors."""
    # isinstance() would evaluate lazy values, and public pages must not ask for the user or a CSRF token.
    if issubclass(type(value), BaseFormSet):
        return value.is_bound and value.total_error_count() > 0
    return issubclass(type(value), BaseForm) and bool(value.errors)
