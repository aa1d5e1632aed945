"""Admin home in a browser: the top three jobs of each role are one click away, and the palette reaches them by keyboard."""

import pytest
from playwright.sync_api import expect

from tests.cms.test_home import ACTIONS
from tests.factories.psf import MinutesPageFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("role", ACTIONS)
def test_the_top_three_jobs_of_a_role_take_one_click(page, live_server, log_in, role):
    MinutesPageFactory()
    log_in(UserFactory(role=role))
    for name in ACTIONS[role][:3]:
        page.goto(f"{live_server.url}/admin/")
        with page.expect_navigation() as navigation:
            page.locator(".dashboard__actions").get_by_role("link", name=name, exact=True).first.click()
        assert navigation.value.status == 200
        assert page.url != f"{live_server.url}/admin/"
        expect(page.locator("h1, h2").first).to_be_attached()


def test_an_action_takes_three_groups_of_keys(page, live_server, log_in):
    log_in(UserFactory(role="Events"))
    page.goto(f"{live_server.url}/admin/")
    page.keyboard.press("Control+k")
    page.keyboard.type("add an ev")
    expect(page.locator(".jump__found a").first).to_contain_text("Add an event")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/events/events/add/")
