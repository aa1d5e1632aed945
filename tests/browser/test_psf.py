"""An election at each boundary of its dates, and minutes from draft to the index of resolutions, in a real browser."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from cms.content import public_forms
from deploy.drills.stage import until
from psf.models import Election, MinutesPage, Nominee
from tests.factories.psf import AcknowledgementFactory, ElectionFactory, MeetingBodyFactory, MinutesPageFactory, minutes_index
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
OPENS = datetime(2026, 7, 1, 12, tzinfo=UTC)
CLOSES = datetime(2026, 7, 30, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def people(live_server, settings, monkeypatch):
    monkeypatch.setattr(public_forms, "FASTEST_SECONDS", 0)
    settings.BASE_URL = live_server.url
    return {
        "ada": UserFactory(username="ada", first_name="Ada", last_name="Byron", email="ada@example.org"),
        "grace": UserFactory(username="grace", first_name="Grace", last_name="Hopper", email="grace@example.org"),
        "staff": UserFactory(username="staff", role="PSF staff"),
        "reviewer": UserFactory(username="reviewer", role="PSF staff"),
    }


@pytest.fixture
def as_(page, log_in, people, context, live_server):
    def open_as(name, path):
        context.clear_cookies()
        if name:
            log_in(people[name])
        page.goto(live_server.url + path)
        if name is None:
            # A browser keeps what is public for a minute.
            page.reload()

    return open_as


@pytest.fixture
def now_is():
    """Move the election instead of the current time, which the browser, the server and the session share."""

    def move(at):
        shift = timezone.now() - at
        Election.objects.update(nominations_open_at=OPENS + shift, nominations_close_at=CLOSES + shift)

    return move


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_an_election_from_announcement_to_close(page, as_, now_is, mailoutbox):
    election = ElectionFactory(name="Board election", slug="board-2026")
    AcknowledgementFactory(kind=election.kind)
    now_is(OPENS - timedelta(minutes=5))
    as_(None, "/nominations/election/board-2026/")
    assert "Not open yet" in page.inner_text("main")
    as_("grace", "/nominations/board-2026/create/")
    assert page.inner_text("h1") == "Nominations are not open yet."

    now_is(OPENS + SECOND)
    as_("grace", "/nominations/election/board-2026/")
    page.reload()
    page.get_by_role("link", name="Submit a nomination").click()
    assert not page.locator(".nomination-acknowledgements").is_visible()
    page.fill("#id_name", "Ada Byron")
    page.fill("#id_email", "ada@example.org")
    page.fill("#id_employer", "Tidewater Maps")
    page.fill("#id_statement", "She **listens**.")
    page.locator("[data-statement-body] strong", has_text="listens").wait_for()
    press(page, "Submit nomination")
    assert "Submitted" in page.inner_text("main")
    invitation = next(mail for mail in mailoutbox if mail.subject.startswith("You have been nominated"))
    link = re.search(r"/nominations/invitation/\S+", invitation.body)[0]
    as_("ada", link)
    page.fill("#id_comment", "Gladly.")
    press(page, "Accept nomination")
    assert "You accepted the nomination" in page.inner_text("main")
    assert mailoutbox[-1].subject == "Ada Byron accepted your nomination: Board election"
    as_("ada", link)
    assert page.inner_text("h1") == "This link has already been used."

    as_("staff", f"/admin/psf/elections/{election.pk}/dashboard/")
    page.get_by_role("link", name="Review Ada Byron", exact=True).click()
    press(page, "Approve")
    assert "Approved" in page.inner_text("body")
    as_("staff", f"/admin/psf/elections/{election.pk}/preview/")
    assert "Ada Byron" in page.inner_text("main")
    as_(None, "/nominations/elections/board-2026/nominees/")
    assert "Ada Byron" not in page.inner_text("main")

    now_is(CLOSES + SECOND)
    as_("grace", "/nominations/board-2026/create/")
    assert page.inner_text("h1") == "Nominations are closed."
    as_(None, "/nominations/elections/board-2026/nominees/")
    page.get_by_text("Statement", exact=False).first.click()
    assert "She listens." in page.inner_text("main")
    assert Nominee.objects.get().user.username == "ada"


def test_minutes_from_draft_to_the_index_of_resolutions(page, as_, people, mailoutbox):
    index = minutes_index()
    MeetingBodyFactory()
    as_("staff", f"/admin/pages/add/psf/minutespage/{index.pk}/")
    page.select_option("#id_body", label="Board of directors")
    page.fill("#id_date", "2026-03-11")
    page.fill("#id_present", "Ada\nGrace")
    page.get_by_role("button", name="Add resolution").click()
    page.fill("#id_resolutions-0-number", "2026-03-11-1")
    page.fill("#id_resolutions-0-text", "RESOLVED, that we grant US$ 500 to PyLadies.")
    page.fill("#id_resolutions-0-votes_for", "5")
    page.locator("button[type=submit]", has_text="Save draft").first.click()
    page.wait_for_url("**/edit/**")
    minutes = MinutesPage.objects.get()
    assert (minutes.live, minutes.slug) == (False, "2026-03-11")
    as_(None, "/psf/records/board/minutes/")
    assert "March 11" not in page.inner_text("main")

    minutes.get_workflow().start(minutes, people["staff"])
    assert mailoutbox[-1].subject == "To review: Board of directors, March 11, 2026"
    as_("reviewer", re.search(r"/admin/pages/\d+/edit/", mailoutbox[-1].body)[0])
    page.get_by_role("button", name="More actions").first.click()
    page.locator("[data-workflow-action-name=approve]").first.click()
    until(lambda: mailoutbox[-1].subject == "Published: Board of directors, March 11, 2026", "The email about the approval")
    as_(None, "/psf/records/board/minutes/resolutions/?q=pyladies")
    assert "5 for" in page.inner_text("main")
    page.get_by_role("link", name="Resolution 2026-03-11-1").click()
    assert "Ada, Grace" in page.inner_text("main")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_the_policy_or_the_width(page, as_, scheme):
    ElectionFactory(slug="board-2026", nominations_close_at=timezone.now() + timedelta(days=9))
    MinutesPageFactory(date=date(2026, 3, 11), resolutions=[{"text": "RESOLVED."}])
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 700})
    for name, path in [
        (None, "/nominations/elections/"),
        ("ada", "/nominations/board-2026/create/"),
        ("ada", "/nominations/mine/"),
        (None, "/psf/records/board/minutes/"),
        (None, "/psf/records/board/minutes/2026-03-11/"),
        (None, "/psf/records/board/minutes/resolutions/"),
        ("staff", f"/admin/psf/elections/{Election.objects.get().pk}/dashboard/"),
        ("staff", "/admin/psf/minutes/"),
    ]:
        as_(name, path)
        page.wait_for_load_state("networkidle")
        assert name == "staff" or page.evaluate("document.documentElement.scrollWidth") <= 320, path
    assert complaints == []
