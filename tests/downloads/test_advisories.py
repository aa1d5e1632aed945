"""Security advisories: from the file of the PSF to pages, API and feed; runs that wait for a person."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from freezegun import freeze_time

from downloads import advisory_sync
from downloads.advisories import compute_security_facts
from downloads.models import Advisory, AdvisoryRun, DownloadsSettings, Release
from downloads.tasks import import_advisories
from tests.community.feeds import FeedServer
from tests.factories.downloads import AdvisoryFactory, ReleaseFactory, ReleaseSeriesFactory
from tests.factories.users import UserFactory

from .pages import AGO, get, main_of

pytestmark = pytest.mark.django_db
RUNS = "/admin/downloads/advisory-imports/"
Status = AdvisoryRun.Status


def advisory(number=1, *, versions=(), **changed):
    return {
        "id": f"PSF-2026-{number}",
        "aliases": [f"CVE-2026-100{number}"],
        "summary": f"Problem {number}",
        "details": "It takes long.",
        "published": "2026-10-01T10:00:00Z",
        "modified": "2026-10-02T10:00:00Z",
        "affected": [
            {
                "ranges": [{"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "0a1b2c3d"}]}],
                "versions": [f"v{version}" for version in versions],
            }
        ],
    } | changed


def archive(*advisories, broken=False):
    content = BytesIO()
    with ZipFile(content, "w") as file:
        file.writestr("advisory-database-main/README.md", "Advisories")
        file.writestr("advisory-database-main/advisories/python/PSF-0000-1.json", "{")
        for one in advisories:
            file.writestr(f"advisory-database-main/advisories/python/{one['id']}.json", json.dumps(one))
        if broken:
            file.writestr("advisory-database-main/advisories/python/PSF-2026-99.json", "{")
    return content.getvalue()


@pytest.fixture
def releases():
    ReleaseSeriesFactory(minor=9, first_release=AGO, end_of_security=AGO)
    for name in ("3.9.25", "3.13.0", "3.13.1", "3.14.0rc1", "3.14.0", "3.14.1"):
        ReleaseFactory(name=f"Python {name}", pre_release="rc" in name, release_date=datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture
def source(settings, monkeypatch):
    settings.FETCH_FROM_LOOPBACK = True
    with FeedServer() as running:
        url = running.serve("/main.zip", b"")
        monkeypatch.setattr(advisory_sync, "OSV_API", url.removesuffix("main.zip"))
        chosen = DownloadsSettings.load()
        chosen.advisories_url = url
        chosen.save()
        yield running


def names(advisories):
    return [advisory.title for advisory in advisories]


def facts():
    known = compute_security_facts()
    by_name = {release.version_string: known.get(release.pk) for release in Release.objects.all()}
    return {
        name: (names(found.fixes), names(found.affected_by), found.upgrade_to and found.upgrade_to[0])
        for name, found in by_name.items()
        if found
    }


def test_three_releases_from_the_file_to_page_api_and_feed(client, releases, source):
    first = advisory(1, versions=["3.9.25", "3.13.0", "3.14.0rc1", "3.14.0"])
    second = advisory(2, versions=["3.9.25", "3.13.0", "3.13.1"])
    source.serve("/main.zip", archive(first, second))
    import_advisories.call()
    assert AdvisoryRun.objects.get().status == Status.DONE
    assert facts() == {
        "3.9.25": ([], ["CVE-2026-1001", "CVE-2026-1002"], "Python 3.14.1"),
        "3.13.0": ([], ["CVE-2026-1001", "CVE-2026-1002"], "Python 3.14.1"),
        "3.13.1": (["CVE-2026-1001"], ["CVE-2026-1002"], "Python 3.14.1"),
        "3.14.0rc1": ([], ["CVE-2026-1001"], "Python 3.14.1"),
        "3.14.0": ([], ["CVE-2026-1001"], "Python 3.14.1"),
        "3.14.1": (["CVE-2026-1001"], [], None),
    }
    page = main_of(get(client, "/downloads/release/python-3131/"))
    for text in ("1 known vulnerability", "CVE-2026-1002", "Upgrade to Python 3.14.1", "Vulnerabilities fixed in this release"):
        assert text in page
    assert "Upgrade to" not in main_of(get(client, "/downloads/release/python-3141/"))
    rows = json.loads(get(client, "/api/v3/releases/index.json"))["releases"]
    row = next(row for row in rows if row["version"] == "3.13.1")
    assert [one["aliases"] for one in row["fixes"]] == [["CVE-2026-1001"]]
    assert row["affected_by"] == [
        {
            "id": "PSF-2026-2",
            "aliases": ["CVE-2026-1002"],
            "summary": "Problem 2",
            "url": "https://osv.dev/vulnerability/PSF-2026-2",
        }
    ]
    assert row["upgrade_to"] == "python-3141"
    assert json.loads(get(client, "/api/v3/releases/python-3131/"))["fixes"] == row["fixes"]
    feed = get(client, "/downloads/security/feed.rss")
    assert "Fixes CVE-2026-1001." in feed
    assert feed.count("<item>") == 2
    ended = main_of(get(client, "/downloads/eol/"))
    assert 'href="/downloads/release/python-3925/#security">2<' in ended
    assert "Python 3.14.1" in ended


def test_releases_of_commits_come_from_osv(source, releases):
    source.serve("/main.zip", archive(advisory(1), advisory(2)))
    source.serve("/PSF-2026-1", json.dumps(advisory(1, versions=["3.13.0"])).encode())
    import_advisories.call()
    run = AdvisoryRun.objects.get()
    assert (run.status, len(run.warnings)) == (Status.DONE, 1)
    assert Advisory.objects.get(name="PSF-2026-1").affected_versions == ["3.13.0"]
    assert list(Advisory.objects.without_versions()) == [Advisory.objects.get(name="PSF-2026-2")]
    import_advisories.call()
    # What is known is not requested again.
    assert [path for path, _headers in source.asked].count("/PSF-2026-1") == 1


@pytest.mark.parametrize(
    ("fixed_in", "introduced_in", "affected"),
    [
        ("3.13.1, 3.14.0rc1", "", {"3.9.25", "3.13.0"}),
        ("3.14.1", "3.14.0rc1", {"3.14.0rc1", "3.14.0"}),
        ("3.13.1", "", {"3.9.25", "3.13.0"}),
    ],
)
def test_staff_name_the_releases_with_the_fix(releases, fixed_in, introduced_in, affected):
    AdvisoryFactory(fixed_in=fixed_in, introduced_in=introduced_in)
    assert {name for name, (_fixes, has, _upgrade) in facts().items() if has} == affected


def test_a_run_that_would_remove_many_waits_for_a_person(client, source):
    everything = [advisory(number, versions=["3.13.0"]) for number in range(1, 10)]
    source.serve("/main.zip", archive(*everything))
    import_advisories.call()
    source.serve("/main.zip", archive(*everything[:2]))
    import_advisories.call()
    run = AdvisoryRun.objects.first()
    assert (run.status, run.error) == (Status.HELD, "7 of 9 advisories would be removed.")
    assert Advisory.objects.count() == 9
    client.force_login(UserFactory(role="Release managers"))
    assert "Held back" in client.get(RUNS).content.decode()
    page = client.get(f"{RUNS}{run.pk}/").content.decode()
    assert "to remove: 7" in " ".join(page.split())
    client.post(f"{RUNS}{run.pk}/", {"decision": "apply"})
    assert Advisory.objects.count() == 2
    again = client.post(f"{RUNS}{run.pk}/", {"decision": "apply"}, follow=True).content.decode()
    assert "no longer waiting for a decision" in again


def test_a_newer_run_replaces_one_that_waits_and_discarding_changes_nothing(client, source):
    everything = [advisory(number, versions=["3.13.0"]) for number in range(1, 10)]
    for content in (everything, everything[:2], everything[:1]):
        source.serve("/main.zip", archive(*content))
        import_advisories.call()
    newest, older, _first = AdvisoryRun.objects.all()
    assert (newest.status, older.status) == (Status.HELD, Status.SUPERSEDED)
    client.force_login(UserFactory(role="Release managers"))
    client.post(f"{RUNS}{newest.pk}/", {"decision": "discard"})
    newest.refresh_from_db()
    assert (newest.status, Advisory.objects.count()) == (Status.DISCARDED, 9)


def test_runs_are_kept_for_sixty_days(source):
    now = timezone.now()
    for age in (timedelta(days=60), timedelta(days=60, microseconds=1)):
        run = AdvisoryRun.objects.create()
        AdvisoryRun.objects.filter(pk=run.pk).update(started_at=now - age)
    with freeze_time(now):
        import_advisories.call()
    assert now - timedelta(days=60) in AdvisoryRun.objects.values_list("started_at", flat=True)
    assert not AdvisoryRun.objects.filter(started_at__lt=now - timedelta(days=60)).exists()


@pytest.mark.parametrize("content", [b"", b"<html>", b"PK\x03\x04", archive(advisory())[:-30]])
def test_a_broken_source_fails_with_a_sentence_and_changes_nothing(source, content):
    source.serve("/main.zip", content)
    import_advisories.call()
    run = AdvisoryRun.objects.get()
    assert (run.status, run.error) == (Status.FAILED, "This is not a ZIP file, or the file is incomplete.")


def test_staff_upload_an_advisory_and_their_versions_stay(client, source):
    client.force_login(UserFactory(role="Release managers"))
    file = SimpleUploadedFile("PSF-2026-1.json", json.dumps(advisory(versions=["3.13.0"])).encode())
    assert "Done" in client.post(RUNS, {"file": file}, follow=True).content.decode()
    row = Advisory.objects.get()
    url = reverse("downloads_advisories:edit", args=[row.pk])
    assert "is not a version" in client.post(url, {"fixed_in": "soon", "introduced_in": ""}).content.decode()
    client.post(url, {"fixed_in": "3.13.1", "introduced_in": ""})
    source.serve("/main.zip", archive(advisory(versions=["3.13.0"], summary="New", modified="2026-11-01T10:00:00Z")))
    import_advisories.call()
    row.refresh_from_db()
    assert (row.fixed_in, row.summary) == ("3.13.1", "New")
    for path in (reverse("downloads_advisories:index"), f"{reverse('downloads_advisories:index')}?q=CVE&export=csv"):
        assert client.get(path).status_code == 200


def test_other_roles_see_and_decide_nothing(client):
    run = AdvisoryRun.objects.create(source="x", status=Status.HELD)
    client.force_login(UserFactory(role="Job board"))
    for method, path in (("get", RUNS), ("post", RUNS), ("post", f"{RUNS}{run.pk}/")):
        assert getattr(client, method)(path).status_code in {302, 403}
    run.refresh_from_db()
    assert run.status == Status.HELD
