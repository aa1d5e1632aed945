"""What the frame of every page shows."""

from functools import partial

from django.utils.functional import SimpleLazyObject
from wagtail.models import Site

from . import cdn
from .menus import FOOTER_MENU, MAIN_MENU
from .models import SiteSettings


def frame(request):
    """The menus and the site's settings, for base.html. Reads the database only when a template asks."""

    def site_settings():
        site = Site.find_for_request(request)
        return cdn.keep(cdn.SITE_KEY, f"settings-{site.pk}", partial(SiteSettings.for_site, site)) if site else None

    return {"menu": MAIN_MENU, "footer_menu": FOOTER_MENU, "site_settings": SimpleLazyObject(site_settings)}
