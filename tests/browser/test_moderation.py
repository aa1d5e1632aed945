"""Moderation of submissions with the keyboard only."""

import pytest

from cms.moderation.models import ProblemReport
from community.models import StoryPage, StorySavedReply
from community.workflows import submit as submit_story
from events.models import Event, EventSavedReply
from events.workflows import submit as submit_event
from jobs.models import Job, SavedReply, Status
from tests.factories.community import StoryPageFactory, story_index
from tests.factories.events import CalendarFactory, EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.users import UserFactory

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)
REASON = "We need a word about Python in it."


def send_in_five_of_each() -> None:
    ada, calendar = UserFactory(username="ada"), CalendarFactory()
    story_index()
    for model in (SavedReply, EventSavedReply, StorySavedReply):
        model.objects.all().delete()
        model.objects.create(title="More about Python", text=REASON)
    for number in range(5):
        # A poster of spam loses all other jobs, too.
        poster = UserFactory()
        JobFactory(title=f"Advert {number}", status=Status.DRAFT, submitted_by=poster).submit(by=poster)
        submit_event(EventFactory.build(title=f"Meeting {number}", calendar=calendar, submitter=ada), by=ada)
        submit_story(StoryPageFactory(title=f"Story {number}", live=False, submitter=ada), by=ada)
        ProblemReport.objects.create(path=f"/page-{number}/", text="A link is dead.")


def test_twenty_things_of_all_sections_are_cleared_by_keyboard_alone(page, live_server, log_in, mailoutbox):
    send_in_five_of_each()
    log_in(UserFactory(role="Site admins"))
    keyboard = page.keyboard
    page.goto(f"{live_server.url}/admin/")

    def press(key):
        with page.expect_navigation(wait_until="domcontentloaded"):
            keyboard.press(key)

    # To the queue by the quick jump, which opens on any screen.
    keyboard.press("Control+k")
    keyboard.type("moderation")
    page.locator(".jump__found a", has_text="Moderation queue").first.wait_for()
    press("Enter")
    shown = page.locator(".queue__row [aria-current]")
    seen = []
    for _ in range(20):
        kind, title = shown.locator(".chip").first.inner_text(), shown.locator("strong").inner_text()
        seen.append(kind)
        number = seen.count(kind)
        # Of each kind: three are approved, one is returned with a saved reply, one is spam.
        if number == 5:
            press("s")
        elif number == 4 and not title.startswith("/"):
            keyboard.press("1")
            assert page.evaluate("document.activeElement.value") == REASON
            press("Control+Enter")
        else:
            press("a")
    assert "There are no submissions to review" in page.inner_text("body")
    # The last one, a report, was removed: it comes back and is removed again.
    press("u")
    assert shown.locator("strong").inner_text().startswith("/page-4/")
    press("s")
    assert sorted(seen) == sorted(["Job", "Event", "Success story", "Problem report"] * 5)
    assert (Job.objects.filter(status=Status.APPROVED).count(), Job.objects.filter(status=Status.REJECTED).count()) == (3, 1)
    assert (Event.objects.filter(live=True).count(), Event.objects.filter(live=False).count()) == (3, 1)
    assert (StoryPage.objects.filter(live=True).count(), StoryPage.objects.filter(live=False).count()) == (3, 1)
    assert [report.status for report in ProblemReport.objects.all()] == ["done"] * 4
    assert sum(REASON in mail.body for mail in mailoutbox) == 3


@pytest.mark.sampled(2)
@pytest.mark.parametrize("path", ["/admin/moderation-queue/", "/admin/jobs/queue/"])
@pytest.mark.parametrize("has_replies", [True, False])
def test_escape_leaves_the_message_and_number_keys_are_named_only_with_saved_replies(
    page, live_server, log_in, path, has_replies
):
    send_in_five_of_each()
    if not has_replies:
        for model in (SavedReply, EventSavedReply, StorySavedReply):
            model.objects.all().delete()
    log_in(UserFactory(role="Site admins"))
    page.goto(live_server.url + path)
    assert ("insert a saved reply" in page.inner_text(".help-keys")) == has_replies
    first = page.locator("[aria-current] strong").inner_text()
    page.keyboard.press("r")
    page.keyboard.type("j")
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("j")
    assert page.locator("[aria-current] strong").inner_text() != first
