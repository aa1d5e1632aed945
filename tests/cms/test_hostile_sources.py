"""Hostile calendars and servers: rules without an end, slow responses, addresses in our own network."""

import socket
import threading
import time
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from cms.platform.fetching import FetchError, fetch, is_public
from events.models import Event, SyncRun
from events.recurrence import MAX_DATES, spans
from events.sync import import_events
from tests.factories.events import CalendarFactory

CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{}END:VCALENDAR\r\n"
ENTRY = "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:20270105T180000Z\r\nRRULE:{rule}\r\nSUMMARY:x\r\nEND:VEVENT\r\n"
NUMBERS = ",".join(str(number) for number in range(60))
BOMBS = {
    "interval of zero": ("FREQ=WEEKLY;INTERVAL=0;COUNT=3", "INTERVAL must be a whole number"),
    "huge interval": (f"FREQ=WEEKLY;INTERVAL={'9' * 50}", "INTERVAL must be a whole number"),
    "each second": (f"FREQ=DAILY;BYHOUR={NUMBERS[:61]};BYMINUTE={NUMBERS};BYSECOND={NUMBERS}", "times a day"),
    "no date at all": ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "has no dates"),
    "huge count": ("FREQ=DAILY;COUNT=99999999999999999999", "COUNT must be a whole number"),
    "too many dates": ("FREQ=DAILY;BYHOUR=0,6,12,18;BYMINUTE=0,15,30,45;BYSECOND=0,20,40", "more than 50,000 dates"),
}


@pytest.mark.parametrize(("rule", "reason"), BOMBS.values(), ids=list(BOMBS))
def test_a_rule_without_measure_is_refused_at_once(rule, reason):
    start = 1970 if "50,000" in reason else 2027
    event = Event(title="x", start_date=date(start, 1, 5), rrule=rule)
    before = time.process_time()
    with pytest.raises(ValidationError, match=reason):
        event.clean()
    assert time.process_time() - before < 1.5


@pytest.mark.django_db
def test_a_calendar_with_bombs_imports_the_other_events():
    run = SyncRun(calendar=CalendarFactory(url="https://example.org/c.ics"))
    entries = [ENTRY.format(uid=name, rule=rule) for name, (rule, _) in BOMBS.items()]
    entries = [entry for entry in entries if "BYSECOND=0,20" not in entry]
    entries.append(ENTRY.format(uid="good", rule="FREQ=WEEKLY").replace("SUMMARY:x", "SUMMARY:Meet\x0bup\x00"))
    import_events(run.calendar, CALENDAR.format("".join(entries)).encode(), run)
    assert (run.added, run.failed) == (1, len(BOMBS) - 1), run.problems
    assert Event.objects.get().title == "Meetup"


def test_years_out_of_bounds_are_refused():
    for changed in ({"start_date": date(1, 1, 1)}, {"end_date": date(9999, 12, 31)}, {"rdates": "9999-12-31"}):
        with pytest.raises(ValidationError, match="Enter a year from 1900"):
            Event(**{"title": "x", "start_date": date(2027, 1, 5)} | changed).clean()
    with pytest.raises(ValidationError, match="Enter at most"):
        Event(title="x", start_date=date(2027, 1, 5), rdates="2027-01-06\n" * (MAX_DATES + 1)).clean()


@pytest.mark.django_db
def test_the_shifted_calendar_names_the_same_days():
    event = Event(title="x", start_date=date(2024, 2, 29), rrule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")
    assert [span.starts_on.year for span in spans(event)][:2] == [2024, 2028]


@pytest.mark.parametrize(
    "address",
    [
        *(
            "10.0.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "192.88.99.1",
            "224.0.0.1",
            "240.0.0.1",
        ),
        *("::1", "::", "::127.0.0.1", "::ffff:10.0.0.1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1"),
        *("64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:a00:1::1", "2001:0:a00:1::1", "2001:db8::1"),
    ],
)
def test_an_address_that_leads_to_a_private_network_is_refused(address):
    assert not is_public(address)
    assert is_public("151.101.0.223")
    assert is_public("2a04:4e42::223")


@pytest.fixture
def slow_server():
    """Start a server that sends one byte each tenth of a second, including the headers, and yield its URL."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(20)

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            try:
                for byte in b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\n\r\n" + b"x" * 1000:
                    connection.send(bytes([byte]))
                    time.sleep(0.1)
            except OSError:
                """The client has gone, as it should."""

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    server.close()
    thread.join()


def test_a_slow_server_does_not_hold_a_fetch_beyond_its_deadline(settings, slow_server):
    settings.FETCH_FROM_LOOPBACK = True
    start = time.monotonic()
    with pytest.raises(FetchError, match="too long"):
        fetch(slow_server, seconds=1)
    assert time.monotonic() - start < 10
