"""Breadcrumbs of pages outside the page tree."""

from django.utils.functional import Promise


def breadcrumbs(*items: tuple[str | Promise, str]) -> list[dict[str, str]]:
    """Return breadcrumbs from (title, URL) pairs, as `BasePage.get_context` does for pages of the tree.

    A section binds its landing page once: `breadcrumbs = partial(breadcrumbs, ("Events", "/events/"))`.
    """
    return [{"title": str(title), "url": url} for title, url in items]
