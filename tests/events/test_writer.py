"""iCalendar files of this site, parsed by three programs: icalendar, recurring-ical-events and ical.js."""

import json
import os
import shutil
import subprocess
import warnings
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from icalendar import Calendar as Component

from events import importing, zones
from events.ical import calendar_file
from events.models import Event, EventOverride
from events.reader import read_calendar
from events.recurrence import spans
from events.vtimezones import build_vtimezone
from tests.events.test_corpus import AT, TABLE, read
from tests.factories.events import CalendarFactory, LocationFactory

pytestmark = pytest.mark.django_db
# A folder with the npm package: npm install --prefix var/npm ical.js
PACKAGE = Path(os.environ.get("ICAL_JS", Path(__file__).resolve().parents[2] / "var/npm/node_modules/ical.js"))
SCRIPT = """
const ICAL = (await import(process.argv[2])).default;
let text = ''; for await (const part of process.stdin) text += part;
const files = JSON.parse(text), answer = {};
for (const [name, content] of Object.entries(files)) {
  ICAL.TimezoneService.reset();
  const calendar = new ICAL.Component(ICAL.parse(content)), starts = [];
  for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
  const entries = calendar.getAllSubcomponents('vevent').map(one => new ICAL.Event(one));
  const masters = entries.filter(one => !one.isRecurrenceException());
  for (const event of masters) {
    for (const one of entries) if (one.isRecurrenceException() && one.uid === event.uid) event.relateException(one);
    if (!event.isRecurring()) { starts.push(event.startDate.toJSDate().toISOString()); continue; }
    const dates = event.iterator(); let next;
    while ((next = dates.next()) && starts.length < 60)
      starts.push(event.getOccurrenceDetails(next).startDate.toJSDate().toISOString());
  }
  answer[name] = starts.sort();
}
console.log(JSON.stringify(answer));
"""


def write(*events):
    for event in events:
        event.save()
    rows = Event.objects.filter(pk__in=[event.pk for event in events]).select_related("calendar", "venue")
    return calendar_file("Events", rows.prefetch_related("overrides", "categories").order_by("pk"))


def weekly(**changed):
    values = {"title": "Meetup", "start_date": date(2027, 2, 2), "start_time": time(18), "end_time": time(20), "live": True}
    values |= {"time_zone": "Europe/Berlin", "rrule": "FREQ=WEEKLY;COUNT=20", "calendar": CalendarFactory()}
    return Event(**values | changed)


def test_zones_are_rules_that_agree_with_the_zone_itself():
    for name, _ in zones.choices():
        component = build_vtimezone(name, 2026, 2032)
        text = component.to_ical().decode()
        head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{text}"
        entry = f"BEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID={name}:20270707T120000\r\nRRULE:FREQ=MONTHLY;COUNT=9\r\nEND:VEVENT\r\n"
        (event,) = read_calendar(f"{head}{entry}END:VCALENDAR\r\n".encode(), "UTC").events
        assert (event.time_zone, event.warnings) == (name, [])
        assert "RDATE" not in text


def test_the_zone_of_a_regular_place_has_two_rules():
    text = build_vtimezone("America/New_York", 2027, 2032).to_ical().decode()
    assert text.count("RRULE:FREQ=YEARLY") == 2
    assert "UNTIL" not in text


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "America/New_York", "Australia/Sydney", "Africa/Casablanca", "Asia/Gaza", "Europe/Dublin"]
)
def test_the_component_has_the_offsets_of_the_zone(name):
    component = build_vtimezone(name, 2026, 2032)
    own = component.to_tz(lookup_tzid=False)
    for month in range(60):
        moment = datetime(2026, 1, 15, 12, tzinfo=UTC) + timedelta(days=30 * month)
        assert moment.astimezone(own).utcoffset() == moment.astimezone(ZoneInfo(name)).utcoffset(), moment


def test_properties_of_a_file_and_of_an_event():
    venue = LocationFactory()
    content = write(weekly(venue=venue), weekly(online_url="https://meet.example.org/x", start_date=date(2027, 3, 2), rrule=""))
    calendar = Component.from_ical(content)
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(hours=6)
    assert str(calendar["X-PUBLISHED-TTL"]) == "PT6H"
    first, second = calendar.walk("VEVENT")
    assert {str(first["UID"]), str(second["UID"])} == {event.calendar_uid for event in Event.objects.all()}
    assert (str(first["CLASS"]), str(first["TRANSP"]), str(first["STATUS"])) == ("PUBLIC", "OPAQUE", "CONFIRMED")
    assert str(second["CONFERENCE"]) == "https://meet.example.org/x"
    assert not [error for entry in calendar.walk() for error in entry.errors]


def test_sequence_grows_with_each_change_and_stays_otherwise():
    event = weekly()
    before = Component.from_ical(write(event)).walk("VEVENT")[0]["SEQUENCE"]
    assert before == Component.from_ical(write(event)).walk("VEVENT")[0]["SEQUENCE"]
    Event.objects.filter(pk=event.pk).update(updated_at=event.updated_at + timedelta(hours=1))
    event = Event.objects.get(pk=event.pk)
    after = Component.from_ical(calendar_file("x", [event])).walk("VEVENT")[0]["SEQUENCE"]
    assert after == before + 60


def test_until_has_the_form_of_the_start():
    timed = write(weekly(rrule="FREQ=WEEKLY;UNTIL=20270401")).decode()
    assert "UNTIL=20270401T215959Z" in timed
    days = write(weekly(rrule="FREQ=WEEKLY;UNTIL=20270401T000000Z", start_time=None, end_time=None, time_zone="UTC")).decode()
    assert "UNTIL=20270401\r" in days or "UNTIL=20270401;" in days


def our_starts(event):
    """Return the starts in UTC; whole days as midnight."""
    found = []
    for span in spans(event, AT):
        moment = datetime.combine(span.starts_on, time.min, UTC) if event.all_day else span.starts_at
        found.append(moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    return sorted(found)


def corpus_files():
    """Return the written file of each event of the corpus that can be written, with its starts."""
    files = {}
    calendar = CalendarFactory()
    # ical.js takes the second of the two hours with the same name.
    for name in TABLE.keys() - {"second-hour"}:
        for number, parsed in enumerate(read(name)[1].values()):
            event = importing.write(calendar, None, parsed, AT)
            # A first date outside of a rule is counted by each program in its own way.
            if not (event.rrule and any("does not match" in warning for warning in event.import_warnings)):
                files[f"{name}-{number}"] = (write(event).decode(), our_starts(event))
            event.delete()
    moved = weekly()
    moved.overrides = [EventOverride(original_date=date(2027, 2, 9), start_date=date(2027, 2, 10), start_time=time(19))]
    files["moved"] = (write(moved).decode(), our_starts(moved))
    return files


def test_recurring_ical_events_reads_what_we_write():
    for name, (content, starts) in corpus_files().items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = recurring_ical_events.of(Component.from_ical(content)).between(
                datetime(2027, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)
            )
        moments = [event["DTSTART"].dt for event in found]
        moments = [one if isinstance(one, datetime) else datetime.combine(one, time.min, UTC) for one in moments]
        assert sorted(one.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z") for one in moments) == starts, name


@pytest.mark.skipif(not shutil.which("node") or not PACKAGE.exists(), reason="node or the package ical.js is not installed")
def test_ical_js_reads_what_we_write(tmp_path):
    files = corpus_files()
    script = tmp_path / "read.mjs"
    script.write_text(SCRIPT)
    module = PACKAGE / "dist" / "ical.js"
    content = json.dumps({name: text for name, (text, _) in files.items()})
    done = subprocess.run(
        ["node", script, module],
        input=content,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TZ": "UTC"},
        timeout=60,
    )
    answer = json.loads(done.stdout)
    for name, (_, starts) in files.items():
        assert answer[name] == starts[:60], name
