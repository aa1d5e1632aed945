"""Parts of pages that are cached until the next purge. These tests commit, because transactions disable this cache."""

import re

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.content.models.menus import Menu
from cms.delivery import surrogate_keys
from cms.delivery.cached import record_purge
from tests.databases import fill
from tests.factories.cms import BannerFactory, MenuFactory, link
from tests.factories.downloads import ReleaseFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _pages():
    fill(pages_only=True)


@pytest.fixture
def site_menu():
    sections = [link("About", "/about/", links=[link("Quotes", "/about/quotes/")]), link("Jobs", "/jobs/")]
    return MenuFactory(entries=[{"type": "entry", "value": section} for section in sections])


def current(html: str) -> list[str]:
    """Return the links of the header that are marked as the current page."""
    header = html[html.index('id="site-nav"') : html.index("</nav>")]
    return re.findall(r'href="([^"]+)"\s+aria-current', header)


@pytest.mark.usefixtures("_pages", "site_menu")
def test_each_page_marks_its_own_place_in_the_kept_menu(client):
    for _ in range(2):
        assert current(client.get("/about/quotes/").content.decode()) == ["/about/quotes/"]
        assert current(client.get("/jobs/").content.decode()) == ["/jobs/"]
        assert current(client.get("/").content.decode()) == []


@pytest.mark.usefixtures("_pages")
def test_a_published_menu_shows_on_the_next_page(client, site_menu):
    assert "/learn/" not in client.get("/").content.decode()
    site_menu.entries = [{"type": "entry", "value": link("Learn", "/learn/")}]
    site_menu.save_revision().publish()
    assert '<a class="nav-link"' in client.get("/").content.decode()
    assert "/learn/" in client.get("/").content.decode()


@pytest.mark.usefixtures("_pages")
def test_a_preview_of_a_menu_is_drawn_and_not_kept(client, admin_client, site_menu):
    client.get("/")
    draft = site_menu.get_latest_revision_as_object()
    draft.entries = [{"type": "entry", "value": link("Planned", "/planned/")}]
    html = draft.make_preview_request().content.decode()
    assert "/planned/" in html
    assert "/planned/" not in client.get("/").content.decode()


@pytest.mark.usefixtures("_pages")
def test_a_new_release_shows_in_kept_parts_at_once(client):
    ReleaseFactory(name="Python 3.14.0", live=True)
    assert "Python 3.14.0" in client.get("/downloads/").content.decode()
    release = ReleaseFactory(name="Python 3.14.1", live=False)
    assert "Python 3.14.1" not in client.get("/downloads/").content.decode()
    release.save_revision().publish()
    assert "Python 3.14.1" in client.get("/downloads/").content.decode()
    answer = client.get("/api/v2/downloads/release/").json()
    assert [row["name"] for row in answer] == ["Python 3.14.0", "Python 3.14.1"]


def test_a_kept_part_carries_its_keys_to_each_page():
    template = Template(
        '{% load cms downloads %}{% cached_part "part" %}{% latest_release as release %}{{ release }}{% endcached_part %}'
    )
    for _ in range(2):
        request = RequestFactory().get("/")
        surrogate_keys.add_keys(request, "of-the-page")
        template.render(Context({"request": request}))
        assert set(request.surrogate_keys) == {"pydotorg-app", "of-the-page", "downloads"}


@pytest.mark.usefixtures("_pages")
def test_a_warm_page_asks_few_questions(client, django_assert_max_num_queries):
    for path, most in [("/", 6), ("/about/", 4), ("/downloads/", 3), (reverse("jobs:job_list"), 6)]:
        client.get(path)
        client.get(path)  # The first one of all made the row of the site's settings, and with it a purge.
        with django_assert_max_num_queries(most):
            client.get(path)
    assert not Menu.objects.exists()


def statements(queries):
    """Return the SQL of queries without the comment that names the request."""
    return [re.sub(r"/\*.*?\*/ ", "", query["sql"]) for query in queries]


@pytest.mark.usefixtures("_pages", "site_menu")
def test_a_purge_of_other_keys_costs_a_page_no_query(client):
    BannerFactory()
    path = "/about/quotes/"
    client.get(path)
    with CaptureQueriesContext(connection) as cached_page:
        client.get(path)
    record_purge(["jobs"])
    with CaptureQueriesContext(connection) as after_purge:
        client.get(path)
    assert statements(after_purge) == statements(cached_page)
