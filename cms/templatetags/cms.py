from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.safestring import SafeString

from cms import cdn, markup, sharing
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


@register.simple_tag(takes_context=True)
def structured_data(context) -> SafeString | str:
    """JSON-LD of the frame: the organization on the front page, the way to the page on all others that have one."""
    if context.get("breadcrumbs"):
        return sharing.as_script(sharing.trail(context["breadcrumbs"]))
    request = context.get("request")
    return (
        sharing.as_script(sharing.organization(context.get("site_settings") or None)) if request and request.path == "/" else ""
    )


@register.simple_tag
def absolute_static(path: str) -> str:
    """The full address of a static file, for programs that read a page from afar."""
    return sharing.absolute(static(path))
