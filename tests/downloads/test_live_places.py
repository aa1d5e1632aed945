"""Live status of a published release: every page, feed and outlet that shows it, and the email if one is late."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import APIToken

from cms.delivery import live_checks
from cms.delivery.models import LiveCheck, PlaceCheck
from cms.delivery.tasks import check_live_urls
from cms.editor.live_status import report_late_places
from downloads import workflows
from downloads.appearances import live_places
from downloads.models import Outlet, Release
from tests.downloads.admin_forms import edit_address, release_form
from tests.events.test_sync import remote  # noqa: F401 -- a fixture.
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/downloads/release/python-3160rc1/"
SHOWS = f'<a href="{PAGE}">Python 3.16.0rc1</a>'.encode()


@pytest.fixture
def site(remote, settings):  # noqa: F811
    """Return the public site, with responses set by the test, and a draft release with two files."""
    settings.BASE_URL = remote["url"]
    stable = ReleaseFactory(name="Python 3.15.0")
    for slug in ("windows", "source"):
        ReleaseFileFactory(release=stable, os=OSFactory(slug=slug, name=slug.capitalize()), download_button=True)
    release = ReleaseFactory(name="Python 3.16.0rc1", live=False, pre_release=True, release_date=timezone.now())
    ReleaseFileFactory(release=release, os=OSFactory(slug="windows"))
    return remote


@pytest.fixture
def manager():
    return UserFactory(role="Release managers", email="ada@example.org")


@pytest.fixture
def publish(django_capture_on_commit_callbacks, manager):
    def run():
        with django_capture_on_commit_callbacks(execute=True):
            return workflows.publish_release(Release.objects.get(name="Python 3.16.0rc1"), by=manager)

    return run


def answer_everything(site, **changed):
    """Make each place show the release, except those with another response."""
    for place in PlaceCheck.objects.filter(is_outside=False):
        if place.url.startswith("/downloads/latest/"):
            site[place.url] = (302, {"Location": PAGE}, b"")
        else:
            site[place.url] = (200, {}, SHOWS)
    site[PAGE] = (200, {}, SHOWS)
    site.update(changed)
    LiveCheck.objects.update(published_at=timezone.now() - timedelta(seconds=5))
    check_live_urls.func()


def lights():
    return dict(PlaceCheck.objects.values_list("name", "status"))


def test_every_place_of_the_site_has_a_light_with_the_age_of_its_copy(site, publish):
    publish()
    assert set(lights().values()) == {"failed", "waiting"}, "The server answers 404 to everything; search has some minutes."
    answer_everything(site)
    assert set(lights().values()) == {"live"}
    assert set(PlaceCheck.objects.values_list("age", flat=True)) == {0}
    assert lights().keys() >= {
        *("Windows", "/downloads/latest/prerelease/", "Feed of all releases", "Feed of Python 3.16 releases"),
        *("API version 1", "API version 2", "API version 3", "Index of all releases (JSON)", "Search", "Sitemap"),
    }
    # A stable release is also the latest one, with buttons.
    stable = ReleaseFactory(name="Python 3.16.0", release_date=timezone.now())
    ReleaseFileFactory(release=stable, os=OSFactory(slug="windows"), download_button=True)
    assert {place.url for place in live_places(stable)} >= {
        "/",
        "/downloads/",
        "/downloads/latest/python3/",
        "/downloads/windows/",
    }


def test_a_place_that_a_newer_release_has_taken_is_no_longer_late(site, publish):
    publish()
    latest = "/downloads/latest/prerelease/"
    newer = ReleaseFactory(name="Python 3.16.0rc2", pre_release=True, release_date=timezone.now() + timedelta(minutes=1))
    answer_everything(site, **{latest: (302, {"Location": newer.get_absolute_url()}, b""), "/sitemap.xml": (503, {}, b"")})
    assert latest not in lights()
    assert lights()["Sitemap"] == "failed", "It must still be there."


def test_an_old_copy_and_another_version_are_red(site, publish, client, manager):
    publish()
    answer_everything(
        site,
        **{
            "/downloads/feed.rss": (200, {"Age": "900"}, SHOWS),
            "/downloads/windows/": (200, {}, b"Python 3.16.0rc2"),
            "/sitemap.xml": (503, {}, b""),
        },
    )
    errors = dict(PlaceCheck.objects.failed().values_list("name", "error"))
    assert errors.keys() == {"Feed of all releases", "Windows", "Sitemap"}
    assert errors["Feed of all releases"] == "It still serves a copy that was made 900 seconds ago."
    assert errors["Windows"] == "“3.16.0rc1” was not found."
    assert "503" in errors["Sitemap"]
    client.force_login(manager)
    url = reverse("live_status", args=[ContentType.objects.get_for_model(Release).pk, Release.objects.get(pre_release=True).pk])
    html = client.get(url).content.decode()
    assert "Not yet live everywhere" in html
    assert "“3.16.0rc1” was not found." in html
    home = client.get("/admin/").content.decode()
    assert "places do not show Python 3.16.0rc1" in home
    assert url in home
    answer_everything(site, **{"/downloads/feed.rss": (200, {}, SHOWS), "/sitemap.xml": (200, {}, SHOWS)})
    assert "Live everywhere" in client.get(url).content.decode()
    LiveCheck.objects.all().delete()
    html = client.get(url).content.decode()
    assert "Published, not checked" in html
    assert "Live everywhere" not in html
    client.post(url)
    assert LiveCheck.objects.count() == 1
    client.force_login(UserFactory(role="Job board"))
    assert client.get(url).status_code in {302, 403}


def test_an_outlet_is_awaited_and_then_late_with_one_email(
    site, publish, manager, mailoutbox, django_capture_on_commit_callbacks
):
    outlet = Outlet(name="Container images", url="https://example.org/", expected="{{ version }}-slim", wait_minutes=30)
    outlet.full_clean()
    outlet.url = f"{site['url']}/tags/{{{{ series }}}}"
    outlet.save()
    Outlet.objects.create(name="For stable releases", url="https://example.org/", applies_to="stable")
    publish()
    answer_everything(site, **{"/tags/3.16": (200, {}, b"3.16.0b4-slim")})
    assert (lights()["Container images"], "For stable releases" in lights()) == ("waiting", False)

    def report():
        check_live_urls.func()
        with django_capture_on_commit_callbacks(execute=True):
            report_late_places.func()

    report()
    assert mailoutbox == []
    LiveCheck.objects.update(published_at=timezone.now() - timedelta(minutes=31))
    report()
    report()
    assert lights()["Container images"] == "failed"
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [(["ada@example.org"], "Not live everywhere: Python 3.16.0rc1")]
    assert "- Container images: “3.16.0rc1-slim” was not found." in mailoutbox[0].body
    site["/tags/3.16"] = (200, {}, b"3.16.0b4-slim 3.16.0rc1-slim")
    report()
    assert lights()["Container images"] == "live"


def test_an_outlet_needs_a_url_and_correct_braces():
    for fields in ({"url": "http://example.org/"}, {"url": "https://example.org/{% x %}"}, {"expected": "{% if %}"}):
        with pytest.raises(ValidationError):
            Outlet(**{"name": "X", "url": "https://example.org/"} | fields).full_clean()


def test_scripts_read_the_same_lights(site, publish, client, manager):
    Outlet.objects.create(name="Images", url=f"{site['url']}/late", wait_minutes=30)
    publish()
    url = "/api/v3/releases/python-3160rc1/status/"
    headers = {"Authorization": f"Bearer {APIToken.create_token(user=manager, name='x')[1]}"}
    assert client.get(url, headers=headers).json()["is_live"] is False
    answer_everything(site)
    status = client.get(url, headers=headers).json()
    assert (status["is_live"], status["is_live_everywhere"]) == (True, False)
    assert {"name": "Images", "status": "waiting", "is_outside": True}.items() <= status["places"][-1].items()


def test_an_unpublished_release_has_no_places(site, publish, manager, django_capture_on_commit_callbacks):
    release = publish()
    with django_capture_on_commit_callbacks(execute=True):
        workflows.unpublish_release(release, by=manager)
    assert not PlaceCheck.objects.exists()
    assert live_checks.publication_steps(Release.objects.get(pk=release.pk))[-1].name == "Gone"


def test_the_admin_publishes_and_ends_on_the_live_status(site, client, manager):
    client.force_login(manager)
    release = Release.objects.get(pre_release=True)
    form = release_form(name="Python 3.16.0rc1", slug="python-3160rc1", pre_release="on") | {"action-publish": "1"}
    response = client.post(edit_address(release), form)
    assert response.url == reverse("live_status", args=[ContentType.objects.get_for_model(Release).pk, release.pk])
    # Saving a draft stays on the form.
    del form["action-publish"]
    assert client.post(edit_address(release), form).url == edit_address(release)
