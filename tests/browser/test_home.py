"""Admin home in a browser: the top three jobs of each role and each fault are one click away, the palette finds each record."""

import pytest
from playwright.sync_api import Page, expect

from cms.editor import command_palette
from tests.cms.test_home import ACTIONS
from tests.cms.test_seeded_faults import FAULTS
from tests.databases import fill
from tests.factories import cms, community, downloads, events, factory_of, jobs, psf, sponsors  # noqa: F401 -- makers of rows.
from tests.factories.psf import MinutesPageFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
# Models with neither rows in the demo nor a factory.
WITHOUT_ROWS = {
    *("cms.Bundle", "cms.CustomDocument", "cms.CustomImage", "cms.EmailTemplate", "cms.LiveCheck", "cms.MissingURL"),
    *("cms.SentEmail", "downloads.Outlet", "downloads.ReleaseTask", "wagtailcore.APIToken"),
}
SOURCES = {source.model._meta.label: source for source in command_palette.sources()}
# One for Ctrl K, one for the words, and one for the arrow keys with Enter.
MOST_GROUPS = 3
MOST_ARROWS = 4


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


@pytest.mark.sampled(6)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_click_from_the_home_of_those_who_fix_it(page, live_server, log_in, fault):
    make, words, roles = FAULTS[fault]
    make()
    for role in sorted(roles & set(ACTIONS)):
        page.context.clear_cookies()
        log_in(UserFactory(role=role))
        page.goto(f"{live_server.url}/admin/")
        with page.expect_navigation() as navigation:
            page.locator("main a", has_text=words).first.click()
        assert navigation.value.status == 200, role
        assert page.url != f"{live_server.url}/admin/"


def test_an_action_takes_three_groups_of_keys(page, live_server, log_in):
    log_in(UserFactory(role="Events"))
    page.goto(f"{live_server.url}/admin/")
    page.keyboard.press("Control+k")
    page.keyboard.type("add an ev")
    expect(page.locator(".jump__found a").first).to_contain_text("Add an event")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/events/events/add/")


def open_by_palette(page: Page, words: str, url: str) -> int:
    """Open a record by keyboard from the current screen, and return the number of groups of keys."""
    page.keyboard.press("Control+k")
    page.keyboard.type(words)
    # Results of the first letters arrive before those of all words.
    page.wait_for_load_state("networkidle")
    page.locator(f".jump__found a[href='{url}']").wait_for()
    links = page.locator(".jump__found a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links.index(url) <= MOST_ARROWS, (words, links)
    # Enter opens the first result; the first arrow key chooses it, the next ones those below it.
    for _ in range(links.index(url) + 1):
        page.keyboard.press("ArrowDown")
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.keyboard.press("Enter")
    return 3


@pytest.mark.sampled(12)
@pytest.mark.parametrize("label", sorted(SOURCES.keys() - WITHOUT_ROWS))
def test_a_record_takes_three_groups_of_keys(page, live_server, log_in, label):
    fill()
    user = UserFactory(is_superuser=True, is_staff=True)
    log_in(user)
    source = SOURCES[label]
    rows = source.rows(user).order_by("pk")
    if not rows.exists():
        factory_of(source.model)()
    row = rows.annotate(jump_name=source.name, jump_context=command_palette.context_of(source.model)).first()
    url = source.url(user)
    page.goto(f"{live_server.url}/admin/")
    words = " ".join(f"{row.jump_name or ''} {row.jump_context or ''}".split()[: command_palette.MAX_TERMS])
    assert open_by_palette(page, words, url(str(row.pk))) <= MOST_GROUPS
    assert page.url.endswith(url(str(row.pk)))
