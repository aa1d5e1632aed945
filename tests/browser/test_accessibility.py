"""Accessibility of all public pages (docs/accessibility.md): axe, focus after errors, forced colors, sizes of targets."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from wagtail.models import Page

from events.models import Event, Occurrence
from home.models import StandardPage
from jobs.models import Job
from tests.browser.test_public_pages import NARROW, PAGES, SETTLED, WIDE
from tests.databases import fill

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)
# Pages of views, besides those of `PAGES`. Pages of the tree are found by their types.
VIEWS = [
    "/downloads/operating-systems/",
    "/downloads/roadmap/",
    "/events/month/",
    "/events/week/",
    "/events/calendars/",
    "/jobs/locations/",
    "/jobs/types/",
    "/jobs/categories/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/nominations/elections/",
    "/psf/sponsors/",
    "/sponsors/application/",
    "/success-stories/create/",
]
SHOWN_IMPACTS = {"moderate", "serious", "critical"}
MIN_TARGET = 24


def one_of_each_type() -> list[str]:
    """Return the URLs of one page of each type of the tree, one of each layout, an event and a job."""
    pages = {}
    for page in Page.objects.live().public().filter(depth__gt=1).specific():
        pages.setdefault((type(page), getattr(page, "layout", "")), page.url)
    return [
        *pages.values(),
        Event.objects.filter(live=True).first().get_absolute_url(),
        Job.objects.visible()[0].get_absolute_url(),
    ]


@pytest.mark.nightly
def test_no_page_type_has_a_barrier(page, live_server):
    fill()
    for layout, slug in [(StandardPage.Layout.FULL, "membership"), (StandardPage.Layout.BARE, "dev")]:
        StandardPage.objects.filter(slug=slug).update(layout=layout)
    axe, found = Axe(), []
    for url in dict.fromkeys([*one_of_each_type(), *VIEWS, *PAGES]):
        page.set_viewport_size(WIDE)
        assert page.goto(live_server.url + url).status < 400 or url == "/nothing/here/", url
        for scheme in ("light", "dark"):
            for size in (WIDE, NARROW):
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size(size)
                page.evaluate(SETTLED)
                assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], url
                violations = axe.run(page).response["violations"]
                found += [
                    (url, scheme, size["width"], one["id"], one["nodes"][0]["html"])
                    for one in violations
                    if one["impact"] in SHOWN_IMPACTS
                ]
    assert found == []


def test_the_focus_moves_to_the_list_of_errors(page, live_server):
    fill()
    page.goto(f"{live_server.url}/report-a-problem/")
    page.get_by_role("main").locator("form button[type=submit]").click()
    page.wait_for_url("**/report-a-problem/")
    assert page.title().startswith("Error:")
    assert page.evaluate("document.activeElement.id") == "form-errors"


def test_the_documentation_of_the_api_is_a_page_with_a_language_and_a_heading(page, live_server):
    """Swagger UI writes the rest of the page; its markup is not ours."""
    page.goto(f"{live_server.url}/api/v3/docs")
    page.wait_for_selector(".opblock")
    rules = [
        "html-has-lang",
        "landmark-one-main",
        "page-has-heading-one",
        "document-title",
        "image-alt",
        "link-name",
        "button-name",
    ]
    assert Axe().run(page, options={"runOnly": {"type": "rule", "values": rules}}).response["violations"] == []
    assert page.get_by_role("heading", level=1).inner_text().startswith("python.org")


def test_targets_in_the_month_are_large_enough(page, live_server):
    fill()
    day = Occurrence.objects.visible().order_by("starts_at").last().starts_on
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        page.goto(f"{live_server.url}/events/month/{day.year}/{day.month}/")
        links = page.locator(".month-grid a:visible")
        assert links.count()
        sizes = [link.bounding_box() for link in links.all()]
        assert all(box["height"] >= MIN_TARGET and box["width"] >= MIN_TARGET for box in sizes), sizes


def test_code_that_scrolls_takes_the_focus(page, live_server):
    """At 320 pixels, as at a zoom of 400 %, everything that scrolls sideways can be reached by keyboard."""
    fill()
    page.set_viewport_size(NARROW)
    for url in one_of_each_type():
        page.goto(live_server.url + url)
        unreachable = page.evaluate(
            """() => [...document.querySelectorAll('main pre, main .table-scroll, main table, main code')].filter(one =>
                one.scrollWidth > one.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(one).overflowX)
                && one.tabIndex < 0).map(one => one.outerHTML.slice(0, 120))"""
        )
        assert unreachable == [], url


def test_forced_colors_keep_the_selected_tab_and_the_chart(page, live_server):
    fill()
    page.set_viewport_size(WIDE)
    page.emulate_media(forced_colors="active")
    page.goto(f"{live_server.url}/downloads/")
    color = "element => getComputedStyle(element).backgroundColor"
    chosen, other = (
        page.locator('[role=tab][aria-selected="true"]').first,
        page.locator('[role=tab][aria-selected="false"]').first,
    )
    assert chosen.evaluate(color) != other.evaluate(color)
    colors = {page.locator(f".timeline-legend .bar-{kind}").first.evaluate(color) for kind in ("bugfix", "security", "ended")}
    assert len(colors) == len(("bugfix", "security", "ended"))


def test_header_and_content_are_aligned_on_wide_screens(page, live_server):
    fill()
    page.set_viewport_size({"width": 1920, "height": 1000})
    left = "element => element.getBoundingClientRect().left + parseFloat(getComputedStyle(element).paddingLeft)"
    for url in ("/downloads/", "/events/", "/about/"):
        page.goto(live_server.url + url)
        edges = {
            page.locator(".site-header-row").evaluate(left),
            page.locator("main .wrap:not(.wrap-narrow)").first.evaluate(left),
        }
        assert len(edges) == 1, url
