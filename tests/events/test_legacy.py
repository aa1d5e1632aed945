"""Import of events. The rows are fictitious, in the format of the old dump."""

import pytest

from events.models import Event
from importer.core import import_rows

pytestmark = pytest.mark.django_db
ROWS = [
    {
        "model": "events.recurringrule",
        "pk": 1,
        "fields": {
            "event": 8,
            "begin": "2026-12-01T18:00:00Z",
            "finish": "2026-12-29T20:00:00Z",
            "duration_internal": "02:00:00",
            "interval": 2,
            "frequency": 2,
            "all_day": False,
        },
    },
    {
        "model": "events.occurringrule",
        "pk": 1,
        "fields": {"event": 7, "dt_start": "2026-12-24T00:00:00Z", "dt_end": "2026-12-26T00:00:00Z", "all_day": True},
    },
    *[
        {
            "model": "events.event",
            "pk": pk,
            "fields": {
                "created": "2026-01-01T00:00:00Z",
                "uid": None,
                "title": title,
                "calendar": 3,
                "description": "Come.",
                "_description_rendered": "<p>Come.</p><script>alert(1)</script>",
                "venue": None,
                "featured": False,
                "categories": [5],
            },
        }
        for pk, title in [(7, "Days"), (8, "Meetup")]
    ],
    {"model": "events.eventcategory", "pk": 5, "fields": {"name": "Sprint", "slug": "sprint", "calendar": 3}},
    {"model": "events.alarm", "pk": 1, "fields": {}},
    {
        "model": "events.calendar",
        "pk": 3,
        "fields": {"url": None, "rss": None, "embed": None, "twitter": None, "name": "Old", "slug": "old", "description": None},
    },
]


def test_events_keep_their_ids_and_dates(client):
    import_rows(ROWS)
    days, meetup = Event.objects.order_by("pk")
    assert (days.pk, str(days.start_date), str(days.end_date), days.all_day) == (7, "2026-12-24", "2026-12-26", True)
    assert [str(row.starts_on) for row in meetup.occurrences.all()] == ["2026-12-01", "2026-12-15", "2026-12-29"]
    html = client.get("/events/old/8/").content.decode()
    assert "Come." in html
    assert "<script>alert" not in html
    assert client.get("/events/").status_code == 200


def test_the_second_time_changes_nothing():
    import_rows(ROWS)
    before = list(Event.objects.order_by("pk").values())
    report = import_rows(ROWS)
    assert report.counts["events.event"]["unchanged"] == 2
    assert list(Event.objects.order_by("pk").values()) == before
