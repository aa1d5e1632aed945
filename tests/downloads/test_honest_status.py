"""No page, feed or API shows an unpublished release on any day: dates alone mean planned or expected."""

import json
import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from cms.delivery import cached
from downloads.ical import release_calendar
from downloads.models import PlannedRelease, Release, ReleaseSeries
from downloads.series_facts import SERIES
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory

from .pages import get, main_of

pytestmark = pytest.mark.django_db
FIELDS = ("first_release", "end_of_bugfixes", "end_of_security")
# Each date of each series, the day before and the day after.
DAYS = sorted(
    {
        facts[field] + timedelta(days=days)
        for (major, minor), facts in SERIES.items()
        if (major, minor) >= (3, 9)
        for field in FIELDS
        for days in (-1, 0, 1)
    }
)
MENU = "/box/supernav-python-downloads/"
PAGES = ["/downloads/", "/downloads/source/", "/downloads/release/python-3140b2/", "/downloads/release/python-3133/", MENU]
STABLE = {"bugfix", "security", "end-of-life"}
VERSION = re.compile(r"Python (\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)")


@pytest.fixture
def clock(monkeypatch):
    """Set the time."""

    def set_clock(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        cached.clear_cached()

    return set_clock


@pytest.fixture
def imported(landing):
    """Create the rows of the import of November 2026: the newest release is a beta of 3.14, and the dates end in 2032."""
    for (major, minor), facts in SERIES.items():
        if major == 3:
            ReleaseSeriesFactory(major=major, minor=minor, **facts)
    source = OSFactory(slug="source", name="Source release")
    for name, day, is_pre_release in (
        ("3.9.25", (2025, 10, 31), False),
        ("3.12.10", (2025, 4, 8), False),
        ("3.13.3", (2025, 4, 8), False),
        ("3.14.0b1", (2025, 5, 7), True),
        ("3.14.0b2", (2025, 5, 26), True),
    ):
        release = ReleaseFactory(name=f"Python {name}", release_date=datetime(*day, tzinfo=UTC), pre_release=is_pre_release)
        url = f"https://www.python.org/ftp/python/{name}/Python-{name}.tar.xz"
        ReleaseFileFactory(release=release, os=source, url=url, name="XZ compressed source tarball", download_button=True)
    series = ReleaseSeries.objects.get(major=3, minor=14)
    PlannedRelease.objects.create(series=series, name="3.14.0", date=series.first_release)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_nothing_is_asserted_by_a_date_alone(client, imported, day, clock):
    published = set(Release.objects.visible().values_list("name", flat=True))
    clock(datetime.combine(day, time(12), UTC))
    for path in PAGES:
        html = get(client, path) if path == MENU else main_of(get(client, path))
        words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
        named = {f"Python {version}" for version in VERSION.findall(words)}
        # Only the plan of 3.14.0 may be named, as a plan.
        assert named <= published | {"Python 3.14.0"}
        for sentence in re.findall(r"Python 3\.14\.0 .{0,60}", words):
            assert "Oct 7, 2025" in sentence or "final release" in sentence
        assert not re.search(r"Python 3\.1[456]: (bug fixes|security fixes|end of life)", html)
    rows = json.loads(get(client, "/api/v3/series/?limit=100"))["items"]
    for row in rows:
        minor = int(row["name"].split(".")[1])
        stable = Release.objects.stable().filter(series__major=3, series__minor=minor, release_date__date__lte=day)
        is_over = row["end_of_security"] and day.isoformat() >= row["end_of_security"]
        assert row["is_released"] is stable.exists()
        # A series that others followed has ended, also if none of its releases is on this site.
        assert stable.exists() or row["status"] == "pre-release" or (is_over and minor < 13)
    releases = json.loads(get(client, "/api/v3/releases/index.json"))["releases"]
    beta = next(row for row in releases if row["version"] == "3.14.0b2")
    assert beta["phase"] == "pre-release"
    assert beta["warning"] == "This is a pre-release for testing. Do not use it in production."
    assert {row["version"] for row in releases if row["is_latest"]} == {"3.13.3"}
    for feed in ("feed.rss", "feed.atom", "feed.json", "security/feed.rss", "series/3.14/feed.atom"):
        assert {f"Python {version}" for version in VERSION.findall(get(client, f"/downloads/{feed}"))} <= published
    ics = release_calendar(datetime.combine(day, time(0), UTC)).decode().replace("\r\n ", "")
    for line in re.findall(r"SUMMARY:Python (?:3\.14\.0$|3\.1[456]:).*", ics):
        assert re.search(r"\((planned|expected)\)$", line.strip()), line


def test_a_slipped_release_is_expected(client, imported, clock):
    clock(datetime(2026, 11, 30, 12, tzinfo=UTC))
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", get(client, "/downloads/")))
    assert "3.14 Pre-release Test the pre-release of Python 3.14 Oct 7, 2025 (expected)" in words
    assert "Python 3.14.0 Expected, was planned for Oct 7, 2025" in words


def test_a_release_that_comes_early_makes_its_series_stable(client, imported):
    ReleaseFactory(name="Python 3.16.0", release_date=datetime(2026, 11, 1, tzinfo=UTC))
    series = ReleaseSeries.objects.get(major=3, minor=16)
    assert series.status(datetime(2026, 11, 2, tzinfo=UTC)) == ReleaseSeries.Status.BUGFIX
    assert series.status(datetime(2026, 10, 31, tzinfo=UTC)) == ReleaseSeries.Status.PRE_RELEASE


def test_the_latest_python_is_never_a_pre_release(client, imported):
    Release.objects.stable().update(live=False)
    assert client.get("/downloads/latest/python3/")["Location"] == "/downloads/"
    assert client.get("/downloads/latest/python3.14/")["Location"] == "/downloads/release/python-3140b2/"


def test_pre_releases_carry_a_warning_and_no_primary_button(client, imported):
    html = main_of(get(client, "/downloads/release/python-3140b2/"))
    assert "This is a pre-release for testing. Do not use it in production." in re.sub(r"\s+", " ", html)
    assert "button-primary" not in html
    atom = get(client, "/downloads/series/3.14/feed.atom")
    assert atom.count('<category term="This is a pre-release for testing.') == 2
    tags = {item["title"]: item.get("tags", []) for item in json.loads(get(client, "/downloads/feed.json"))["items"]}
    assert tags["Python 3.14.0b2"] == ["This is a pre-release for testing. Do not use it in production."]
    assert tags["Python 3.13.3"] == []
