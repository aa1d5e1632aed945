"""Every public template in a real browser: no serious accessibility issue, and no horizontal overflow."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from home.models import StandardPage
from tests.databases import fill

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
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 900}
# Colors fade into each other when the scheme changes.
SETTLED = "Promise.allSettled(document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished))"


@pytest.mark.proves("S2-29")
def test_no_template_has_a_serious_barrier(page, live_server):
    """Each size and color scheme is checked once (wide and light, narrow and dark); nightly, all four combinations."""
    fill()
    for layout, slug in [(StandardPage.Layout.FULL, "membership"), (StandardPage.Layout.BARE, "dev")]:
        StandardPage.objects.filter(slug=slug).update(layout=layout)
    axe, found = Axe(), []
    for address in PAGES:
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
        page.goto(live_server.url + address)
        for scheme, size in [("light", WIDE), ("dark", NARROW)]:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            page.evaluate(SETTLED)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
            violations = axe.run(page).response["violations"]
            serious = [one for one in violations if one["impact"] in {"serious", "critical"}]
            found += [(address, scheme, size["width"], one["id"], one["nodes"][0]["html"]) for one in serious]
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


def test_suggestions_appear_while_typing_and_are_chosen_with_the_arrow_keys(page, live_server):
    fill()
    page.goto(f"{live_server.url}/about/")
    page.keyboard.press("Control+k")
    field, options = page.locator("#dialog-q"), page.locator("#search-suggestions [role=option]")
    field.press_sequentially("virtual env")
    options.first.wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    assert page.locator("#search-dialog [role=status]").inner_text().endswith("suggestions") or options.count() == 1
    field.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    assert options.first.get_attribute("aria-selected") == "true"
    field.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None
    serious = [
        one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in {"serious", "critical", "moderate"}
    ]
    assert serious == []
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/doc/virtual-environments/")
