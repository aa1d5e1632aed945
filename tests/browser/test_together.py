"""Two people in the form of one page."""

import pytest
from playwright.sync_api import expect
from wagtail.models import Page as WagtailPage
from wagtail.models import Site

from home.models import HomePage, StandardPage
from tests.factories.users import UserFactory

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)


def test_the_second_editor_is_told_of_the_first_and_of_what_that_one_saves(page, context, live_server, log_in, settings):
    settings.WAGTAIL_EDITING_SESSION_PING_INTERVAL = 1000
    root = WagtailPage.get_first_root_node()
    home = root.add_child(instance=HomePage(title="Python", slug="front", promise="A language you can read."))
    Site.objects.update(root_page=home)
    about = home.add_child(instance=StandardPage(title="About", slug="about", live=False))
    form = f"{live_server.url}/admin/pages/{about.pk}/edit/"
    first = UserFactory(role="Content editors", first_name="Ada", last_name="First")
    second = UserFactory(role="Content editors", first_name="Bob", last_name="Second")
    log_in(second)
    page.set_viewport_size({"width": 1400, "height": 900})
    page.goto(form)
    present = page.locator("#w-editing-sessions")
    assert "Ada First" not in present.inner_text()

    log_in(first)
    other = context.new_page()
    other.goto(form)
    expect(other.locator("#w-editing-sessions")).to_contain_text("Bob Second")
    log_in(second)
    expect(present).to_contain_text("Ada First", timeout=10_000)

    log_in(first)
    other.bring_to_front()
    other.fill("#id_title", "About us")
    other.get_by_role("button", name="Save draft").first.click()
    other.wait_for_load_state("networkidle")
    log_in(second)
    page.bring_to_front()
    expect(present).to_contain_text("saved a new version", timeout=10_000)
