from typing import Any

from django import template
from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from wagtail.admin.userbar import Userbar
from wagtail.models import Page

from cms.content import languages, markup, sharing
from cms.content.models.boxes import Box
from cms.content.models.pages import BasePage
from cms.delivery import cached, surrogate_keys
from cms.editor import content_checks

register = template.Library()


@register.filter
def markdown(text: str, level: int = 3) -> str:
    """Return public Markdown as safe HTML. Directly under the title of a page, its headings start at level 2."""
    return markup.render(text or "", level)


@register.filter
def plain(text: str) -> str:
    """Return public Markdown as plain text."""
    return markup.plain(text or "")


@register.filter
def with_language(title: object) -> str:
    """Return a title, in an element with `lang` if it is not written in Latin script."""
    text = str(title)
    code = languages.language_of(text)
    return format_html('<span lang="{}">{}</span>', code, text) if code else text


@register.simple_tag(takes_context=True)
def box(context: Any, label: str) -> SafeString | str:
    """Render the published box with this label, or nothing: {% box "community-irc" %}."""
    request = context.get("request")
    if request:
        surrogate_keys.add_keys(request, f"box-{label}")
    found = Box.published(label)
    return render_to_string("cms/blocks/box.html", {**context.flatten(), "self": found}) if found else ""


@register.simple_tag(takes_context=True)
def edit_target(context: Any) -> str:
    """Return model and primary key of the object that a page shows, such as "downloads.release/5", or an empty string.

    This is the `subject` of the context, or the object in the context whose URL was requested, or else the page of the tree.
    """
    request = context.get("request")
    if request is None or getattr(request, "is_preview", False) or context.get("is_bare"):
        return ""
    if subject := context.get("subject"):
        return f"{subject._meta.label_lower}/{subject.pk}"
    # `user` is a lazy object, and evaluating it would read the session.
    rows = [value for value in context.flatten().values() if issubclass(type(value), Model) and value.pk]
    shown = [row for row in rows if not issubclass(type(row), Page) and is_at(row, request.path)]
    shown += [row for row in rows if issubclass(type(row), Page)]
    return f"{shown[0]._meta.label_lower}/{shown[0].pk}" if shown else ""


@register.simple_tag(takes_context=True)
def content_checker(context: Any) -> SafeString | str:
    """Render Wagtail's userbar with the content checks in previews, and nothing on public pages."""
    request = context.get("request")
    if request is None or not getattr(request, "is_preview", False) or not request.user.has_perm("wagtailadmin.access_admin"):
        return ""
    subject = next((context[name] for name in ("page", "object", "self") if isinstance(context.get(name), Model)), None)
    return render_to_string(
        "cms/admin/content_checker.html",
        {"userbar": Userbar(object=subject).render_html(context), "facts": content_checks.get_facts()},
        request=request,
    )


def is_at(row: Any, path: str) -> bool:
    return hasattr(row, "get_absolute_url") and row.get_absolute_url() == path


class CachedPartNode(template.Node):
    def __init__(self, nodelist: Any, names: Any, *, of_frame: bool) -> None:
        self.nodelist, self.names, self.of_frame = nodelist, names, of_frame

    def render(self, context: Any) -> Any:
        request = context.get("request")
        # A preview shows drafts, and an error page must render without the cache.
        if request is None or getattr(request, "is_preview", False) or context.get("is_bare"):
            return self.nodelist.render(context)
        key = ":".join([get_language() or "", *(str(name.resolve(context)) for name in self.names)])
        html, keys = cached.cached_part(key, lambda: self.draw(context, request))
        surrogate_keys.add_keys(request, *keys)
        return mark_safe(html)  # noqa: S308 -- rendered by the template.

    def draw(self, context: Any, request: HttpRequest) -> tuple[str, tuple[str, ...]]:
        """Render the part and return it with the surrogate keys that invalidate it.

        A part of the page frame depends on the site settings and the keys added by its tags. Other parts also depend on the
        keys added by the view.
        """
        of_page = request.__dict__.pop("surrogate_keys", {})
        try:
            html = self.nodelist.render(context)
            of_part = getattr(request, "surrogate_keys", {})
        finally:
            request.__dict__["surrogate_keys"] = of_page
        if self.of_frame:
            return html, (surrogate_keys.SITE_KEY, *of_part)
        return html, (surrogate_keys.SITE_KEY, *surrogate_keys.key_of_path(request.path), *of_page, *of_part)


@register.tag
def cached_part(parser: template.base.Parser, token: template.base.Token) -> CachedPartNode:
    """Render a part of a page once until one of the page's keys is purged: {% cached_part "list" %}…{% endcached_part %}.

    Further arguments distinguish a few variants: {% cached_part "list" page_obj.number %}…{% endcached_part %}.
    """
    return parse_part(parser, token, of_frame=False)


@register.tag
def cached_frame(parser: template.base.Parser, token: template.base.Token) -> CachedPartNode:
    """Render a part that all pages have once, until a key is purged that a tag in it adds: {% cached_frame "footer" %}."""
    return parse_part(parser, token, of_frame=True)


def parse_part(parser: template.base.Parser, token: template.base.Token, *, of_frame: bool) -> CachedPartNode:
    tag, *names = token.split_contents()
    nodelist = parser.parse([f"end{tag}"])
    parser.delete_first_token()
    return CachedPartNode(nodelist, [parser.compile_filter(name) for name in names], of_frame=of_frame)


@register.filter
def place_in_menu(path: str, menu: list[dict]) -> str:
    """Return the part of a path that decides which menu entries are current: the path itself, or its section."""
    if any(path == child["url"] for entry in menu for child in entry["children"]):
        return path
    return max((entry["url"] for entry in menu if path.startswith(entry["url"])), key=len, default="")


register.filter(sharing.json_ld)


@register.simple_tag(takes_context=True)
def structured_data(context: Any) -> SafeString | str:
    """Return JSON-LD of the page frame: the organization on the front page, else the breadcrumbs."""
    if context.get("breadcrumbs"):
        return sharing.json_ld(sharing.trail(context["breadcrumbs"]))
    request = context.get("request")
    return sharing.json_ld(sharing.organization(context.get("site_settings") or None)) if request and request.path == "/" else ""


@register.simple_tag(takes_context=True)
def feedback_page(context: Any) -> BasePage | None:
    """Return the page of the tree if it asks “Was this page helpful?”. Readers of a preview link comment instead."""
    page, site_settings = context.get("page"), context.get("site_settings")
    if hasattr(context.get("request"), "preview_bar"):
        return None
    return page if isinstance(page, BasePage) and site_settings and site_settings.asks_about(page) else None


@register.simple_tag(takes_context=True)
def counted_page(context: Any) -> int | str:
    """Return the ID of the page of the tree whose views are counted, or an empty string."""
    page, request = context.get("page"), context.get("request")
    if not isinstance(page, BasePage) or request is None or getattr(request, "is_preview", False):
        return ""
    return page.pk or ""


@register.simple_tag
def view_sample() -> int:
    """Return how many views one reported view stands for; 0 if views are not counted."""
    return settings.PAGE_VIEWS_SAMPLE


@register.simple_tag
def absolute_static(path: str) -> str:
    """Return the absolute URL of a static file."""
    return sharing.absolute(static(path))
