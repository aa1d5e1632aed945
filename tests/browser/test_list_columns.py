"""The columns of a list are chosen with the keyboard alone, with and without script."""

import pytest

from tests.factories.community import FeedFactory
from tests.factories.downloads import ReleaseFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
MOST_TABS = 60


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("column", [("/admin/downloads/releases/", "Stage"), ("/admin/community/feeds/", "Last error")])
def test_a_column_is_hidden_by_keyboard(browser, context, log_in, live_server, script, column):
    path, name = column
    ReleaseFactory(), FeedFactory()
    log_in(UserFactory(role="Site admins"))
    own = browser.new_context(java_script_enabled=script, storage_state=context.storage_state())
    page = own.new_page()
    page.goto(live_server.url + path)

    def reach(what):
        for _ in range(MOST_TABS):
            page.keyboard.press("Tab")
            if what.evaluate("element => element === document.activeElement"):
                return
        pytest.fail(f"Tab does not reach {what}.")

    header = page.locator("main thead").first.get_by_text(name, exact=True)
    assert header.count() == 1
    if script:
        page.locator("main").first.evaluate("element => { element.tabIndex = -1; element.focus() }")
    reach(page.locator(".list-tools__columns summary"))
    page.keyboard.press("Enter")
    reach(page.get_by_role("checkbox", name=name, exact=True))
    page.keyboard.press("Space")
    reach(page.get_by_role("button", name="Save columns"))
    page.keyboard.press("Enter")
    page.get_by_text("Your columns for this list were saved.").wait_for()
    assert header.count() == 0
    own.close()
