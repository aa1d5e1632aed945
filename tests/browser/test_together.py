"""Two people edit the same page at the same time."""

import pytest
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import expect
from wagtail.models import Page as WagtailPage
from wagtail.models import Site

from home.models import HomePage, StandardPage
from tests.factories.users import UserFactory

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def form_of(browser, live_server):
    """Return a function that opens the form of a page in a separate browser."""
    contexts = []

    def open_form(user, about):
        client = Client()
        client.force_login(user)
        name = django_settings.SESSION_COOKIE_NAME
        contexts.append(browser.new_context(viewport={"width": 1400, "height": 900}))
        contexts[-1].add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        # A page that closes says so when the server may be gone.
        contexts[-1].route("**/editing-sessions/release/**", lambda route: route.abort())
        page = contexts[-1].new_page()
        page.goto(f"{live_server.url}/admin/pages/{about.pk}/edit/")
        return page

    yield open_form
    for context in contexts:
        context.close()


def test_each_editor_is_notified_of_the_other(form_of, settings):
    settings.WAGTAIL_EDITING_SESSION_PING_INTERVAL = 1000
    root = WagtailPage.get_first_root_node()
    home = root.add_child(instance=HomePage(title="Python", slug="front", promise="A language you can read."))
    Site.objects.update(root_page=home)
    about = home.add_child(instance=StandardPage(title="About", slug="about", live=False))
    first = form_of(UserFactory(role="Content editors", first_name="Ada", last_name="First"), about)
    notice = first.locator("#w-editing-sessions")
    expect(notice.get_by_role("button")).to_have_count(0)
    second = form_of(UserFactory(role="Content editors", first_name="Bob", last_name="Second"), about)
    for page, other in [(second, "Ada First"), (first, "Bob Second")]:
        page.locator("#w-editing-sessions").get_by_role("button").hover(timeout=10_000)
        expect(page.get_by_text(other)).to_be_visible()
