"""Template context of the page frame: menus, banner and site settings."""

from functools import partial
from operator import getitem
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from wagtail.models import Site

from cms.delivery import cached
from cms.delivery.surrogate_keys import SITE_KEY

from .languages import current_language, in_current_language
from .models.banners import Banner
from .models.menus import Menu
from .models.settings import SiteSettings


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the menus, the banner and the site's settings, for base.html. Reads the database only when a template asks."""

    def site_settings() -> Any:
        site = Site.find_for_request(request)
        return cached.cached(f"settings-{site.pk}", partial(SiteSettings.for_site, site), [SITE_KEY]) if site else None

    def banner() -> Any:
        current = cached.cached("banners", lambda: list(Banner.objects.current()), [Banner.KEY])
        shown = in_current_language(current)
        return next((found.shown() for found in shown if found.is_shown_at(request.path)), None)

    # Menus are read when a template asks for them, in the language of the page.
    menus = SimpleLazyObject(lambda: cached.cached(f"menus-{current_language()}", Menu.frame_context, [SITE_KEY]))
    lazy_menus = {name: SimpleLazyObject(partial(getitem, menus, name)) for name in Menu.CONTEXT_NAMES.values()}
    number = request.GET.get("page", "")
    own = f"{settings.BASE_URL}{quote(request.path)}" + (f"?page={number}" if number.isdecimal() else "")
    return {
        "canonical_url": own,
        **lazy_menus,
        "banner": SimpleLazyObject(banner),
        "site_settings": SimpleLazyObject(site_settings),
    }
