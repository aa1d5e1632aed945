from django.http import Http404, HttpRequest
from wagtail.models import Page, Site


def get_public_page(request: HttpRequest, path: str) -> Page | None:
    """Return the public page at a path."""
    site = Site.find_for_request(request)
    if site is None:
        return None
    try:
        page, _, _ = site.root_page.localized.route(request, [part for part in path.split("/") if part])
    except Http404:
        return None
    return None if page.get_view_restrictions().exists() else page
