from datetime import date

import pytest

from tests.factories.events import CalendarFactory, EventFactory, LocationFactory

pytestmark = pytest.mark.django_db
RANGE = "since=2027-01-01&until=2027-12-31"


def names(client, query):
    return [item["title"] for item in client.get(f"/api/v3/events/?{query}").json()["items"]]


def test_what_takes_place_between_two_days(client):
    event = EventFactory(title="A", start_date=date(2027, 3, 28), rrule="FREQ=WEEKLY;COUNT=2", venue=LocationFactory())
    EventFactory(title="B", start_date=date(2027, 5, 1), start_time=None, end_time=None, calendar=CalendarFactory(slug="b"))
    EventFactory(title="Draft", start_date=date(2027, 3, 28), live=False)
    first = client.get(f"/api/v3/events/?{RANGE}").json()["items"][0]
    assert (first["id"], first["starts_at"], first["country"]) == (event.pk, "2027-03-28T18:00:00+02:00", "DE")
    assert names(client, RANGE) == ["A", "A", "B"]
    assert names(client, f"{RANGE}&calendar=b") == ["B"]
    assert names(client, f"{RANGE}&country=DE&limit=1") == ["A"]
    assert names(client, "since=2027-04-02&until=2027-04-30") == ["A"]


@pytest.mark.parametrize("query", ["since=2027-02-30", "since=2027-02-03&until=2027-02-01", "since=9999-12-31", "spam=1"])
def test_bad_questions_get_sentences(client, query):
    answer = client.get(f"/api/v3/events/?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_calendars(client, calendar):
    assert client.get("/api/v3/calendars/").json()["items"][0]["slug"] == "python-events"
    assert client.get("/api/v3/calendars/python-events/").json()["ics"].endswith("/events/python-events/feed.ics")
    assert client.get("/api/v3/calendars/none/").status_code == 404


def test_the_list_needs_few_queries(client, django_assert_max_num_queries):
    for _ in range(20):
        EventFactory(start_date=date(2027, 3, 5), venue=LocationFactory())
    with django_assert_max_num_queries(4):
        client.get(f"/api/v3/events/?{RANGE}&limit=100")
