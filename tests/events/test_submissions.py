"""Submission and moderation of events, with the emails."""

import time as clock

import pytest
from django.core import signing

from cms.email.models import SentEmail
from events.models import Event, EventSavedReply, Location
from tests.factories.events import EventFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def answers(calendar, **changed):
    return {
        "opened": signing.dumps(clock.time() - 60, salt="opened"),
        "title": "PyLadies Leipzig",
        "calendar": calendar.pk,
        "description": "We **code** together.",
        "start_date": "2027-01-12",
        "start_time": "18:00",
        "end_time": "20:00",
        "time_zone": "Europe/Berlin",
        "repeats": "nth",
        "venue_name": "Library",
        "city": "Leipzig",
        "country": "DE",
    } | changed


@pytest.fixture
def submitter(client):
    user = UserFactory(username="ada")
    client.force_login(user)
    return user


@pytest.fixture
def moderator():
    return UserFactory(username="mod", role="Events")


@pytest.fixture
def event(client, calendar, submitter, moderator):
    client.post("/events/submit/", answers(calendar))
    return Event.objects.get()


def review(client, moderator, event, decision, **fields):
    client.force_login(moderator)
    address = f"/admin/events/events/review/{event.pk}/"
    seen = getattr(client.get(address).context["revision"], "pk", "")
    response = client.post(address, {"decision": decision, "reason": "", "reply": "", "seen": seen} | fields)
    event.refresh_from_db()
    return response


def sent_emails():
    return list(SentEmail.objects.order_by("pk").values_list("key", flat=True))


def test_submitting_requires_sign_in(client):
    assert client.get("/events/submit/")["Location"].startswith("/accounts/login/?next=/events/submit/")


def test_a_submission_is_a_draft_in_moderation_and_all_are_notified(client, event, submitter):
    assert (event.live, event.submitter, event.rrule) == (False, submitter, "FREQ=MONTHLY;BYDAY=2TU")
    assert event.workflow_in_progress
    assert sent_emails() == ["events.received", "events.to_review"]
    client.get("/events/submit/thanks/")
    assert "PyLadies" not in client.get("/events/python-events/").content.decode()
    assert "In review" in client.get("/events/mine/").content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title": ""}, "required"),
        ({"start_date": "2027-02-30"}, "valid date"),
        ({"end_time": "17:00"}, "ends before it starts"),
        ({"time_zone": "Europe/Atlantis"}, "valid choice"),
        ({"until": "2026-01-01"}, "before the first date"),
        ({"until": "2028-01-01", "count": "3"}, "not both"),
        ({"venue_name": "", "city": ""}, "Enter a venue"),
        ({"url": "javascript:alert(1)"}, "valid URL"),
        ({"exdates": "Christmas"}, "is not a date"),
        ({"website_two": "https://spam.example/"}, "looks like spam"),
        ({"opened": "made-up"}, "Send it again"),
    ],
)
def test_what_makes_no_sense_comes_back_with_a_sentence_and_nothing_is_kept(client, calendar, submitter, changed, words):
    response = client.post("/events/submit/", answers(calendar) | changed)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Event.objects.exists()
    assert not Location.objects.exists()
    assert sent_emails() == []


def test_a_line_break_in_the_name_adds_no_header(client, calendar, submitter, moderator):
    client.post("/events/submit/", answers(calendar, title="A\nBcc: all@example.org"))
    assert not SentEmail.objects.filter(subject__contains="\n").exists()


def test_without_script_the_dates_show_on_request(client, calendar, submitter):
    html = client.post("/events/submit/", answers(calendar, check="1")).content.decode()
    assert "Tuesday, January 12, 2027, 6:00 PM" in html
    assert not Event.objects.exists()


def test_one_person_sends_only_so_many(client, calendar, submitter):
    statuses = [client.post("/events/submit/", answers(calendar)).status_code for _ in range(11)]
    assert statuses == [302] * 10 + [422]


def test_ask_edit_approve_and_cancel(client, calendar, event, submitter, moderator):
    reply = EventSavedReply.objects.create(title="Which room", text="Which room is it?")
    review(client, moderator, event, "ask", reply=reply.pk)
    client.force_login(submitter)
    assert "Which room is it?" in client.get("/events/mine/").content.decode()
    edit = f"/events/mine/{event.pk}/"
    assert 'value="Library"' in client.get(edit).content.decode()
    client.post(edit, answers(calendar, venue_name="Room 5"))
    review(client, moderator, event, "approve")
    assert event.live
    assert event.venue.name == "Room 5"
    page = client.get(event.get_absolute_url()).content.decode()
    assert "<strong>code</strong>" in page
    event.status = Event.Status.CANCELLED
    event.save_revision(user=moderator).publish(user=moderator)
    event.save_revision(user=moderator).publish(user=moderator)
    assert sent_emails()[2:] == ["events.returned", "events.received", "events.to_review", "events.approved", "events.canceled"]
    assert "Which room is it?" in SentEmail.objects.get(key="events.returned").body


@pytest.mark.django_db(transaction=True)
def test_each_step_sends_one_email_to_each_person(client, calendar, submitter, moderator, mailoutbox):
    client.post("/events/submit/", answers(calendar))
    event = Event.objects.get()
    review(client, moderator, event, "ask", reason="Which room?")
    client.force_login(submitter)
    client.post(f"/events/mine/{event.pk}/", answers(calendar))
    review(client, moderator, event, "approve")
    ada, mod = ["ada@example.org"], ["mod@example.org"]
    assert [mail.to for mail in mailoutbox] == [ada, mod, ada, ada, mod, ada]


def test_what_was_reviewed_is_what_gets_published(client, calendar, event, submitter, moderator):
    stale = event.current_workflow_task_state
    client.post(f"/events/mine/{event.pk}/", answers(calendar, title="Changed"))
    stale.refresh_from_db()
    assert stale.status == "cancelled"
    review(client, moderator, event, "approve")
    assert event.title == "Changed"


def test_a_refusal_needs_a_reason_and_is_reported(client, event, submitter, moderator):
    assert "Enter a reason" in review(client, moderator, event, "reject").content.decode()
    review(client, moderator, event, "reject", reason="It is not about Python.")
    client.force_login(submitter)
    html = client.get("/events/mine/").content.decode()
    assert "Rejected" in html
    assert "It is not about Python." in html
    assert sent_emails()[-1] == "events.rejected"


def test_a_decision_is_made_once(client, event, moderator):
    review(client, moderator, event, "approve")
    assert "is no longer waiting for a decision" in review(client, moderator, event, "approve").content.decode()


def test_nobody_decides_about_their_own(client, calendar, moderator):
    client.force_login(moderator)
    client.post("/events/submit/", answers(calendar))
    event = Event.objects.get()
    assert "your own" in review(client, moderator, event, "approve").content.decode()
    assert not event.live


def test_others_neither_see_nor_change_a_submission(client, calendar, event):
    client.force_login(UserFactory())
    assert client.get(f"/events/mine/{event.pk}/").status_code == 404
    assert client.get(f"/admin/events/events/review/{event.pk}/").status_code == 302


def test_a_review_shows_dates_and_possible_duplicates(client, calendar, event, moderator, submitter):
    client.post("/events/submit/", answers(calendar, title="PyLadies again"))
    client.force_login(moderator)
    html = client.get(f"/admin/events/events/review/{event.pk}/").content.decode()
    assert "PyLadies again" in html
    assert "Every month on the second Tuesday" in html
    assert "To review" in client.get("/admin/events/events/?review=in_progress").content.decode()


@pytest.mark.parametrize(
    ("exdates", "is_valid"),
    [("2027-02-09", True), ("2027-02-09T18:00", True), ("2027-02-10", False), ("2027-02-09T17:00", False)],
)
def test_an_excluded_date_must_be_a_date_of_the_event(client, calendar, submitter, exdates, is_valid):
    response = client.post("/events/submit/", answers(calendar, exdates=exdates))
    assert Event.objects.exists() == is_valid
    assert ("does not take place on February" in response.content.decode()) == (not is_valid)


def test_changes_of_a_published_event_are_emailed_as_changes(client, calendar, event, moderator, submitter):
    review(client, moderator, event, "approve")
    SentEmail.objects.all().delete()
    client.force_login(submitter)
    client.post(f"/events/mine/{event.pk}/", answers(calendar, title="PyLadies Leipzig online", venue_name="Town Hall"))
    received, to_review = SentEmail.objects.order_by("pk")
    assert (received.key, to_review.key) == ("events.change_received", "events.change_to_review")
    assert "− PyLadies Leipzig\n+ PyLadies Leipzig online" in to_review.body
    assert "Town Hall" in to_review.body
    client.force_login(moderator)
    for url in (f"/admin/events/events/review/{event.pk}/", f"/admin/moderation-queue/?item=events-{event.pk}"):
        html = client.get(url).content.decode()
        assert "<del>PyLadies Leipzig</del><ins>PyLadies Leipzig online</ins>" in html
        assert "Changes since the last review" in html
    review(client, moderator, event, "approve")
    published = SentEmail.objects.latest("pk")
    assert (published.key, published.subject) == (
        "events.change_published",
        "Your changes are published: PyLadies Leipzig online",
    )
    # Browsers keep the previous version under its own URL.
    assert f"/{event.pk}/?version=" in published.body


def test_a_resubmission_shows_what_changed_since_the_question(client, calendar, event, moderator, submitter):
    review(client, moderator, event, "ask", reason="Which room?")
    client.force_login(submitter)
    client.post(f"/events/mine/{event.pk}/", answers(calendar, venue_name="Library, room 3"))
    client.force_login(moderator)
    html = client.get(f"/admin/events/events/review/{event.pk}/").content.decode()
    assert "<ins>Library, room 3" in html
    assert "<del>PyLadies" not in html


def test_a_submitter_sees_the_newest_event_first(client, submitter):
    for title in ("First", "Second"):
        EventFactory(title=title, submitter=submitter)
    rows = client.get("/events/mine/").context["rows"]
    assert [row["event"].title for row in rows] == ["Second", "First"]
