"""A release from the schedule to its live status in Chromium, with Varnish in front, including failures on the way."""

import os
import time
from pathlib import Path

import pytest
import requests
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from cms.delivery.models import LiveCheck, PlaceCheck, Purge
from cms.delivery.tasks import check_live_urls
from downloads.cycle_sync import sync_cycle
from downloads.models import DownloadsSettings, Outlet, PlannedRelease, Release
from downloads.tasks import check_release_files
from tests import edge
from tests.databases import fill
from tests.downloads.test_file_sets import CONTENT, FILES, NEW, OS_NAMES, SUMS, server  # noqa: F401 -- a fixture.
from tests.downloads.test_outside import ENTRY, cycle, series
from tests.events.test_sync import remote  # noqa: F401 -- a fixture.
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory, ReleaseSeriesFactory
from tests.factories.users import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.edge]
# Where pictures of the steps are written, if anywhere.
PICTURES = os.environ.get("RELEASE_PICTURES", "")
MAX_CLICKS, MAX_SECONDS = 25, 300


class Clicks:
    """Clicks of a user, counted, with a screenshot after each."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def __call__(self, selector: str) -> None:
        self.count += 1
        with self.page.expect_navigation(wait_until="networkidle"):
            self.page.locator(selector).first.click()
        self.picture(f"{self.count:02}")

    def picture(self, name: str) -> None:
        if PICTURES:
            Path(PICTURES).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.fixture
def varnish(live_server, tmp_path, settings):
    fill(pages_only=True)
    systems = {slug: OSFactory(slug=slug, name=name) for slug, name in OS_NAMES.items()}
    previous = ReleaseFactory(name="Python 3.15.0")
    for name, (os_slug, label, button) in FILES.items():
        url = f"https://www.python.org/ftp/python/3.15.0/{name.format('3.15.0')}"
        row = {"os": systems[os_slug], "name": label, "url": url, "download_button": button, "sha256_sum": "a" * 64}
        ReleaseFileFactory(release=previous, sigstore_bundle_file=f"{url}.sigstore", **row)
    with edge.varnish(live_server.url, tmp_path) as url:
        settings.CDN_BACKEND, settings.CDN_URL, settings.CDN_API_TOKEN = "http", f"{url}/", edge.TOKEN
        settings.BASE_URL = url
        DownloadsSettings.load()
        yield url


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.2)
    assert condition()


def is_green():
    return PlaceCheck.objects.exists() and not PlaceCheck.objects.exclude(status=LiveCheck.Status.LIVE).exists()


def test_from_the_schedule_to_all_lights_green(page: Page, log_in, live_server, varnish):
    day = timezone.now().date()
    PlannedRelease.objects.create(series=ReleaseSeriesFactory(major=3, minor=16, pep=826), name=NEW, date=day)
    log_in(UserFactory(role="Release managers", email="ada@example.org"))
    # Visitors have filled the cache with what was published before.
    for path in ("/", "/downloads/", "/downloads/windows/", "/downloads/feed.rss", "/api/v3/releases/index.json", "/sitemap.xml"):
        requests.get(f"{varnish}{path}", timeout=30)
    page.set_viewport_size({"width": 1280, "height": 900})
    click, start = Clicks(page), time.monotonic()
    page.goto(f"{live_server.url}/admin/", wait_until="networkidle")
    click.picture("00")
    click(f"text=planned release of Python {NEW}")
    click("button:has-text('Start this release')")
    click("a:has-text('Add or check files')")
    page.fill("textarea", SUMS)
    click("button[value=checksums]")
    assert page.locator(".keep-text").count() == 0, "The list was accepted, so nothing is left to restore."
    click("button[value=save]")
    release = Release.objects.get(name=f"Python {NEW}")
    assert release.files.count() == len(FILES) == 12
    page.goto(f"{live_server.url}/admin/downloads/releases/edit/{release.pk}/", wait_until="networkidle")
    # The link to the form, and the menu of its button.
    click.count += 2
    page.locator("footer [data-w-dropdown-target=toggle], footer button[aria-expanded]").first.click()
    click("button[name=action-publish]")
    status = page.url
    assert "/admin/live/" in status
    wait_until(lambda: Purge.objects.filter(status=Purge.Status.DONE).exists())
    wait_until(lambda: PlaceCheck.objects.exists() and not PlaceCheck.objects.filter(checked_at=None).exists())
    click("button:has-text('Check again')")
    wait_until(is_green)
    page.wait_for_selector("text=All places are being checked.")
    page.goto(status, wait_until="networkidle")
    click.picture("99")
    assert page.locator("text=Live everywhere").count() == 1
    seconds = time.monotonic() - start
    print(f"{click.count} clicks, {seconds:.0f} s, {PlaceCheck.objects.count()} places")
    assert (click.count <= MAX_CLICKS, seconds <= MAX_SECONDS) == (True, True)


@pytest.mark.nightly
def test_what_the_release_manager_sees_when_something_is_late(page: Page, log_in, live_server, varnish, settings, remote):  # noqa: F811
    """Varnish rejects purges, and an outlet that does not show the release."""
    manager = UserFactory(role="Release managers", email="ada@example.org")
    log_in(manager)
    settings.CDN_API_TOKEN = "wrong"
    Outlet.objects.create(name="Container images", url=f"{remote['url']}/tags", wait_minutes=0)
    for path in ("/downloads/feed.rss", "/api/v3/releases/index.json"):
        requests.get(f"{varnish}{path}", timeout=30)
    release = ReleaseFactory(name=f"Python {NEW}", pre_release=True, live=False)
    release.save_revision(user=manager).publish(user=manager)
    wait_until(lambda: Purge.objects.filter(status=Purge.Status.FAILED).exists())
    check_live_urls.func()
    click = Clicks(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/admin/", wait_until="networkidle")
    click.picture("late-home")
    assert page.locator(f"text=places do not show Python {NEW}").count() == 1
    click(f"text=places do not show Python {NEW}")
    click.picture("late-status")
    html = page.content()
    assert "403" in html
    assert "Not yet live everywhere" in html
    assert "Container images" in html
    for width, scheme in ((320, "light"), (320, "dark"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        click.picture(f"late-status-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert reverse("live_again", args=page.url.rstrip("/").rsplit("/", 2)[1:]) in html


def test_what_the_release_manager_sees_when_files_are_wrong(page: Page, log_in, live_server, server):  # noqa: F811
    """A file that is not on the server, and one with another checksum."""
    fill(pages_only=True)
    release = ReleaseFactory(name=f"Python {NEW}", pre_release=True, live=False)
    system = OSFactory(slug="windows", name="Windows")
    for name in ("python-3.16.0rc1-amd64.exe", "python-3.16.0rc1-arm64.exe"):
        url = f"https://www.python.org/ftp/python/3.16.0/{name}"
        ReleaseFileFactory(release=release, os=system, url=url, sha256_sum="a" * 64)
    server.serve("/ftp/python/3.16.0/python-3.16.0rc1-amd64.exe", CONTENT)
    check_release_files.call(release.pk, with_checksums=True)
    log_in(UserFactory(role="Release managers", email="ada@example.org"))
    click = Clicks(page)
    for width, scheme in ((1280, "light"), (320, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        for name, path in (("form", f"releases/edit/{release.pk}/"), ("files", f"release-files/{release.pk}/")):
            page.goto(f"{live_server.url}/admin/downloads/{path}", wait_until="networkidle")
            if name == "form":
                page.get_by_role("tab", name="Before publishing").click()
            click.picture(f"wrong-{name}-{width}-{scheme}")
            html = page.content()
            assert "python-3.16.0rc1-arm64.exe: The server responds with 404" in html
            assert "python-3.16.0rc1-amd64.exe: the SHA-256 checksum on the server is" in html
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.nightly
def test_what_the_release_manager_sees_when_the_release_cycle_moves_a_date(page: Page, log_in, live_server, remote):  # noqa: F811
    fill(pages_only=True)
    row = series()
    remote["/cycle.json"] = (200, {}, cycle(**{"3.14": ENTRY | {"end_of_life": "2031-10-31"}}))
    sync_cycle(f"{remote['url']}/cycle.json", show_first=True)
    log_in(UserFactory(role="Release managers", email="ada@example.org"))
    click = Clicks(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/admin/", wait_until="networkidle")
    click.picture("cycle-home")
    page.goto(f"{live_server.url}{reverse('downloads_release_cycle')}", wait_until="networkidle")
    click.picture("cycle-run")
    assert "2031-10-31" in page.content()
    click("button:has-text('Apply')")
    click.picture("cycle-applied")
    row.refresh_from_db()
    assert str(row.end_of_security) == "2031-10-31"
