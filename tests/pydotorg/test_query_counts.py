"""The number of queries of every list, page, feed and API does not grow with the rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from factory import Factory
from wagtail.models import Page, get_page_models

from tests.databases import fill
from tests.factories import cms, community, downloads, events, jobs, psf, sponsors  # noqa: F401 -- factories of rows.
from tests.factories.users import UserFactory
from tests.pydotorg.test_routes import Demo, first_screens, routes

pytestmark = pytest.mark.django_db
# Public pages with responses of their own: account pages, health checks, redirects and forms.
NO_LISTS = ("accounts/", "admin/", "api/v3/docs", "health", "_health", "ready", "metrics", "_util/")
# What else costs a query for each row, with the reason.
SINGLE_ROWS = {cms.MenuFactory, community.FeedAggregateFactory, psf.MembershipKindFactory, psf.AcknowledgementFactory}
MAY_GROW: dict[str, str] = {}


def factories() -> list[type[Factory]]:
    """Return all factories of the package, those of other rows' parents first."""
    found, waiting = [], [Factory]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        found += [each for each in subclasses if each.__module__.startswith("tests.factories") and not each._meta.abstract]
        waiting += subclasses
    return found


def make_rows() -> None:
    """Create one more instance of each model that has a factory, but only one if the factory sets a fixed name."""
    for each in factories():
        if each not in SINGLE_ROWS or not each._meta.model.objects.exists():
            each()


def public_urls(demo: Demo) -> list[str]:
    """Return a URL of each public route and of a page of each type."""
    chosen = [each for each in routes() if not each.in_admin and not each.pattern.startswith(NO_LISTS)]
    pages = {type(page): page.url for page in Page.objects.live().public().filter(depth__gt=1).specific()}
    assert pages.keys() >= {model for model in get_page_models() if model is not Page and model.objects.live().exists()}
    return [*(demo.address(each) for each in chosen), *pages.values()]


def admin_urls(demo: Demo) -> list[str]:
    return [demo.address(each) for each in first_screens()]


def count_queries(client, urls: list[str]) -> dict[str, int]:
    """Return the number of queries of each URL with status 200, after a first request that fills the caches."""
    counts = {}
    for url in dict.fromkeys(urls):
        if client.get(url).status_code == 200:
            with CaptureQueriesContext(connection) as queries:
                response = client.get(url)
                if response.streaming:
                    b"".join(response.streaming_content)
            counts[url] = len(queries)
    return counts


@pytest.mark.parametrize(
    ("who", "get_urls", "minimum"),
    [("visitor", public_urls, 100), pytest.param("superuser", admin_urls, 60, marks=pytest.mark.nightly)],
)
def test_the_number_of_queries_does_not_grow_with_the_rows(client, who, get_urls, minimum):
    fill(pages_only=True)
    make_rows()
    if who == "superuser":
        client.force_login(UserFactory(is_superuser=True, is_staff=True))
    client.raise_request_exception = False
    urls = get_urls(Demo())
    before = count_queries(client, urls)
    make_rows()
    make_rows()
    after = count_queries(client, urls)
    assert len(before) > minimum
    grown = {url: (before[url], after[url]) for url in before if after[url] > before[url] and url not in MAY_GROW}
    assert not grown
