"""Dates of recurring events, checked against dateutil and another iCalendar reader."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from dateutil.rrule import rrulestr
from django.core.exceptions import ValidationError
from icalendar import Calendar as Component

from events.ical import calendar_file
from events.models import Event, EventOverride, Occurrence
from events.recurrence import spans
from events.rule_text import describe_rule
from tests.factories.events import CalendarFactory, EventFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 1, tzinfo=UTC)
RULES = [
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY;BYDAY=TU,TH",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
    "FREQ=MONTHLY;BYDAY=1TU",
    "FREQ=MONTHLY;BYDAY=-1TU,1TU",
    "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1",
    "FREQ=YEARLY;BYMONTH=2,6,10;BYDAY=1TU",
]
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Sydney"]


def weekly(**changed):
    """Return an unsaved event on Tuesdays from 18:00 to 20:00 in Berlin, starting on February 3, 2026."""
    return Event(
        **{
            "title": "Meetup",
            "start_date": date(2026, 2, 3),
            "start_time": time(18),
            "end_time": time(20),
            "time_zone": "Europe/Berlin",
            "rrule": "FREQ=WEEKLY;BYDAY=TU",
        }
        | changed
    )


def days(event):
    return [span.starts_on for span in spans(event, AT)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("rule", RULES)
def test_dates_across_both_clock_changes_agree_with_dateutil(rule, zone):
    event = weekly(rrule=rule, time_zone=zone)
    named = rrulestr(f"{rule};UNTIL=20270201T000000", dtstart=event.wall_start)
    local = [moment.replace(tzinfo=ZoneInfo(zone)) for moment in named]
    found = [span.starts_at for span in spans(event, AT) if span.starts_on < date(2027, 2, 1)]
    assert found == [moment.astimezone(UTC) for moment in local]
    assert {span.starts_at.astimezone(ZoneInfo(zone)).time() for span in spans(event, AT)} == {time(18)}
    assert len({span.starts_at.time() for span in spans(event, AT)}) == 2


@pytest.mark.parametrize("rule", RULES)
def test_another_program_reads_the_same_dates_from_the_file(rule):
    event = EventFactory(start_date=date(2026, 2, 3), rrule=rule, exdates="2026-03-03", rdates="2026-05-09T11:00")
    read = recurring_ical_events.of(Component.from_ical(calendar_file("Events", [event]))).between(AT, AT + timedelta(days=500))
    expected = [(span.starts_at, span.ends_at) for span in spans(event, AT) if span.starts_at < AT + timedelta(days=500)]
    assert sorted((entry.start.astimezone(UTC), entry.end.astimezone(UTC)) for entry in read) == expected


def test_an_hour_that_the_clock_skips_counts_by_the_offset_before():
    event = weekly(start_date=date(2026, 3, 28), start_time=time(2, 30), end_time=time(3, 30), rrule="FREQ=DAILY;COUNT=2")
    assert [span.starts_at.hour for span in spans(event, AT)] == [1, 1]
    assert all(span.ends_at >= span.starts_at for span in spans(event, AT))


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=3", 3),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20260217", 3),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20260217T165959Z", 2),
    ],
)
def test_count_and_until_end_a_rule(rule, count):
    assert len(days(weekly(rrule=rule))) == count


def test_a_rule_without_an_end_stops_after_24_months():
    assert days(weekly())[-1] == date(2027, 12, 28)


def test_a_rule_that_names_no_date_ends():
    assert days(weekly(rrule="FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=5")) == [date(2026, 2, 3)]


def test_dates_are_left_out_added_moved_and_cancelled():
    event = weekly(rrule="FREQ=WEEKLY;BYDAY=TU;COUNT=5", exdates="2026-02-10", rdates="2026-02-13")
    event.overrides = [
        EventOverride(original_date=date(2026, 2, 17), start_date=date(2026, 2, 18), start_time=time(19), title="Special"),
        EventOverride(original_date=date(2026, 2, 24), cancelled=True),
    ]
    found = spans(event, AT)
    assert [span.key for span in found] == [
        "2026-02-03T18:00", "2026-02-13T18:00", "2026-02-17T18:00", "2026-02-24T18:00", "2026-03-03T18:00",
    ]  # fmt: skip
    moved = found[2]
    assert (moved.starts_on, moved.starts_at.hour, moved.title) == (date(2026, 2, 18), 18, "Special")
    assert [span.cancelled for span in found] == [False, False, False, True, False]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Etc/GMT+12"])
def test_whole_days_keep_their_dates_in_every_zone_and_last_everywhere(zone):
    event = weekly(
        start_date=date(2026, 9, 19), end_date=date(2026, 9, 22), start_time=None, end_time=None, rrule="", time_zone=zone
    )
    (span,) = spans(event, AT)
    assert (span.starts_on, span.ends_on) == (date(2026, 9, 19), date(2026, 9, 22))
    assert span.ends_at == datetime(2026, 9, 23, 12, tzinfo=UTC)


def test_who_ends_at_midnight_takes_one_day():
    event = weekly(rrule="", start_time=time(20), end_time=time(0), end_date=date(2026, 2, 4))
    (span,) = spans(event, AT)
    assert span.ends_on == date(2026, 2, 3)


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"end_time": time(17)}, "end_time", "ends before it starts"),
        ({"end_date": date(2026, 2, 2)}, "end_date", "ends before it starts"),
        ({"end_date": date(2026, 2, 3), "end_time": time(17)}, "end_time", "ends before it starts"),
        ({"start_time": None}, "end_time", "Enter a start time too"),
        ({"end_date": date(2026, 2, 5), "end_time": None}, "end_time", "end date"),
        ({"rrule": "FREQ=SECONDLY"}, "rrule", "FREQ must be"),
        ({"rrule": "nonsense"}, "rrule", "Enter a rule such as"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=XX"}, "rrule", "rule is invalid"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=0"}, "rrule", "COUNT must be a whole number"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=TU;SPAM=1"}, "rrule", "unknown parts: SPAM"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=WE"}, "rrule", "not a date of the rule"),
        ({"rrule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "rrule", "has no dates"),
        ({"exdates": "tomorrow"}, "exdates", "is not a date"),
    ],
)
def test_dates_that_make_no_sense_are_refused_with_a_sentence(changed, field, words):
    event = weekly(**changed)
    with pytest.raises(ValidationError) as refused:
        event.clean()
    assert words in " ".join(refused.value.message_dict[field])


def test_an_unknown_zone_is_refused():
    with pytest.raises(ValidationError, match="no time zone"):
        weekly(time_zone="Europe/Atlantis").clean_fields(exclude=["calendar"])


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=WEEKLY;BYDAY=TU", "Every week on Tuesday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "Every 2 weeks on Tuesday and Thursday"),
        ("FREQ=MONTHLY;BYDAY=2TH", "Every month on the second Thursday"),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=4", "Every month on the last Friday, 4 times"),
        ("FREQ=DAILY;UNTIL=20260301", "Every day, until Mar 1, 2026"),
    ],
)
def test_a_rule_is_described_in_words(rule, words):
    assert describe_rule(weekly(rrule=rule)) == words


class TestRows:
    def test_publishing_makes_rows_and_changing_keeps_those_that_stay(self):
        event = EventFactory(start_date=date(2026, 3, 3), rrule="FREQ=WEEKLY;BYDAY=TU;COUNT=4")
        first = event.occurrences.first().pk
        event.rrule = "FREQ=WEEKLY;BYDAY=TU;COUNT=2"
        event.save()
        assert [row.pk for row in event.occurrences.all()] == [first, first + 1]

    def test_a_draft_has_no_rows(self):
        assert not EventFactory(live=False).occurrences.exists()

    def test_the_second_time_changes_nothing(self, django_assert_num_queries):
        event = EventFactory(rrule="FREQ=WEEKLY;BYDAY=TU;COUNT=4")
        event = Event.objects.prefetch_related("overrides", "occurrences").get(pk=event.pk)
        with django_assert_num_queries(0):
            event.renew_occurrences()

    def test_time_brings_further_dates(self):
        event = EventFactory(start_date=date(2026, 2, 3), rrule="FREQ=WEEKLY;BYDAY=TU")
        event.renew_occurrences(datetime(2026, 3, 1, tzinfo=UTC))
        before = event.occurrences.count()
        event.renew_occurrences(datetime(2026, 4, 1, tzinfo=UTC))
        assert event.occurrences.count() > before

    def test_an_event_in_progress_is_current_and_not_past(self):
        EventFactory(calendar=CalendarFactory(), start_date=date(2030, 3, 5))
        at = datetime(2030, 3, 5, 18, tzinfo=UTC)
        assert Occurrence.objects.current(at).count() == 1
        assert not Occurrence.objects.past(at).exists()
        assert not Occurrence.objects.upcoming(at).exists()
        assert Occurrence.objects.past(at + timedelta(hours=1)).count() == 1


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [(time(2, 30), time(3, 30), 60), (time(1, 30), time(2, 30), 60), (time(2), time(2, 45), 45), (time(1, 30), time(3, 30), 60)],
)
def test_an_event_in_the_hour_that_clocks_skip_keeps_its_length(start, end, minutes):
    """In Berlin, clocks go from 02:00 to 03:00 on 29 March 2026. The last event ends when its clock says, an hour early."""
    event = weekly(start_date=date(2026, 3, 29), start_time=start, end_time=end, rrule="")
    (span,) = spans(event, AT)
    assert span.ends_at - span.starts_at == timedelta(minutes=minutes)
