from collections.abc import Callable

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe
from wagtail.models import Page, Site
from wagtail.url_routing import RouteResult
from wagtail.views import serve

from cms.delivery import surrogate_keys
from cms.delivery.negotiation import wants_markdown

from . import languages, markup
from .models.boxes import Box
from .routing import get_public_page
from .sharing import markdown_of_page


def page(request: HttpRequest, path: str) -> HttpResponse:
    """Serve a page of the tree, found by its path. Wagtail's routing takes two queries for each level.

    Wagtail serves pages that are not found this way or that route requests themselves.
    """
    site = Site.find_for_request(request)
    code = languages.current_language()
    roots = [known for known in Site.get_site_root_paths() if site and known.site_id == site.pk]
    root = next((known.root_path for known in roots if known.language_code == code), None)
    if root and (path or not languages.is_default(code)):
        # The slug has an index, the whole path has none.
        slug = f"{root}{path}".rstrip("/").rsplit("/", 1)[-1]
        found = Page.objects.filter(slug=slug, url_path=f"{root}{path}", live=True).first()
        if found and found.specific_class and found.specific_class.route is Page.route:
            request._wagtail_route_for_request = RouteResult(found.specific)  # type: ignore[attr-defined]  # Wagtail's own cache.
        elif not languages.is_default(code):
            # Wagtail would show the English page instead of a front page that is not published.
            raise Http404
    return serve_kind(request, path)


def serve_kind(request: HttpRequest, path: str) -> HttpResponse:
    """Serve a page as HTML, or as Markdown if the client asks for it and the page is public."""
    response = None
    if request.method in {"GET", "HEAD"} and wants_markdown(request):
        page = get_public_page(request, path)
        response = markdown_of_page(request, page) if page else None
    response = response or serve(request, path)
    patch_vary_headers(response, ["Accept"])
    return response


def landing(model: type[Page]) -> Callable[..., HttpResponse]:
    """Return a view of the landing page of a section, found in one query instead of one for each level."""

    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        page = model.objects.live().first()
        if page is None:
            raise Http404("This page does not exist.")
        request._wagtail_route_for_request = RouteResult(page)  # type: ignore[attr-defined]  # Wagtail's own cache.
        return serve_kind(request, request.path)

    return view


@require_safe
def box(request: HttpRequest, label: str) -> HttpResponse:
    """Serve the bare content of a published box, for menus and other sites: a fragment of HTML, as on the old site."""
    found = Box.published(label)
    if found is None:
        raise Http404
    surrogate_keys.add_keys(request, f"box-{label}")
    response = HttpResponse(markup.without_frame(render_to_string("cms/blocks/box.html", {"self": found}, request=request)))
    patch_cache_control(response, public=True, max_age=60, s_maxage=3600)
    return response


@require_safe
def old_media(request: HttpRequest, path: str) -> HttpResponse:
    """Redirect the short media URL of the old site."""
    if ".." in path.split("/"):
        raise Http404
    return redirect(default_storage.url(path), permanent=True)
