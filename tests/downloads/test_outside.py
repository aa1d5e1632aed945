"""The release cycle of peps.python.org and the PSF's advisories: what a file would change, and when a run is held back."""

import json
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.models import ModelLogEntry

from downloads import outside
from downloads.checks import check_release_cycle
from downloads.dashboard_items import get_dashboard_items
from downloads.models import Advisory, CycleRun, DownloadsSettings, PlannedRelease, ReleaseSeries
from downloads.tasks import compare_release_cycle
from tests.community.feeds import FeedServer
from tests.factories.downloads import ReleaseFactory, ReleaseSeriesFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 30, tzinfo=UTC)
ENTRY = {
    "branch": "3.14",
    "pep": 745,
    "status": "bugfix",
    "first_release": "2025-10-07",
    "end_of_life": "2030-10",
    "release_manager": "Rosa Example",
}
ADVISORY = {
    "id": "PSF-2026-7",
    "aliases": ["CVE-2026-1234", 5],
    "summary": "Reading a long line takes long",
    "details": "A line without an end.\x00",
    "published": "2026-10-01T10:00:00Z",
    "modified": "2026-10-02T10:00:00Z",
    "references": [{"type": "FIX", "url": "https://example.org/fix"}, {"url": "javascript:alert(1)"}, "x"],
    "affected": [{"ranges": [{"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "0a1b2c3d"}]}]}, 7],
}


def cycle(**series):
    return json.dumps({"3.14": ENTRY} | series).encode()


def series(**changed):
    values = {"first_release": date(2025, 10, 7), "end_of_bugfixes": date(2027, 10, 1), "end_of_security": date(2030, 10, 7)}
    row = ReleaseSeriesFactory(**{"major": 3, "minor": 14, "pep": 745, "release_manager": "Rosa Example"} | values | changed)
    ReleaseFactory(name=f"Python {row.name}.0", release_date=datetime(2025, 10, 7, tzinfo=UTC))
    return row


def test_a_cycle_that_agrees_changes_nothing_and_a_month_keeps_its_day():
    series()
    plan = outside.plan_cycle(cycle(), AT)
    assert (plan.changes, plan.warnings, plan.reason) == ([], [], "")


def test_new_dates_and_new_series_are_shown_and_applied(admin_user):
    row = series(end_of_security=date(2030, 5, 1), release_manager="")
    plan = outside.plan_cycle(cycle(**{"3.16": ENTRY | {"status": "feature", "first_release": "2027-10-05", "pep": 800}}), AT)
    shown = {(change.action, change.title, *one) for change in plan.changes for one in change.fields}
    assert ("change", "Python 3.14", "End of life", "2030-05-01", "2030-10-31") in shown
    assert ("add", "Python 3.16", "First stable release", "", "2027-10-05") in shown
    assert outside.apply_cycle(plan.changes, by=admin_user) == {"add": 1, "change": 1}
    row.refresh_from_db()
    assert (row.end_of_security, row.release_manager) == (date(2030, 10, 31), "Rosa Example")
    assert ReleaseSeries.objects.get(minor=16).pep == 800
    assert ModelLogEntry.objects.count() == 2


def test_dates_that_contradict_each_other_change_nothing(admin_user):
    series()
    plan = outside.plan_cycle(cycle(**{"3.14": ENTRY | {"first_release": "2031-01-01"}}), AT)
    with pytest.raises(ValidationError, match="in this order"):
        outside.apply_cycle(plan.changes, by=admin_user)


def test_a_status_that_disagrees_with_the_dates_is_a_warning():
    series(end_of_bugfixes=date(2026, 1, 1))
    (warning,) = outside.plan_cycle(cycle(), AT).warnings
    assert "Python 3.14 is “bugfix” in the release cycle, but “security” on this site." in warning


def test_a_foreign_or_mass_changed_file_is_held_back():
    series()
    assert "does not contain any of the release series" in outside.plan_cycle(json.dumps({"9.9": ENTRY}).encode(), AT).reason
    for minor in range(5, 12):
        series(minor=minor)
    moved = {f"3.{minor}": ENTRY | {"end_of_life": "2040-01"} for minor in range(5, 12)}
    assert outside.plan_cycle(cycle(**moved), AT).reason == "7 of 8 release series would be changed."


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"{}", b'{"a": 1}', cycle()[:-9], b"\xff\xfe\x00", b"[" * 100_000])
def test_a_file_that_is_no_cycle_is_refused(content):
    with pytest.raises(outside.UnreadableError):
        outside.plan_cycle(content, AT)


def test_an_entry_that_cannot_be_read_stops_no_other():
    series()
    broken = {"3.x": ENTRY, "3.13": "soon", "3.12": ENTRY | {"status": "unknown"}, "3.11": ENTRY | {"end_of_life": "some day"}}
    plan = outside.plan_cycle(cycle(**broken), AT)
    assert [change.key for change in plan.changes] == ["3.11"]
    assert len(plan.warnings) == 4


@pytest.fixture
def source(settings):
    """Start a server that replaces peps.python.org."""
    settings.FETCH_FROM_LOOPBACK = True
    with FeedServer() as running:
        chosen = DownloadsSettings.load()
        chosen.release_cycle_url = running.serve("/api/release-cycle.json", cycle())
        chosen.save()
        yield running


def test_the_screen_compares_and_applies(client, source):
    row = series(pep=700)
    url = reverse("downloads_release_cycle")
    client.force_login(UserFactory(role="Release managers"))
    assert "Read release cycle" in client.get(url).content.decode()
    html = client.post(url, follow=True).content.decode()
    assert "745" in html
    assert "waiting for approval" in html
    row.refresh_from_db()
    assert row.pep == 700
    run = CycleRun.objects.get()
    html = client.post(url, {"decision": "apply", "run": run.pk}, follow=True).content.decode()
    assert "1 release series was updated." in html
    row.refresh_from_db()
    assert row.pep == 745
    assert "no longer waiting" in client.post(url, {"decision": "apply", "run": run.pk}, follow=True).content.decode()
    assert client.post(url, {"decision": "apply", "run": "forged"}).status_code == 404
    assert "agree with the release cycle" in client.post(url, follow=True).content.decode()
    client.force_login(UserFactory(role="Job board"))
    assert client.get(url).status_code in {302, 403}


def test_a_small_change_is_applied_and_moves_the_planned_release(source):
    row = ReleaseSeriesFactory(major=3, minor=16, first_release=date(2027, 10, 5))
    plan = PlannedRelease.objects.create(series=row, name="3.16.0", date=date(2027, 10, 5))
    candidate = PlannedRelease.objects.create(series=row, name="3.16.0rc1", date=date(2027, 8, 3))
    moved = ENTRY | {"status": "feature", "first_release": "2027-10-19", "end_of_life": "2032-10"}
    source.serve("/api/release-cycle.json", json.dumps({"3.16": moved}).encode())
    compare_release_cycle.call()
    assert CycleRun.objects.get().status == CycleRun.Status.DONE
    for changed in (row, plan, candidate):
        changed.refresh_from_db()
    assert (row.first_release, plan.date, candidate.date) == (date(2027, 10, 19), date(2027, 10, 19), date(2027, 8, 3))
    assert check_release_cycle(None, databases=["default"]) == []


def test_a_large_change_waits_and_a_check_and_the_home_warn(client, source, manager):
    for minor in range(5, 12):
        series(minor=minor)
    moved = {f"3.{minor}": ENTRY | {"end_of_life": "2040-01"} for minor in range(5, 12)}
    source.serve("/api/release-cycle.json", json.dumps(moved).encode())
    compare_release_cycle.call()
    assert ReleaseSeries.objects.filter(end_of_security__year=2040).count() == 0
    (warning,) = check_release_cycle(None, databases=["default"])
    assert (warning.id, warning.msg.endswith(": 7.")) == ("downloads.W001", True)
    items = {item.text: item.count for item in get_dashboard_items(manager, AT)}
    assert items["release series differ from the release cycle"] == 7
    html = client.get(reverse("downloads_release_cycle")).content.decode()
    assert "7 of 7 release series would be changed." in html
    compare_release_cycle.call()
    assert [run.status for run in CycleRun.objects.all()] == ["held", "superseded"]
    run = CycleRun.objects.waiting().get()
    client.post(reverse("downloads_release_cycle"), {"decision": "discard", "run": run.pk})
    assert len(check_release_cycle(None, databases=["default"])) == 1


def test_a_source_that_fails_is_recorded_and_keeps_what_waits(source, client, manager):
    source.serve("/api/release-cycle.json", b"<html>")
    compare_release_cycle.call()
    run = CycleRun.objects.get()
    assert (run.status, run.error) == (CycleRun.Status.FAILED, "This is not valid JSON, or the file is incomplete.")
    assert "This is not valid JSON" in client.post(reverse("downloads_release_cycle"), follow=True).content.decode()


def test_dates_that_contradict_each_other_are_an_error_of_the_run(source):
    row = series()
    source.serve("/api/release-cycle.json", cycle(**{"3.14": ENTRY | {"first_release": "2031-01-01"}}))
    compare_release_cycle.call()
    assert "in this order" in CycleRun.objects.get().error
    row.refresh_from_db()
    assert row.first_release == date(2025, 10, 7)


def test_without_a_url_nothing_is_read(client, source, manager):
    chosen = DownloadsSettings.load()
    chosen.release_cycle_url = ""
    chosen.save()
    compare_release_cycle.call()
    assert not CycleRun.objects.exists()
    assert "No release cycle is set" in client.post(reverse("downloads_release_cycle"), follow=True).content.decode()


def test_an_advisory_is_read_without_what_is_broken_in_it():
    advisory = outside.read_advisory(json.dumps(ADVISORY).encode())
    assert (advisory.aliases, advisory.fixes, advisory.references) == (
        ["CVE-2026-1234"],
        ["0a1b2c3d"],
        ["https://example.org/fix"],
    )
    assert (advisory.details, advisory.withdrawn) == ("A line without an end.", None)


@pytest.mark.parametrize("changed", [{"id": "CVE-2026-1"}, {"id": None}, {"modified": "soon"}, {"modified": None}])
def test_a_file_that_is_no_advisory_is_refused(changed):
    with pytest.raises(outside.UnreadableError):
        outside.read_advisory(json.dumps(ADVISORY | changed).encode())


def advisories(count, **changed):
    return {f"PSF-2026-{n}.json": json.dumps(ADVISORY | {"id": f"PSF-2026-{n}"} | changed).encode() for n in range(1, count + 1)}


def test_advisories_follow_the_same_rules():
    outside.apply_advisories(outside.plan_advisories(advisories(9), {}).changes)
    known = {advisory.name: advisory for advisory in Advisory.objects.all()}
    assert len(known) == 9
    assert outside.plan_advisories(advisories(9), known).changes == []
    one_gone = outside.plan_advisories(advisories(8), known)
    assert ([change.action for change in one_gone.changes], one_gone.reason) == (["remove"], "")
    assert outside.plan_advisories(advisories(2), known).reason == "7 of 9 advisories would be removed."
    assert "All 9" in outside.plan_advisories({}, known).reason
    damaged = advisories(9) | {"PSF-2026-3.json": b"{"}
    plan = outside.plan_advisories(damaged, known)
    assert (plan.changes, len(plan.warnings)) == ([], 1)
    older = outside.plan_advisories(advisories(9, modified="2020-01-01T00:00:00Z", summary="Old"), known)
    assert older.changes == []
