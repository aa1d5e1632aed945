"""The sponsorship board at 1440 pixels, by keyboard, and the date pickers of a sponsorship."""

import pytest
from playwright.sync_api import expect

from sponsors.models import State
from tests.factories.sponsors import SponsorshipFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
BOARD = "/admin/sponsors/sponsorships/"


@pytest.fixture
def staff(log_in):
    user = UserFactory(is_superuser=True, is_staff=True)
    log_in(user)
    return user


def test_all_columns_fit_1440_pixels(page, live_server, staff):
    for state in State.values:
        SponsorshipFactory.create_batch(2, state=state, sponsor__name=f"Sponsor in {state}")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(live_server.url + BOARD)
    width = page.locator("[data-board]").evaluate("board => [board.scrollWidth, board.clientWidth]")
    assert width[0] <= width[1]
    columns = page.locator("[data-stage]")
    assert columns.count() >= 8
    for box in [columns.nth(number).bounding_box() for number in range(columns.count())]:
        assert box["x"] + box["width"] <= 1440


def test_a_card_moves_by_keyboard(page, live_server, staff):
    sponsorship = SponsorshipFactory(state=State.APPLIED)
    page.goto(live_server.url + BOARD)
    page.locator("[data-card] > a").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{BOARD}{sponsorship.pk}/do/take/")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Start review").or_(page.locator("main form button[type=submit]")).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{BOARD}{sponsorship.pk}/?tab=overview")
    sponsorship.refresh_from_db()
    assert sponsorship.state == State.REVIEW


def test_the_date_pickers_of_a_sponsorship_open(page, live_server, staff):
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    sponsorship = SponsorshipFactory(state=State.APPROVED)
    page.goto(f"{live_server.url}{BOARD}{sponsorship.pk}/")
    page.locator("#id_billing-invoiced_on").click()
    day = page.locator(".xdsoft_datetimepicker:visible td.xdsoft_date").nth(10)
    day.click()
    expect(page.locator("#id_billing-invoiced_on")).not_to_have_value("")
    page.goto(f"{live_server.url}{BOARD}{sponsorship.pk}/do/send/")
    assert complaints == []
