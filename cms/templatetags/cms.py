from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.safestring import SafeString

from cms.content import markup, sharing
from cms.content.models.boxes import Box
from cms.delivery import cached, surrogate_keys

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
        surrogate_keys.add_keys(request, f"box-{label}")
    found = Box.objects.filter(label=label, live=True).first()
    return render_to_string("cms/blocks/box.html", {**context.flatten(), "self": found}) if found else ""


class CachedPartNode(template.Node):
    def __init__(self, nodelist, names) -> None:
        self.nodelist, self.names = nodelist, names

    def render(self, context):
        request = context.get("request")
        # A preview shows drafts, and an error page stands without the cache.
        if request is None or getattr(request, "is_preview", False) or context.get("is_bare"):
            return self.nodelist.render(context)
        html, keys = cached.cached(
            ":".join(str(name.resolve(context)) for name in self.names), lambda: self.draw(context, request)
        )
        surrogate_keys.add_keys(request, *keys)
        return html

    def draw(self, context, request: HttpRequest) -> tuple[str, tuple[str, ...]]:
        """The part, and the keys of what it shows."""
        of_page = request.__dict__.pop("surrogate_keys", {})
        try:
            html = self.nodelist.render(context)
            return html, tuple(getattr(request, "surrogate_keys", ()))
        finally:
            request.surrogate_keys = of_page


@register.tag
def cached_part(parser, token):
    """Render a part that is the same on many pages once until the next purge: {% cached_part "footer" %}…{% endcached_part %}.

    Further arguments distinguish a few variants: {% cached_part "sections" menu_place %}…{% endcached_part %}.
    """
    names = [parser.compile_filter(bit) for bit in token.split_contents()[1:]]
    nodelist = parser.parse(["endcached_part"])
    parser.delete_first_token()
    return CachedPartNode(nodelist, names)


@register.filter
def place_in_menu(path: str, menu: list[dict]) -> str:
    """What of an address decides which entries are marked as current: the address itself, or the section that it is in."""
    if any(path == child["url"] for entry in menu for child in entry["children"]):
        return path
    return max((entry["url"] for entry in menu if path.startswith(entry["url"])), key=len, default="")


register.filter(sharing.json_ld)


@register.simple_tag(takes_context=True)
def structured_data(context) -> SafeString | str:
    """JSON-LD of the frame: the organization on the front page, the way to the page on all others that have one."""
    if context.get("breadcrumbs"):
        return sharing.json_ld(sharing.trail(context["breadcrumbs"]))
    request = context.get("request")
    return sharing.json_ld(sharing.organization(context.get("site_settings") or None)) if request and request.path == "/" else ""


@register.simple_tag
def absolute_static(path: str) -> str:
    """The full address of a static file, for programs that read a page from afar."""
    return sharing.absolute(static(path))
