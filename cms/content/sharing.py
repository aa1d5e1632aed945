"""Machine-readable forms of pages: structured data, Markdown twins, llms.txt."""

import json
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe
from wagtail.models import Page, Site

from cms.delivery import surrogate_keys
from cms.delivery.negotiation import MARKDOWN

from .markdown_twins import twin
from .models.settings import SiteSettings
from .routing import get_public_page

# The escapes of django.utils.html.json_script, which always writes its own script element.
JSON_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


def absolute(path: str) -> str:
    return path if path.startswith("http") else f"{settings.BASE_URL}{path}"


def json_ld(data: dict | list) -> SafeString:
    """Return data as JSON for a script element, escaped so that it cannot close the element."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(JSON_ESCAPES))  # noqa: S308 -- escaped as json_script does.


def organization(site_settings: SiteSettings | None) -> dict:
    return {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": "Python Software Foundation",
        "url": f"{settings.BASE_URL}/psf/",
        "logo": absolute(static("img/social-card.png")),
        "sameAs": [str(link["url"]) for link in site_settings.links()] if site_settings else [],
    }


def trail(breadcrumbs: list[dict]) -> dict:
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": str(item["title"]), "item": absolute(str(item["url"]))}
            for number, item in enumerate(breadcrumbs, 1)
            if item.get("url")
        ],
    }


def text_file(text: str, content_type: str = "text/plain; charset=utf-8") -> HttpResponse:
    response = HttpResponse(text, content_type=content_type)
    patch_cache_control(response, public=True, max_age=300, s_maxage=3600)
    return response


@require_safe
def markdown_page(request: HttpRequest, path: str = "") -> HttpResponse:
    """Show a page of the tree as Markdown."""
    page = get_public_page(request, path)
    answer = markdown_of_page(request, page) if page else None
    if answer is None:
        raise Http404
    return answer


def markdown_of_page(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Return a public page as Markdown, or None if the response is not a page, for example a redirect."""
    response = page.specific.serve(request)
    if hasattr(response, "render"):
        response.render()
    if response.status_code != HTTPStatus.OK:
        return None
    answer = text_file(twin(response.content.decode()), f"{MARKDOWN}; charset=utf-8")
    answer["Link"] = f'<{page.full_url}>; rel="canonical"'
    answer["Content-Location"] = f"{page.get_url(request)}index.md"
    return answer


@require_safe
def llms_txt(request: HttpRequest) -> HttpResponse:
    """Show the first two levels of the site, each with its Markdown twin: https://llmstxt.org."""
    site = Site.find_for_request(request)
    if site is None:
        raise Http404
    surrogate_keys.add_keys(request, surrogate_keys.SITE_KEY)
    lines = ["# Python", "", "> The programming language Python: downloads, documentation, events, jobs and its Foundation.", ""]
    pages = (
        Page.objects.live().public().descendant_of(site.root_page).filter(depth__lte=site.root_page.depth + 2).order_by("path")
    )
    for page in pages:
        if page.depth == site.root_page.depth + 1:
            lines += ["", f"## {page.title}", ""]
        description = f": {page.search_description}" if page.search_description else ""
        lines.append(f"- [{page.title}]({page.full_url}index.md){description}")
    return text_file("\n".join(lines) + "\n")
