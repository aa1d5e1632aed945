"""Admin of events."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from events.models import Event, EventSavedReply, SyncRun
from tests.factories.events import CalendarFactory, CategoryFactory, EventFactory, LocationFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
EVENTS = "/admin/events/events/"
FORM = {
    "title": "Meetup",
    "description": "",
    "body-count": "0",
    "featured_order": "100",
    "start_date": "2027-01-14",
    "start_time": "18:00",
    "end_date": "",
    "end_time": "20:00",
    "time_zone": "Europe/Berlin",
    "rrule": "",
    "rdates": "",
    "exdates": "",
    "repeats": "nth",
    "overrides-TOTAL_FORMS": "0",
    "overrides-INITIAL_FORMS": "0",
    "status": "scheduled",
    "status_note": "",
    "uid": "",
}


@pytest.fixture(autouse=True)
def moderator(client):
    user = UserFactory(role="Events")
    client.force_login(user)
    return user


def test_the_list_tells_the_next_date_and_what_is_over(client, calendar):
    tomorrow = timezone.now().date() + timedelta(days=1)
    EventFactory(title="Weekly", start_date=tomorrow - timedelta(days=70), rrule="FREQ=WEEKLY")
    EventFactory(title="Gone", start_date=date(2020, 3, 5))
    EventFactory(title="Idea", start_date=date(2020, 3, 6), live=False)
    text = " ".join(client.get(EVENTS).content.decode().split())
    assert f"{tomorrow:%b %-d, %Y} <" in text
    assert "Mar 5, 2020 (past) <" in text
    assert "Mar 6, 2020 <" in text


@pytest.mark.parametrize(
    "path",
    [
        EVENTS,
        f"{EVENTS}add/",
        f"{EVENTS}?review=in_progress&time=coming",
        f"{EVENTS}?q=meetup&ordering=-start_date",
        f"{EVENTS}?export=csv",
        "/admin/events/calendars/",
        "/admin/events/calendars/new/",
        "/admin/events/places/",
        "/admin/events/places/create/",
        "/admin/events/categories/",
        "/admin/events/categories/create/",
        "/admin/events/replies/",
        "/admin/events/replies/add/",
        "/admin/events/sources/",
    ],
)
def test_every_page_opens(client, path):
    event = EventFactory(venue=LocationFactory())
    event.categories.add(CategoryFactory())
    SyncRun.objects.create(calendar=CalendarFactory(slug="remote", url="https://example.org/a.ics"), problems=["No date."])
    response = client.get(path)
    assert response.status_code == 200
    assert b"".join(response) if response.streaming else response.content


def test_the_builder_writes_the_rule(client, calendar):
    response = client.post(f"{EVENTS}add/", FORM | {"calendar": calendar.pk, "action-publish": "1"})
    assert response.status_code == 302, response.context["form"].errors
    event = Event.objects.get()
    assert (event.rrule, event.live) == ("FREQ=MONTHLY;BYDAY=2TH", True)
    assert event.occurrences.count() > 12
    html = client.get(f"{EVENTS}edit/{event.pk}/").content.decode()
    assert '<option value="nth" selected>' in html
    assert "Every month on the second Thursday." in html


def test_dates_that_make_no_sense_come_back_with_a_sentence(client, calendar):
    response = client.post(f"{EVENTS}add/", FORM | {"calendar": calendar.pk, "end_time": "17:00", "action-publish": "1"})
    assert "The event ends before it starts." in response.content.decode()
    assert not Event.objects.filter(live=True).exists()


def test_the_builder_shows_dates_while_one_types(client):
    query = "start_date=2027-01-14&start_time=18:00&repeats=nth&count=2&exdates="
    answer = client.get(f"{EVENTS}dates/?{query}").json()
    assert answer["dates"] == ["Thursday, January 14, 2027, 6:00 PM", "Thursday, February 11, 2027, 6:00 PM"]
    assert answer["description"] == "Every month on the second Thursday, 2 times"
    assert "no time zone" in client.get(f"{EVENTS}dates/?{query}&time_zone=Mars").json()["errors"][0]
    assert client.get(f"{EVENTS}dates/?start_date=never").json()["errors"]


def test_a_rule_that_the_builder_cannot_say_is_kept(client, calendar):
    event = EventFactory(start_date=date(2027, 1, 14), rrule="FREQ=MONTHLY;BYDAY=TH;BYSETPOS=2")
    html = client.get(f"{EVENTS}edit/{event.pk}/").content.decode()
    assert '<option value="custom" selected>' in html
    changed = FORM | {"calendar": calendar.pk, "repeats": "custom", "rrule": event.rrule, "action-publish": "1"}
    assert client.post(f"{EVENTS}edit/{event.pk}/", changed).status_code == 302
    event.refresh_from_db()
    assert event.rrule == "FREQ=MONTHLY;BYDAY=TH;BYSETPOS=2"


def test_the_list_needs_few_queries(client, django_assert_max_num_queries):
    for _ in range(20):
        EventFactory(venue=LocationFactory())
    client.get(EVENTS)
    with django_assert_max_num_queries(25):
        assert client.get(EVENTS).status_code == 200


def test_a_preview_needs_no_saved_event(client, calendar):
    address = f"{EVENTS}preview/"
    assert client.post(address, FORM | {"calendar": calendar.pk}).json()["is_valid"]
    assert b"Meetup" in client.get(f"{address}?mode=").content


def test_saved_replies_can_be_edited(client):
    client.post("/admin/events/replies/add/", {"title": "Off topic", "text": "It is not about Python."})
    assert EventSavedReply.objects.filter(title="Off topic").exists()


def test_the_next_dates_are_for_people_who_may_change_events(client, calendar):
    viewer = UserFactory(role="Content editors")
    viewer.user_permissions.add(Permission.objects.get(codename="view_event"))
    client.force_login(viewer)
    assert client.get(f"{EVENTS}dates/?start_date=2027-01-14").status_code == 302
