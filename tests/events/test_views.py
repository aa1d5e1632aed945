"""Public pages of events."""

import json
import re
from datetime import date, datetime, time, timedelta

import pytest
from django.template import RequestContext, Template
from django.test import RequestFactory
from django.utils import timezone

from events.models import Event, EventOverride, Occurrence
from events.templatetags.events import when
from tests.factories.events import CalendarFactory, CategoryFactory, EventFactory, LocationFactory

pytestmark = pytest.mark.django_db
TODAY = timezone.now().date()


def in_days(number, **fields):
    return EventFactory(start_date=TODAY + timedelta(days=number), **fields)


def running(**fields):
    """In progress since yesterday, until tomorrow."""
    return in_days(-1, end_date=TODAY + timedelta(days=1), **fields)


def get(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def titles(html):
    return re.findall(r'class="event-title list-title">\s*<a href="[^"]+">([^<]+)</a>', html)


def test_an_event_leads_to_the_one_before_and_the_one_after(client):
    for number, title in [(1, "First"), (2, "Second"), (3, "This"), (4, "Fourth"), (5, "Fifth")]:
        in_days(number, title=title)
    context = client.get(Event.objects.get(title="This").get_absolute_url()).context
    assert (context["preceding"].title, context["following"].title) == ("Second", "Fourth")


def test_a_page_that_names_the_next_events_is_purged_with_them():
    request = RequestFactory().get("/")
    in_days(2, title="Sprint")
    text = "{% load events %}{% upcoming_events 5 as events %}{% for event in events %}{{ event.title }}{% endfor %}"
    assert Template(text).render(RequestContext(request)) == "Sprint"
    assert "events" in request.surrogate_keys


def test_a_week_has_the_events_that_end_on_its_first_day_and_begin_on_its_last():
    for first, last, title in [(0, 2, "Ends"), (4, 6, "Begins"), (0, 1, "Before"), (5, 6, "After")]:
        in_days(first, end_date=TODAY + timedelta(days=last), title=title)
    between = Occurrence.objects.between(TODAY + timedelta(days=2), TODAY + timedelta(days=4))
    assert [occurrence.title for occurrence in between] == ["Ends", "Begins"]


def test_a_draft_has_no_page(client):
    event = in_days(1)
    assert client.get(event.get_absolute_url()).status_code == 200
    Event.objects.update(live=False)
    assert client.get(event.get_absolute_url()).status_code == 404


@pytest.mark.usefixtures("landing")
class TestLanding:
    def test_now_next_and_just_missed_stand_apart_each_in_its_order(self, client):
        in_days(9, title="Later")
        in_days(2, title="Sooner")
        running(title="Running")
        in_days(-3, title="Missed")
        html = get(client, "/events/")
        assert titles(html) == ["Running", "Sooner", "Later", "Missed"]
        assert html.index("Happening now") < html.index("Running") < html.index('id="upcoming"') < html.index("Sooner")
        assert html.index("Recent events") < html.index("Missed</a>")

    def test_the_markup_that_scripts_read(self, client):
        event = in_days(2, venue=LocationFactory())
        html = get(client, "/events/")
        assert '<ul class="list list-dated list-recent-events menu">' in html
        assert f'<a href="/events/python-events/{event.pk}/">{event.title}</a>' in html
        assert re.search(r'<time datetime="\d{4}-\d\d-\d\dT18:00:00\+0[12]:00">', html)
        assert re.search(r'(?s)<span class="event-location">.*Town hall, Leipzig, Germany</span>', html)

    def test_drafts_are_hidden(self, client):
        in_days(2, live=False, title="Secret")
        assert "Secret" not in get(client, "/events/")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("calendar=other", ["Berlin"]),
            ("country=DE", ["Leipzig"]),
            ("online=on", ["Berlin"]),
            ("q=leip", ["Leipzig"]),
            (f"since={TODAY + timedelta(days=4)}", ["Berlin"]),
            (f"until={TODAY + timedelta(days=4)}", ["Leipzig"]),
            ("since=2026-02-30", ["Leipzig", "Berlin"]),
            ("calendar=unknown", ["Leipzig", "Berlin"]),
        ],
    )
    def test_filters_are_addresses(self, client, query, found):
        in_days(3, title="Leipzig", venue=LocationFactory())
        in_days(6, title="Berlin", calendar=CalendarFactory(slug="other"), online_url="https://example.org/")
        assert titles(get(client, f"/events/?{query}")) == found

    def test_featured_events_stand_out(self, client):
        in_days(5, featured=True, title="PyCon")
        html = get(client, "/events/")
        assert "Featured" in html
        assert html.count("PyCon") == 2

    def test_a_cancelled_event_says_so(self, client):
        in_days(5, status="cancelled")
        assert "Canceled</span>" in get(client, "/events/")

    @pytest.mark.parametrize("page", ["2", "0", "x", "99999999999999999999"])
    def test_a_page_that_there_is_not(self, client, page):
        get(client, f"/events/?page={page}", status=404)

    def test_anonymous_pages_are_the_same_for_everybody(self, client, admin_client):
        in_days(2)
        response = client.get("/events/")
        assert "public" in response["Cache-Control"]
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert "events" in response["Surrogate-Key"].split()
        assert response.content == admin_client.get("/events/").content


@pytest.mark.nightly
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rows", [3, 30])
@pytest.mark.parametrize(
    "path",
    [
        "/events/",
        "/events/?q=meetup",
        "/events/month/",
        "/events/week/",
        "/events/calendars/",
        "/events/python-events/",
        "/events/python-events/past/",
        "/events/python-events/categories/",
        "/events/python-events/locations/",
        "/events/feed.ics",
        "/events/feed.rss",
    ],
)
def test_lists_need_few_queries_however_many_rows(client, landing, django_assert_max_num_queries, path, rows):
    for number in range(rows):
        in_days(number % 9 - 4, venue=LocationFactory(), rrule="FREQ=DAILY;COUNT=3")
    client.get(path)
    client.get(path)
    with django_assert_max_num_queries(10):
        get(client, path)


class TestOtherPages:
    def test_every_page_of_a_calendar(self, client):
        event = in_days(2, venue=LocationFactory())
        event.categories.add(CategoryFactory())
        event.save()
        for path in [
            "/events/calendars/",
            "/events/python-events/",
            "/events/python-events/past/",
            f"/events/python-events/date/{TODAY:%Y/%m/%d}/",
            "/events/python-events/categories/",
            "/events/python-events/categories/conference/",
            "/events/python-events/locations/",
            f"/events/python-events/locations/{event.venue.pk}/",
            f"/events/python-events/{event.pk}/",
            f"/events/month/{event.start_date:%Y/%m}/",
            "/events/week/",
        ]:
            html = get(client, path)
            assert html.count("<h1") == 1, path

    @pytest.mark.parametrize(
        "path",
        [
            "/events/nowhere/",
            "/events/nowhere/past/",
            "/events/nowhere/categories/",
            "/events/nowhere/locations/",
            "/events/nowhere/feed.ics",
            "/events/python-events/locations/999/",
            "/events/python-events/categories/none/",
            "/events/python-events/999/",
            "/events/python-events/999/event.ics",
            "/events/python-events/date/2026/02/30/",
            "/events/python-events/date/2026/13/01/",
            "/events/month/2026/13/",
            "/events/month/99999/1/",
            "/events/week/2026/60/",
        ],
    )
    def test_what_there_is_not(self, client, calendar, path):
        get(client, path, status=404)

    def test_a_place_without_a_calendar_has_a_page(self, client):
        event = in_days(2, venue=LocationFactory(calendar=None))
        assert event.title in get(client, f"/events/python-events/locations/{event.venue.pk}/")

    def test_a_place_of_a_draft_alone_stays_hidden(self, client):
        event = in_days(2, live=False, venue=LocationFactory())
        get(client, f"/events/python-events/locations/{event.venue.pk}/", status=404)
        assert "Town hall" not in get(client, "/events/python-events/locations/")

    def test_a_running_event_is_on_its_date_and_not_among_the_past(self, client):
        running(title="Running")
        assert titles(get(client, f"/events/python-events/date/{TODAY:%Y/%m/%d}/")) == ["Running"]
        assert titles(get(client, "/events/python-events/past/")) == []

    def test_an_event_of_several_days_stands_on_each_of_them_in_the_month(self, client):
        EventFactory(title="Sprint", start_date=date(2027, 5, 30), end_date=date(2027, 6, 2), start_time=None, end_time=None)
        assert titles(get(client, "/events/month/2027/5/")) == ["Sprint"] * 2
        assert titles(get(client, "/events/month/2027/6/")) == ["Sprint"] * 2

    @pytest.mark.parametrize("path", ["/events/month/2027/5/", "/events/week/2027/20/"])
    def test_what_goes_on_for_longer_than_a_week_stands_once_above_the_days(self, client, path):
        days = {"start_time": None, "end_time": None, "end_date": date(2029, 6, 2)}
        EventFactory(title="Mentoring", start_date=date(2024, 5, 30), **days)
        EventFactory(title="Sprint", start_date=date(2027, 5, 18))
        html = get(client, path)
        assert titles(html) == ["Mentoring", "Sprint"]
        assert html.index("Ongoing</h2>") < html.index("Mentoring")
        assert html.count(">Mentoring<") == 1

    def test_a_long_event_of_the_next_month_is_not_ongoing_in_this_one(self, client):
        EventFactory(title="Mentoring", start_date=date(2027, 6, 1), end_date=date(2027, 8, 1), start_time=None, end_time=None)
        assert titles(get(client, "/events/month/2027/5/")) == []
        assert titles(get(client, "/events/month/2027/6/")) == ["Mentoring"]

    def test_each_month_leads_to_the_next_one(self, client):
        assert "/events/month/2027/2/" in get(client, "/events/month/2027/1/")


class TestDetail:
    def test_another_calendar_leads_to_the_right_one(self, client):
        event = in_days(2)
        CalendarFactory(slug="other")
        assert client.get(f"/events/other/{event.pk}/")["Location"] == f"/events/python-events/{event.pk}/"

    def test_it_tells_all_that_visitors_need(self, client):
        place = LocationFactory(latitude="51.34", longitude="12.37")
        event = in_days(2, venue=place, description="**Bring** a laptop.", organiser="PUG", rrule="FREQ=DAILY;COUNT=3")
        html = get(client, event.get_absolute_url())
        for text in ["<strong>Bring</strong>", "PUG", "geo:51.34,12.37", "Every day, 3 times", "Europe/Berlin", "event.ics"]:
            assert text in html
        assert html.count("data-local-time") == 4

    def test_hostile_texts_stay_texts(self, client):
        event = in_days(2, title="</script><script>alert(1)</script>", description="<script>alert(2)</script>")
        html = get(client, event.get_absolute_url())
        assert "<script>alert" not in html

    def test_search_engines_read_each_date(self, client):
        event = in_days(2, rrule="FREQ=DAILY;COUNT=2", status="cancelled")
        html = get(client, event.get_absolute_url())
        entries = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])
        assert [entry["@type"] for entry in entries] == ["Event", "Event"]
        assert entries[0]["eventStatus"] == "https://schema.org/EventCancelled"

    def test_before_and_after_are_the_nearest_of_the_calendar(self, client):
        in_days(1, title="Near before")
        event = in_days(2)
        in_days(3, title="Near after")
        in_days(9, title="Far after")
        html = get(client, event.get_absolute_url())
        assert "Near before" in html
        assert "Near after" in html
        assert "Far after" not in html

    def test_what_is_over_is_said_to_be(self, client):
        assert "Past</span>" in get(client, in_days(-9).get_absolute_url())

    def test_a_cancelled_date_is_struck_out(self, client):
        event = in_days(2, rrule="FREQ=DAILY;COUNT=3")
        event.overrides = [EventOverride(original_date=event.start_date, cancelled=True)]
        event.save()
        assert get(client, event.get_absolute_url()).count('class="is-cancelled"') == 1


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"start_date": date(2026, 5, 3)}, "May 3, 6:00–8:00 PM CEST"),
        ({"start_date": date(2027, 5, 3)}, "May 3, 2027, 6:00–8:00 PM CEST"),
        (
            {"start_date": date(2026, 9, 19), "end_date": date(2026, 9, 22), "start_time": None, "end_time": None},
            "Sep 19–22",
        ),
        (
            {"start_date": date(2026, 12, 30), "end_date": date(2027, 1, 2), "start_time": None, "end_time": None},
            "Dec 30, 2026 – Jan 2, 2027",
        ),
        ({"start_date": date(2026, 5, 3), "start_time": None, "end_time": None}, "May 3"),
        ({"start_date": date(2026, 5, 3), "end_time": None}, "May 3, 6:00 PM CEST"),
        (
            {"start_date": date(2026, 5, 3), "end_date": date(2026, 5, 4), "end_time": time(2)},
            "May 3, 6:00 PM – May 4, 2:00 AM CEST",
        ),
        ({"start_date": date(2026, 5, 3), "time_zone": "America/Sao_Paulo"}, "May 3, 6:00–8:00 PM UTC-03"),
    ],
)
def test_dates_show_the_year_only_where_it_is_not_this_one(fields, text):
    occurrence = Occurrence.objects.select_related("event").get(event=EventFactory(**fields))
    assert when(occurrence, datetime(2026, 1, 1, tzinfo=occurrence.zone)) == text


@pytest.mark.parametrize("url", ["/events/month/2026/11/", "/events/week/2026/46/"])
def test_each_badge_shows_the_day_of_its_heading(client, url):
    EventFactory(title="Sprint", start_date=date(2026, 11, 9), end_date=date(2026, 11, 11))
    html = get(client, url)
    days = re.findall(r'(?s)<section[^>]*class="event-day">\s*<h2>[^<]*?, (\w+) (\d+)(.*?)</section>', html)
    shown = {int(day): re.findall(r'class="date-badge" datetime="([^"]+)"', text) for _, day, text in days}
    assert {day: badges for day, badges in shown.items() if badges} == {
        9: ["2026-11-09"],
        10: ["2026-11-10"],
        11: ["2026-11-11"],
    }


def test_when_and_where_come_before_the_text(client):
    event = in_days(2, description="A long text about the event.")
    html = get(client, event.get_absolute_url())
    assert html.index("When and where") < html.rindex("A long text about the event.")
