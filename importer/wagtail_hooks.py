"""URLs of the old admin, for bookmarks."""

from django.urls import URLPattern
from wagtail import hooks

from . import bookmarks


@hooks.register("register_admin_urls", order=-10)
def bookmark_urls() -> list[URLPattern]:
    return bookmarks.urls()


@hooks.register("register_admin_urls", order=10)
def app_urls() -> list[URLPattern]:
    """Return the URLs of whole apps, after those of admin screens at the same URL."""
    return bookmarks.app_urls()
