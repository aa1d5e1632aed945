"""The script that reports page views, in a real browser."""

import pytest
from wagtail.models import Page as WagtailPage
from wagtail.models import Site

from cms.content.models.page_views import PageSearch, PageViews
from home.models import HomePage, StandardPage

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)
PRIVATE = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"


@pytest.fixture
def shown(live_server, settings):
    # Without Redis, the first view is saved at once.
    settings.CACHE_URL = ""
    root = WagtailPage.get_first_root_node()
    home = root.add_child(instance=HomePage(title="Python", slug="front", promise="A language you can read."))
    Site.objects.update(root_page=home)
    return home.add_child(instance=StandardPage(title="Packages", slug="packages"))


def test_a_visit_from_the_search_is_reported_without_cookies(page, context, live_server, shown):
    context.add_cookies([{"name": "csrftoken", "value": "secret", "url": live_server.url}])
    page.goto(f"{live_server.url}/search/?q=Packages")
    with page.expect_response("**/page-views/") as reported:
        page.evaluate("location.assign('/packages/')")
    response = reported.value
    assert response.status == 204
    assert "cookie" not in response.request.all_headers()
    assert response.request.post_data == f"page={shown.pk}&q=Packages"
    assert PageViews.objects.get().page_id == shown.pk
    assert PageSearch.objects.get().query == "packages"


@pytest.mark.parametrize("way", ["privacy", "account"])
def test_people_who_are_signed_in_or_want_privacy_are_not_reported(page, context, live_server, shown, way):
    if way == "privacy":
        page.add_init_script(PRIVATE)
    else:
        context.add_cookies([{"name": "account", "value": "yes", "url": live_server.url}])
    requested = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{live_server.url}/packages/")
    page.wait_for_load_state("networkidle")
    assert any("page-views.js" in url or "page-views." in url for url in requested)
    assert not [url for url in requested if url.endswith("/page-views/")]
