"""Admin home in a browser: the top three jobs of each role and each fault are one click away, the palette finds each record."""

import pytest
from playwright.sync_api import Page, expect

from cms.editor import command_palette, dashboard
from tests.cms.test_home import ACTIONS
from tests.cms.test_seeded_faults import EDITORS, FAULTS
from tests.databases import fill
from tests.factories.psf import MinutesPageFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
# Roles whose work comes only from reviews have no actions.
WITHOUT_ACTIONS = {"Legal reviewers", "Security reviewers"}
SOURCES = {source.model._meta.label: source for source in command_palette.sources()}
# One for Ctrl K, one for the words, and one for the arrow keys with Enter.
MOST_GROUPS = 3
MOST_ARROWS = 4


@pytest.mark.parametrize("role", sorted(EDITORS, key=lambda role: (role not in ACTIONS, role)))
def test_the_top_three_jobs_of_a_role_take_one_click(page, live_server, log_in, role):
    MinutesPageFactory()
    user = UserFactory(role=role)
    log_in(user)
    names = [str(action.label) for action in dashboard.actions_of(user)]
    assert names[: len(ACTIONS[role])] == ACTIONS[role] if role in ACTIONS else bool(names) is (role not in WITHOUT_ACTIONS)
    for name in names[:3]:
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
    page.locator(f".jump__found a[href='{url}']").wait_for()
    links = page.locator(".jump__found a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links.index(url) <= MOST_ARROWS, (words, links)
    for _ in range(links.index(url)):
        page.keyboard.press("ArrowDown")
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.keyboard.press("Enter")
    return 3


@pytest.mark.sampled(12)
@pytest.mark.parametrize("label", SOURCES)
def test_a_record_takes_three_groups_of_keys(page, live_server, log_in, label):
    fill()
    user = UserFactory(is_superuser=True, is_staff=True)
    log_in(user)
    source = SOURCES[label]
    row = (
        source.rows(user)
        .order_by("pk")
        .annotate(jump_name=source.name, jump_context=command_palette.context_of(source.model))
        .first()
    )
    url = source.url(user)
    if row is None or url is None:
        pytest.skip("The demo has no such record.")
    page.goto(f"{live_server.url}/admin/")
    words = " ".join(f"{row.jump_name or ''} {row.jump_context or ''}".split()[: command_palette.MAX_TERMS])
    assert open_by_palette(page, words, url(str(row.pk))) <= MOST_GROUPS
    assert page.url.endswith(url(str(row.pk)))
