"""Import of remote calendars from a real server."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cms.platform.fetching import FetchError, fetch
from events.ical import calendar_file
from events.models import Event, SyncRun
from events.sync import sync
from tests.factories.events import CalendarFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
EVENTS = """
BEGIN:VEVENT
UID:weekly@x
SUMMARY:Weekly
DTSTART;TZID=Europe/Berlin:20270105T180000
DTEND;TZID=Europe/Berlin:20270105T200000
RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=6
EXDATE;TZID=Europe/Berlin:20270112T180000
LOCATION:Town hall
GEO:51.34;12.37
DESCRIPTION:<b>Bring</b> <script>alert(1)</script>a laptop
END:VEVENT
BEGIN:VEVENT
UID:weekly@x
RECURRENCE-ID;TZID=Europe/Berlin:20270119T180000
SUMMARY:Weekly, later
DTSTART;TZID=Europe/Berlin:20270119T190000
DTEND;TZID=Europe/Berlin:20270119T210000
END:VEVENT
BEGIN:VEVENT
UID:weekly@x
RECURRENCE-ID;TZID=Europe/Berlin:20270126T180000
DTSTART;TZID=Europe/Berlin:20270126T180000
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
UID:nth@x
SUMMARY:Second Thursday
DTSTART;TZID=America/New_York:20270114T183000
DTEND;TZID=America/New_York:20270114T203000
RRULE:FREQ=MONTHLY;BYDAY=2TH
END:VEVENT
BEGIN:VEVENT
UID:days@x
SUMMARY:Sprint
DTSTART;VALUE=DATE:20270919
DTEND;VALUE=DATE:20270923
STATUS:CANCELLED
END:VEVENT
BEGIN:VEVENT
UID:long@x
SUMMARY:More than a day
DTSTART:20270301T100000Z
DTEND:20270302T120000Z
END:VEVENT
BEGIN:VEVENT
UID:broken@x
SUMMARY:Broken
DTSTART:20279901T100000Z
END:VEVENT
BEGIN:VEVENT
UID:backwards@x
SUMMARY:Backwards
DTSTART:20270301T100000Z
DTEND:20270301T090000Z
END:VEVENT
"""


def ics(events=EVENTS):
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{events.strip()}\nEND:VCALENDAR\n".replace("\n", "\r\n").encode()


@pytest.fixture
def remote(settings):
    """Start a server with responses set by the test: path -> (status, headers, content)."""
    settings.FETCH_FROM_LOOPBACK = True
    answers = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, content = answers.get(self.path, (404, {}, b""))
            if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                status, content = 304, b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    answers["url"] = f"http://127.0.0.1:{server.server_port}"
    yield answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def remote_calendar(remote):
    remote["/a.ics"] = (200, {"ETag": '"1"'}, ics())
    return CalendarFactory(url=f"{remote['url']}/a.ics")


def rows():
    return list(
        Event.objects.order_by("uid").values_list("uid", "title", "start_date", "start_time", "end_date", "rrule", "status")
    )


def test_a_calendar_is_taken_in_with_a_reason_for_each_event_that_is_not(remote_calendar):
    run = sync(remote_calendar)
    assert (run.status, run.added, run.failed) == (SyncRun.Status.DONE, 5, 1)
    assert run.problems == ["“Broken”: its start cannot be read: 20279901T100000Z."]
    warning = {"uid": "backwards@x", "title": "Backwards", "text": "It ends before it starts. The end was ignored."}
    assert warning in run.warnings
    assert Event.objects.get(uid="backwards@x").import_warnings == [warning["text"]]
    weekly = Event.objects.get(uid="weekly@x")
    assert (weekly.time_zone, weekly.venue.name, str(weekly.venue.latitude)) == ("Europe/Berlin", "Town hall", "51.340000")
    assert "<script>" not in str(weekly.body)
    assert list(weekly.occurrences.values_list("key", "title", "status")) == [
        ("2027-01-05T18:00", "Weekly", "scheduled"),
        ("2027-01-19T18:00", "Weekly, later", "scheduled"),
        ("2027-01-26T18:00", "Weekly", "cancelled"),
        ("2027-02-02T18:00", "Weekly", "scheduled"),
        ("2027-02-09T18:00", "Weekly", "scheduled"),
    ]
    sprint = Event.objects.get(uid="days@x")
    assert (str(sprint.start_date), str(sprint.end_date), sprint.all_day, sprint.status) == (
        "2027-09-19",
        "2027-09-22",
        True,
        "cancelled",
    )
    long = Event.objects.get(uid="long@x")
    assert (long.all_day, str(long.end_date), long.venue) == (False, "2027-03-02", None)


def test_the_second_time_changes_nothing(remote, remote_calendar):
    sync(remote_calendar)
    remote_calendar.refresh_from_db()
    assert sync(remote_calendar).status == SyncRun.Status.UNCHANGED
    remote["/a.ics"] = (200, {"ETag": '"2"'}, ics())
    run = sync(remote_calendar)
    assert (run.added, run.changed, run.unchanged, run.removed) == (0, 0, 5, 0)


def test_what_is_exported_and_read_again_is_the_same(remote, remote_calendar):
    sync(remote_calendar)
    before = rows()
    dates = list(Event.objects.get(uid="weekly@x").occurrences.values_list("key", "status", "starts_at", "ends_at"))
    exported = calendar_file("Events", Event.objects.prefetch_related("overrides").select_related("calendar", "venue"))
    Event.objects.all().delete()
    remote["/a.ics"] = (200, {}, exported)
    assert sync(remote_calendar).added == 5
    assert rows() == before
    assert list(Event.objects.get(uid="weekly@x").occurrences.values_list("key", "status", "starts_at", "ends_at")) == dates


def test_a_change_arrives_and_what_staff_have_locked_stays(remote, remote_calendar):
    sync(remote_calendar)
    event = Event.objects.get(uid="nth@x")
    event.title, event.locked_fields = "Our title", ["title"]
    event.save_revision().publish()
    remote["/a.ics"] = (200, {}, ics(EVENTS.replace("183000", "190000").replace("Second Thursday", "Their title")))
    assert sync(remote_calendar).changed == 1
    event.refresh_from_db()
    assert (event.title, str(event.start_time)) == ("Our title", "19:00:00")
    assert str(event.get_latest_revision_as_object().start_time) == "19:00:00"


def test_what_vanishes_is_archived_and_comes_back(remote, remote_calendar):
    sync(remote_calendar)
    remote["/a.ics"] = (200, {}, ics(EVENTS.replace("UID:nth@x", "UID:other@x")))
    assert sync(remote_calendar).removed == 1
    assert not Event.objects.get(uid="nth@x").live
    remote["/a.ics"] = (200, {}, ics())
    sync(remote_calendar)
    event = Event.objects.get(uid="nth@x")
    assert (event.live, event.archived_at) == (True, None)


def test_the_same_uid_in_another_calendar_is_another_event(remote, remote_calendar):
    sync(remote_calendar)
    sync(CalendarFactory(slug="other", url=remote_calendar.url))
    assert Event.objects.filter(uid="weekly@x").count() == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((200, {}, b"<html>Hello</html>"), "not an iCalendar file"),
        ((200, {}, b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"), ""),
        ((500, {}, b""), "responds with 500"),
        ((200, {"Content-Length": "50000000"}, b""), "larger than 10 MB"),
        ((200, {}, b"x" * 10_500_000), "larger than 10 MB"),
        ((302, {"Location": "/a.ics"}, b""), "more than 5 times"),
        ((302, {"Location": "http://10.0.0.1/a.ics"}, b""), "not on the public internet"),
        ((302, {"Location": "http://169.254.169.254/latest/"}, b""), "not on the public internet"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "Only http and https"),
    ],
)
def test_a_source_that_misbehaves_is_a_reason_and_stops_nothing(remote, remote_calendar, answer, words):
    remote["/a.ics"] = answer
    run = sync(remote_calendar)
    assert run.added == 0
    assert words in run.error
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://0.0.0.0:9/", "http://2130706433:9/"]
)
def test_this_machine_is_never_requested(url):
    with pytest.raises(FetchError, match=r"public internet|no server"):
        fetch(url)


def test_the_dashboard_reads_a_calendar_at_once(client, remote_calendar, django_capture_on_commit_callbacks):
    client.force_login(UserFactory(role="Events"))
    assert client.get("/admin/events/sources/?calendar=1").status_code == 200
    assert not SyncRun.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/admin/events/sources/", {"calendar": remote_calendar.pk})
    html = client.get("/admin/events/sources/").content.decode()
    assert "Broken" in html
    assert SyncRun.objects.get().added == 5
