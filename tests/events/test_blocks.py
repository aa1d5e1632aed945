from datetime import timedelta

import pytest
from django.utils import timezone

from events.blocks import CalendarMonthBlock, EventBlock, UpcomingEventsBlock
from events.models import Event
from tests.databases import fill
from tests.factories.events import EventFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return EventFactory(start_date=timezone.now().date() + timedelta(days=2), rrule="FREQ=DAILY;COUNT=9")


def test_each_event_stands_once_among_the_next(event):
    block = UpcomingEventsBlock()
    html = block.render(block.to_python({"heading": "Next", "calendar": "python-events", "count": 3, "featured": False}))
    assert html.count(event.title) == 1
    assert event.title not in block.render(block.to_python({"heading": "Next", "calendar": "", "count": 3, "featured": True}))


def test_one_event_shows_its_next_date_and_a_draft_nothing(event):
    block = EventBlock()
    assert event.title in block.render(block.to_python({"event": event.pk}))
    draft = EventFactory(live=False)
    assert draft.title not in block.render(block.to_python({"event": draft.pk}))


def test_the_month_leads_to_its_days():
    EventFactory(start_date=timezone.now().date())
    block = CalendarMonthBlock()
    assert f"#day-{timezone.now().day}" in block.render(block.to_python({"calendar": ""}))


def test_the_demo_brings_two_calendars_of_events(client):
    fill()
    assert Event.objects.visible().count() == 15
    assert "Happening now" in client.get("/events/").content.decode()
