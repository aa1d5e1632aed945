import json
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar

from downloads.ical import release_calendar
from downloads.models import PlannedRelease
from tests.factories.downloads import ReleaseFactory, ReleaseSeriesFactory

pytestmark = pytest.mark.django_db
SITE = "http://127.0.0.1:8000"
ATOM = "{http://www.w3.org/2005/Atom}"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def releases():
    ReleaseSeriesFactory(minor=12, end_of_bugfixes=date(2025, 4, 8))
    for name, day in {
        "Python 3.14.2": datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        "Python 3.15.0a1": datetime(2026, 3, 5, tzinfo=UTC),
        "Python 3.12.13": datetime(2026, 3, 6, tzinfo=UTC),
        "Python install manager 25.2": datetime(2026, 3, 7, tzinfo=UTC),
    }.items():
        ReleaseFactory(name=name, release_date=day, pre_release="a" in name[8:12], show_on_download_page="manager" not in name)
    ReleaseFactory(name="Python 3.14.3", live=False, release_date=datetime(2026, 3, 8, tzinfo=UTC))


def rss(client, path="/downloads/feed.rss"):
    response = client.get(path)
    assert response.status_code == 200
    return ET.fromstring(response.content)  # noqa: S314 -- our own response.


def titles(channel):
    return [item.findtext("title") for item in channel.iter("item")]


def test_the_feed_has_all_published_releases_newest_first(client, releases):
    assert titles(rss(client)) == ["Python install manager 25.2", "Python 3.12.13", "Python 3.15.0a1", "Python 3.14.2"]


def test_the_feed_stops_after_ten(client):
    for patch in range(12):
        ReleaseFactory(name=f"Python 3.14.{patch}", release_date=NOON + timedelta(days=patch))
    found = titles(rss(client))
    assert (len(found), found[0]) == (10, "Python 3.14.11")


def test_the_feed_is_as_its_readers_know_it(client, releases):
    response = client.get("/downloads/feed.rss")
    assert response.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    text = response.content.decode()
    assert "<description>Release date: 2026-03-04 05:06:07+00:00</description>" in text
    # Scripts take the first link as the channel's own.
    assert text.split("<link>")[1].startswith(f"{SITE}/downloads/</link>")
    item = rss(client).findall(".//item")[-1]
    assert item.findtext("link") == item.findtext("guid") == f"{SITE}/downloads/release/python-3142/"
    assert item.findtext("pubDate") == "Wed, 04 Mar 2026 05:06:07 +0000"


def test_the_feed_is_there_without_releases(client):
    assert titles(rss(client)) == []


def test_the_feed_answers_304_to_those_who_know_it(client, releases):
    known = client.get("/downloads/feed.rss").headers["Last-Modified"]
    assert client.get("/downloads/feed.rss", headers={"If-Modified-Since": known}).status_code == 304


def test_atom_says_the_same(client, releases):
    response = client.get("/downloads/feed.atom")
    feed = ET.fromstring(response.content)  # noqa: S314
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    entry = feed.findall(f"{ATOM}entry")[-1]
    assert entry.findtext(f"{ATOM}title") == "Python 3.14.2"
    assert entry.findtext(f"{ATOM}id") == f"{SITE}/downloads/release/python-3142/"


def test_json_feed_says_the_same(client, releases):
    response = client.get("/downloads/feed.json")
    feed = json.loads(response.content)
    assert response.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{SITE}/downloads/feed.json"
    assert feed["items"][-1] == {
        "id": f"{SITE}/downloads/release/python-3142/",
        "url": f"{SITE}/downloads/release/python-3142/",
        "title": "Python 3.14.2",
        "content_text": "Release date: 2026-03-04 05:06:07+00:00",
        "date_published": "2026-03-04T05:06:07+00:00",
    }


def test_a_series_has_feeds_of_its_own(client, releases):
    assert titles(rss(client, "/downloads/series/3.14/feed.rss")) == ["Python 3.14.2"]
    assert client.get("/downloads/series/3.14/feed.atom").status_code == 200
    assert [item["title"] for item in client.get("/downloads/series/3.15/feed.json").json()["items"]] == ["Python 3.15.0a1"]


def test_an_unknown_series_has_no_feed(client):
    assert client.get("/downloads/series/3.99/feed.rss").status_code == 404
    assert client.get("/downloads/series/spam/feed.rss").status_code == 404


def test_security_releases_have_feeds_of_their_own(client, releases):
    assert titles(rss(client, "/downloads/security/feed.rss")) == ["Python 3.12.13"]
    for name in ("feed.atom", "feed.json"):
        assert b"Python 3.12.13" in client.get(f"/downloads/security/{name}").content


def test_feeds_can_be_found_from_a_page(client, releases):
    html = client.get("/downloads/release/python-3142/").content.decode()
    for path in ("/downloads/feed.rss", "/downloads/feed.atom", "/downloads/feed.json", "/downloads/series/3.14/feed.rss"):
        assert f'href="{path}"' in html
        assert client.get(path).status_code == 200


# The calendar


def calendar(at=NOON):
    return {str(event["summary"]): event for event in Calendar.from_ical(release_calendar(at)).walk("VEVENT")}


def test_the_calendar_has_releases_plans_and_ends(releases):
    series = ReleaseSeriesFactory(minor=16, end_of_bugfixes=date(2028, 10, 1), end_of_security=date(2031, 10, 1))
    PlannedRelease.objects.create(series=series, name="3.16.0b1", date=date(2027, 5, 4))
    events = calendar()
    assert events["Python 3.14.2"]["dtstart"].dt == date(2026, 3, 4)
    assert events["Python 3.14.2"]["url"] == f"{SITE}/downloads/release/python-3142/"
    assert events["Python 3.16.0b1 (planned)"]["dtstart"].dt == date(2027, 5, 4)
    assert events["Python 3.16: security fixes only from this day (planned)"]["dtstart"].dt == date(2028, 10, 1)
    assert events["Python 3.16: end of life (planned)"]["dtstart"].dt == date(2031, 10, 1)
    assert "Python 3.14.3" not in events


def test_a_release_takes_the_place_of_its_plan_in_calendars(releases):
    series = ReleaseSeriesFactory(minor=15)
    PlannedRelease.objects.create(series=series, name="3.15.0b1", date=date(2027, 5, 4))
    planned = calendar()["Python 3.15.0b1 (planned)"]["uid"]
    ReleaseFactory(name="Python 3.15.0b1", pre_release=True)
    events = calendar()
    assert "Python 3.15.0b1 (planned)" not in events
    assert events["Python 3.15.0b1"]["uid"] == planned


def test_every_entry_has_a_name_of_its_own_that_stays():
    for slug in ("python-335rc1", "python-335rc1-again"):
        ReleaseFactory(name="Python 3.3.5rc1", slug=slug)
    ReleaseFactory(name="Python install manager 25.0 beta 9", pre_release=True)
    ReleaseSeriesFactory(minor=12, end_of_bugfixes=date(2025, 4, 8), end_of_security=date(2028, 10, 1))
    first = [event["uid"] for event in calendar().values()]
    assert len(set(first)) == len(first) == 4
    assert first == [event["uid"] for event in calendar(NOON + timedelta(days=9)).values()]


def test_the_calendar_is_a_valid_file(client):
    ReleaseFactory(name="Python 3.14.2", slug="python-" + "x" * 120)
    response = client.get("/downloads/schedule.ics")
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = response.content.split(b"\r\n")
    assert (lines[0], lines[-2], lines[-1]) == (b"BEGIN:VCALENDAR", b"END:VCALENDAR", b"")
    assert all(len(line) <= 75 for line in lines)
    assert b"DTSTART;VALUE=DATE:20260203" in lines


def test_the_calendar_is_the_same_all_day(client, releases):
    PlannedRelease.objects.create(series=ReleaseSeriesFactory(minor=15), name="3.15.0b1", date=date(2027, 5, 4))
    known = client.get("/downloads/schedule.ics").headers["ETag"]
    assert client.get("/downloads/schedule.ics", headers={"If-None-Match": known}).status_code == 304
