"""Paths (values of `Page.url_path`) at which publishing a page shows it."""

from collections.abc import Iterable

from wagtail.models import Page, Revision, Site

# The tree has no cycles, but aliases of aliases are data.
MAX_ALIAS_DEPTH = 10


def site_prefixes(paths: Iterable[str]) -> list[str]:
    """Return the prefixes of `Page.url_path` for paths such as "about/legal", on every site and in every language."""
    roots = [root.root_path for root in Site.get_site_root_paths()]
    return [f"{root}{path}/" for path in paths for root in roots]


def is_below(path: str, prefixes: Iterable[str]) -> bool:
    return any(path.startswith(prefix) for prefix in prefixes)


def drafted_slug(revision: Revision | None, page: Page) -> str:
    """Return the slug that a page has once a revision is published."""
    return (revision.content.get("slug") if revision else None) or page.slug


def with_slug(url_path: str, slug: str) -> str:
    """Return the `url_path` that a page has with another slug."""
    return f"{url_path.rstrip('/').rpartition('/')[0]}/{slug}/"


def publication_paths(page: Page, slug: str, aliased: set[int] | None = None) -> set[str]:
    """Return every `url_path` where publishing a page with a slug shows it: its own, before and after, and its aliases'.

    `aliased` are the IDs of all pages that have aliases, if the caller knows them.
    """
    paths = {page.url_path, with_slug(page.url_path, slug)}
    sources = [page.pk] if page.pk and (aliased is None or page.pk in aliased) else []
    for _ in range(MAX_ALIAS_DEPTH):
        if not sources:
            break
        aliases = list(Page.objects.filter(alias_of__in=sources).values_list("pk", "url_path"))
        paths.update(path for _, path in aliases)
        sources = [pk for pk, _ in aliases]
    return paths
