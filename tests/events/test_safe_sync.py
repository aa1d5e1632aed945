"""Failures of a source remove nothing: held-back runs, previews, confirmation and undo, with a real server."""

import pytest
from django.urls import reverse
from wagtail.log_actions import registry
from wagtail.models import ModelLogEntry

from cms.platform.holding import Size, reason_to_hold
from events.models import Calendar, Event, SyncRun
from events.models.calendars import FAILURES_OF_BROKEN
from events.sync import apply_run, discard_run, sync, undo_run
from tests.events.test_sync import remote  # noqa: F401 -- a fixture.
from tests.factories.events import CalendarFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
ENTRY = (
    "BEGIN:VEVENT\r\nUID:{0}@x\r\nDTSTART:20270{1}T100000Z\r\nDTEND:20270{1}T110000Z\r\nSUMMARY:Meetup {0}\r\n{2}END:VEVENT\r\n"
)


def entries(count, *, start=1, extra=""):
    return "".join(ENTRY.format(number, f"{number % 9 + 1}{10 + number % 18}", extra) for number in range(start, start + count))


def file(content):
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{content}END:VCALENDAR\r\n".encode()


@pytest.fixture
def source(remote):  # noqa: F811
    """Return a calendar with 28 imported events. `source(content)` sets the next response of its server."""
    calendar = CalendarFactory(url=f"{remote['url']}/c.ics")

    def answer(content, status=200):
        remote["/c.ics"] = (status, {}, content)
        calendar.refresh_from_db()
        return sync(calendar)

    assert answer(file(entries(28))).added == 28
    answer.calendar = calendar
    return answer


def live():
    return Event.objects.filter(live=True).count()


@pytest.fixture
def editor():
    return UserFactory(role="Events")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (file(entries(1)), "27 of 28 events would be removed."),
        (file(""), "All 28 events would be removed."),
        (file(entries(28))[:-400], "The file ends in the middle"),
        (file(entries(28)).removesuffix(b"END:VCALENDAR\r\n"), "The file ends in the middle"),
        (file(entries(28).replace("T100000Z", "T090000Z")), "28 of 28 events would be changed."),
    ],
)
def test_a_run_that_looks_like_a_failure_is_held_back(source, content, reason):
    run = source(content)
    assert (run.status, live()) == (SyncRun.Status.HELD, 28)
    assert reason in run.error
    assert set(Event.objects.values_list("start_time", flat=True)) == {Event.objects.first().start_time}


@pytest.mark.parametrize(
    "content", [b"", b"\r\n \r\n", b"<html>Sign in</html>", b'{"error": "quota"}', b"\x89PNG\r\n\x1a\n" * 50]
)
def test_an_answer_that_is_no_calendar_fails_and_removes_nothing(source, content):
    assert (source(content).status, live()) == (SyncRun.Status.FAILED, 28)


def test_a_few_removals_and_changes_are_applied(source):
    run = source(file(entries(26)))
    assert (run.status, run.removed, live()) == (SyncRun.Status.DONE, 2, 26)


def test_new_texts_of_all_events_are_no_mass_change(source):
    run = source(file(entries(28, extra="DESCRIPTION:Now with a text\r\n")))
    assert (run.status, run.changed) == (SyncRun.Status.DONE, 28)


def test_a_recovered_source_replaces_the_run_that_waits(source):
    held = source(file(entries(1)))
    assert source(file(entries(29))).added == 1
    held.refresh_from_db()
    assert (held.status, live()) == (SyncRun.Status.SUPERSEDED, 29)


def test_a_held_back_run_is_applied_by_a_person_and_undone(source, editor):
    held = source(file(entries(1)))
    run = apply_run(held.pk, by=editor)
    assert (run.status, run.removed, live()) == (SyncRun.Status.DONE, 27, 1)
    undo_run(run.pk, by=editor)
    assert live() == 28
    calendar = Calendar.objects.get()
    assert calendar.review_imports
    # The source still has one event: the next import waits instead of removing the others again.
    assert (source(file(entries(1))).status, live()) == (SyncRun.Status.HELD, 28)
    labels = {registry.get_action_label(action) for action in ModelLogEntry.objects.values_list("action", flat=True)}
    assert {"Apply import", "Undo import"} <= labels


def test_undo_restores_changed_values_overrides_and_texts(source, editor):
    rule = "RRULE:FREQ=WEEKLY;COUNT=3\r\nDESCRIPTION:Old text\r\nLOCATION:Old hall\r\n"
    first = source(file(entries(28) + entries(1, start=40, extra=rule)))
    assert first.added == 1
    event = Event.objects.get(uid="40@x")
    before = (event.title, event.rrule, str(event.body), event.venue, list(event.occurrences.values_list("key", "starts_at")))
    moved = ENTRY.format(40, "527", "RECURRENCE-ID:20270521T100000Z\r\n")
    changed = entries(1, start=40, extra=rule.replace("Old", "New")).replace("Meetup 40", "Renamed").replace("T10", "T08")
    run = source(file(entries(28) + changed + moved))
    event.refresh_from_db()
    assert (run.changed, event.title) == (1, "Renamed")
    (change,) = run.changes
    assert ["Title", "Meetup 40", "Renamed"] in [list(field) for field in change["fields"]]
    undo_run(run.pk, by=editor)
    event = Event.objects.get(uid="40@x")
    after = (event.title, event.rrule, str(event.body), event.venue, list(event.occurrences.values_list("key", "starts_at")))
    assert after == before
    assert not event.overrides.exists()


def test_only_the_last_run_that_changed_something_can_be_undone(source):
    first = SyncRun.objects.get(added=28)
    assert first.can_be_undone
    source(file(entries(28)))
    assert first.can_be_undone
    source(file(entries(29)))
    assert not first.can_be_undone


def test_a_preview_shows_changes_and_applies_nothing(source, editor):
    source(file(entries(28)))
    run = sync(source.calendar, preview=True)
    assert (run.status, run.changes) == (SyncRun.Status.PREVIEW, [])
    calendar = Calendar.objects.get()
    calendar.review_imports = True
    calendar.save()
    run = source(file(entries(29)))
    assert (run.status, run.numbers()["add"], live()) == (SyncRun.Status.HELD, 1, 28)
    discard_run(run.pk, by=editor)
    assert live() == 28
    with pytest.raises(Exception, match="no longer waiting"):
        apply_run(run.pk, by=editor)


def test_private_events_vanish_even_when_the_run_is_held_back(source):
    content = entries(1).replace("SUMMARY", "CLASS:CONFIDENTIAL\r\nSUMMARY")
    run = source(file(content))
    assert run.status == SyncRun.Status.HELD
    assert not Event.objects.get(uid="1@x").live
    assert live() == 27
    assert "1 private or confidential events of the source are not shown." in [warning["text"] for warning in run.warnings]


def test_a_source_that_fails_again_and_again_is_on_the_dashboard(client, source, editor):
    good = Calendar.objects.get().succeeded_at
    for _ in range(FAILURES_OF_BROKEN):
        source(b"", status=503)
    calendar = Calendar.objects.get()
    assert (calendar.failures, calendar.is_broken, calendar.succeeded_at) == (3, True, good)
    client.force_login(editor)
    html = client.get(reverse("events_sync")).content.decode()
    assert "3 failures in a row" in html
    assert "responds with 503" in html
    assert good.strftime("%b %-d, %Y") in html
    assert "calendar that cannot be imported" in client.get("/admin/").content.decode()
    source(file(entries(28)))
    assert Calendar.objects.get().failures == 0


def test_screens_apply_and_undo_and_need_the_permission(client, source, editor):
    held = source(file(entries(1)))
    url = reverse("events_sync_run", args=[held.pk])
    client.force_login(UserFactory(role="Job board"))
    assert client.post(url, {"decision": "apply"}).status_code in {302, 403}
    assert live() == 28
    client.force_login(editor)
    html = client.get(url).content.decode()
    assert "27 of 28 events would be removed." in html
    assert "Meetup 9" in html
    assert "Apply changes" in html
    html = client.post(url, {"decision": "apply"}, follow=True).content.decode()
    assert ("The changes were applied." in html, live()) == (True, 1)
    html = client.post(url, {"decision": "undo"}, follow=True).content.decode()
    assert ("The import was undone." in html, live()) == (True, 28)
    assert "Apply changes" not in html
    assert client.get(reverse("events_calendars:history", args=[source.calendar.pk])).status_code == 200
    assert client.post(url, {"decision": "nonsense"}, follow=True).status_code == 200


def test_warnings_are_beside_the_event(client, source, editor):
    source(file(entries(28) + entries(1, start=50).replace("DTSTART:", "DTSTART;TZID=Moon/Base:").replace("T100000Z", "T100000")))
    event = Event.objects.get(uid="50@x")
    client.force_login(editor)
    html = client.get(reverse("wagtailsnippets_events_event:edit", args=[event.pk])).content.decode()
    assert "The time zone “Moon/Base” is unknown." in html
    html = client.get(reverse("wagtailsnippets_events_event:list"), {"warnings": "warnings"}).content.decode()
    assert ("Meetup 50" in html, "Meetup 7<" in html) == (True, False)


def test_webcal_is_accepted_as_https(client, editor):
    client.force_login(editor)
    data = {
        "name": "Webcal",
        "slug": "webcal",
        "url": "webcal://example.org/c.ics",
        "time_zone": "UTC",
        "colour": "brand",
        "order": 1,
    }
    response = client.post(reverse("events_calendars:add"), data)
    assert response.status_code == 302, response.context["form"].errors
    assert Calendar.objects.get(slug="webcal").url == "https://example.org/c.ics"


@pytest.mark.parametrize(
    ("size", "is_held"),
    [
        (Size(28, removed=27), True),
        (Size(2, removed=1), False),
        (Size(9, removed=3), False),
        (Size(8, removed=3), True),
        (Size(1, removed=1), True),
        (Size(0), False),
        (Size(6, changed=4), False),
        (Size(6, changed=5), True),
        (Size(100, is_complete=False), True),
    ],
)
def test_thresholds(size, is_held):
    assert bool(reason_to_hold(size)) is is_held
