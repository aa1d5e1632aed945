"""Every public template in a real browser: no serious barrier, and nothing wider than the screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from home.demo import fill
from home.models import StandardPage

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)
PAGES = [
    "/",
    "/about/",
    "/about/gettingstarted/",
    "/doc/",
    "/doc/versions/",
    "/doc/pip/",
    "/community/",
    "/psf/",
    "/psf/grants/",
    "/psf/membership/",
    "/dev/",
    "/downloads/",
    "/downloads/release/python-3151/",
    "/downloads/windows/",
    "/events/",
    "/jobs/",
    "/search/?q=python",
    "/report-a-problem/",
    "/accounts/login/",
    "/nothing/here/",
]
SCREENS = [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 390)]


@pytest.mark.parametrize(("scheme", "width"), SCREENS)
@pytest.mark.proves("S2-29")
def test_no_template_has_a_serious_barrier(page, live_server, scheme, width):
    fill()
    for layout, slug in [(StandardPage.Layout.FULL, "membership"), (StandardPage.Layout.BARE, "dev")]:
        StandardPage.objects.filter(slug=slug).update(layout=layout)
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    axe, found = Axe(), []
    for address in PAGES:
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        serious = [one for one in axe.run(page).response["violations"] if one["impact"] in {"serious", "critical"}]
        found += [(address, one["id"], one["nodes"][0]["html"]) for one in serious]
    assert found == []


def test_the_search_opens_by_keyboard_over_a_plain_form(page, live_server):
    fill()
    page.goto(f"{live_server.url}/about/")
    page.keyboard.press("Control+k")
    field = page.locator("#dialog-q")
    assert field.evaluate("element => element === document.activeElement")
    field.press_sequentially("pip")
    with page.expect_navigation():
        field.press("Enter")
    assert page.url.endswith("/search/?q=pip")
    assert page.get_by_role("main").get_by_role("link", name="pip").first.is_visible()
