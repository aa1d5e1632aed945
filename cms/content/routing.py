from django.http import Http404, HttpRequest
from django.utils import translation
from wagtail.models import Page, Site

from . import languages


def get_public_page(request: HttpRequest, path: str) -> Page | None:
    """Return the public page at a path, with or without the prefix of the current language."""
    site = Site.find_for_request(request)
    if site is None:
        return None
    code, path = languages.split_prefix(path)
    code = languages.current_language() if languages.is_default(code) else code
    with translation.override(code):
        root = site.root_page.localized
    if not languages.is_default(code) and root.pk == site.root_page_id:
        return None
    try:
        page, _, _ = root.route(request, [part for part in path.split("/") if part])
    except Http404:
        return None
    return None if page.get_view_restrictions().exists() else page
