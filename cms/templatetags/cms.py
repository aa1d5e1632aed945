from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from cms import cdn, markup
from cms.models import Box

register = template.Library()


@register.filter
def markdown(text: str) -> str:
    """Markdown that the public wrote, as safe HTML."""
    return markup.render(text or "")


@register.filter
def plain(text: str) -> str:
    """Markdown that the public wrote, as words alone."""
    return markup.plain(text or "")


@register.simple_tag(takes_context=True)
def box(context, label: str) -> SafeString | str:
    """The published box of this label, or nothing: {% box "community-irc" %}."""
    request = context.get("request")
    if request:
        cdn.add_keys(request, f"box-{label}")
    found = Box.objects.filter(label=label, live=True).first()
    return render_to_string("cms/blocks/box.html", {**context.flatten(), "self": found}) if found else ""
