"""Life cycle of a submitted event in a real browser, with its emails."""

import re

import pytest
from wagtail.models import Page as WagtailPage

from cms.content import public_forms
from demo import events
from events.models import Event
from tests.factories.events import CalendarFactory
from tests.factories.users import UserFactory

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(live_server, settings, monkeypatch):
    # This browser types faster than people.
    monkeypatch.setattr(public_forms, "FASTEST_SECONDS", 0)
    settings.BASE_URL = live_server.url
    events.make_pages(WagtailPage.objects.get(depth=2))
    CalendarFactory(name="User groups", slug="user-groups")
    return {"ada": UserFactory(username="ada"), "moderator": UserFactory(username="moderator", role="Events")}


@pytest.fixture
def as_(page, log_in, people, context, live_server):
    """Return a function that opens a URL as a user."""

    def open_as(name, path):
        context.clear_cookies()
        if name:
            log_in(people[name])
        page.goto(live_server.url + path)
        if name is None:
            # A browser keeps what is public for a minute.
            page.reload()

    return open_as


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def link_in(mail, start):
    return re.search(rf"https?://[^/]+({re.escape(start)}\S*)", mail.body)[1]


def write_an_event(page):
    page.fill("#id_title", "PyLadies Leipzig")
    page.fill("#id_description", "We **code** together.")
    page.fill("#id_start_date", "2027-03-09")
    page.fill("#id_start_time", "18:00")
    page.fill("#id_end_time", "20:00")
    page.select_option("#id_time_zone", "Europe/Berlin")
    page.select_option("#id_repeats", "nth")
    # The dates show before anything is sent, on both sides of the change to summer time.
    page.locator("[data-dates]", has_text="Tuesday, April 13, 2027, 6:00 PM").wait_for()
    page.fill("#id_venue_name", "Library")
    page.fill("#id_city", "Leipzig")
    page.select_option("#id_country", "DE")


@pytest.mark.nightly
def test_an_event_from_the_form_to_its_cancellation(page, as_, mailoutbox):
    as_("ada", "/events/submit/")
    write_an_event(page)
    press(page, "Submit event")
    assert "Thank you" in page.inner_text("h1")
    to_review = next(mail for mail in mailoutbox if mail.to == ["moderator@example.org"])
    assert "PyLadies Leipzig" in to_review.subject

    as_("moderator", link_in(to_review, "/admin/"))
    page.get_by_label("Message").fill("Which room is it?")
    press(page, "Request changes")
    assert "Which room is it?" in mailoutbox[-1].body
    assert mailoutbox[-1].to == ["ada@example.org"]

    as_("ada", link_in(mailoutbox[-1], "/events/"))
    assert "Which room is it?" in page.inner_text("main")
    page.get_by_role("link", name="Edit PyLadies Leipzig").click()
    page.fill("#id_venue_name", "Library, room 5")
    press(page, "Submit again")

    as_("moderator", link_in(to_review, "/admin/"))
    press(page, "Approve and publish")
    approved = mailoutbox[-1]
    assert approved.to == ["ada@example.org"]

    address = link_in(approved, "/events/")
    as_(None, address)
    assert page.inner_text("h1") == "PyLadies Leipzig"
    assert "Library, room 5" in page.inner_text("main")
    assert page.locator("main strong", has_text="code").is_visible()
    assert "PyLadies Leipzig" in page.request.get(page.url + "event.ics").text()

    event = Event.objects.get()
    as_("moderator", f"/admin/events/events/edit/{event.pk}/")
    page.get_by_role("tab", name="Status").click()
    page.select_option("#id_status", "cancelled")
    page.get_by_role("button", name="More actions").click()
    press(page, "Publish")
    assert mailoutbox[-1].to == ["ada@example.org"]
    assert "cancel" in (mailoutbox[-1].subject + mailoutbox[-1].body).lower()
    as_(None, address)
    assert "Canceled" in page.inner_text("main")
    assert "STATUS:CANCELLED" in page.request.get(page.url + "event.ics").text()
