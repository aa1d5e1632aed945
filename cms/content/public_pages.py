"""Pages without view restrictions, in lists that are the same for all visitors."""

from wagtail.models import PageQuerySet, PageViewRestriction

from cms.delivery import cached, surrogate_keys


def is_any_page_private() -> bool:
    return cached.cached("any-page-is-private", PageViewRestriction.objects.exists, [surrogate_keys.SITE_KEY])


def without_private(pages: PageQuerySet) -> PageQuerySet:
    """Return the pages without view restrictions, for lists that are the same for all visitors."""
    return pages.public() if is_any_page_private() else pages
