"""Live status in the admin: saved, published, purged, visible."""

from datetime import timedelta

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry

from cms.delivery import live_checks
from cms.delivery.models import LiveCheck, Purge
from cms.delivery.tasks import check_live_urls
from home.models import StandardPage
from tests.databases import fill
from tests.factories.cms import BannerFactory, BoxFactory, MenuFactory
from tests.factories.downloads import ReleaseFactory
from tests.factories.users import UserFactory
from tests.servers import RecordingServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def edge(settings):
    """Start the public server: the cache in front, which also accepts purges."""
    with RecordingServer() as server:
        settings.BASE_URL = server.url
        settings.CDN_BACKEND, settings.CDN_URL = "http", f"{server.url}/"
        yield server


@pytest.fixture
def publish(django_capture_on_commit_callbacks):
    def run(thing):
        with django_capture_on_commit_callbacks(execute=True):
            thing.save_revision().publish()
        thing.refresh_from_db()
        return thing

    return run


@pytest.fixture
def take_off(django_capture_on_commit_callbacks):
    def run(thing):
        with django_capture_on_commit_callbacks(execute=True):
            thing.unpublish()
        thing.refresh_from_db()
        return thing

    return run


def states(thing) -> dict[str, str]:
    return {light.name: light.state for light in live_checks.publication_steps(thing)}


def again_url(thing) -> str:
    return reverse("live_again", args=[ContentType.objects.get_for_model(thing).pk, thing.pk])


def test_what_is_published_is_purged_and_then_seen(edge, publish):
    box = publish(BoxFactory(label="irc"))
    assert [(request.method, request.path) for request in edge.requests] == [("PURGE", "/"), ("GET", "/box/irc/")]
    assert states(box) == {"Saved": "ok", "Published": "ok", "Purged": "ok", "Visible": "ok"}
    assert all(light.at for light in live_checks.publication_steps(box))


def test_an_old_copy_an_error_and_silence_are_reported(edge, publish, django_capture_on_commit_callbacks):
    edge.headers["Age"] = "90"
    release = publish(ReleaseFactory())
    purged, seen, _everywhere = live_checks.publication_steps(release)[2:]
    assert (purged.state, seen.state) == ("ok", "stop")
    assert "still serves a copy that was made 90 seconds ago" in seen.note
    edge.headers, edge.status = {}, 503
    with django_capture_on_commit_callbacks(execute=True):
        check_live_urls.enqueue()
    purged, seen, _everywhere = live_checks.publication_steps(release)[2:]
    assert (purged.state, seen.note[-12:]) == ("ok", "returns 503.")
    edge.status = 200
    with django_capture_on_commit_callbacks(execute=True):
        check_live_urls.enqueue()
    assert states(release)["Visible"] == "ok"


@pytest.mark.parametrize(
    ("text", "expected", "is_found"),
    [
        ("Python 3.16.0 is out.", "3.16.0", True),
        ("Python 3.16.0rc1", "3.16.0", False),
        ("13.16.0 and 3.16.0.1", "3.16.0", False),
        ("https://www.python.org/downloads/release/python-3160/", "/downloads/release/python-3160/", True),
        ("/downloads/release/python-3160rc1/", "/downloads/release/python-3160", False),
    ],
)
def test_another_version_is_not_the_expected_one(text, expected, is_found):
    assert live_checks.contains(text, expected) == is_found


def test_a_red_light_is_tried_again_by_whoever_may_change_the_thing(edge, publish, client, django_capture_on_commit_callbacks):
    edge.status = 503
    release = publish(ReleaseFactory())
    known = {"Saved": "", "Published": "", "Purged": "stop", "Visible": "wait", "Everywhere": "wait"}
    assert states(release) | {"Saved": "", "Published": ""} == known
    edge.status, edge.body = 200, f"{release.version_string} {release.get_absolute_url()}".encode()
    client.force_login(UserFactory(role="Job board"))
    assert client.post(again_url(release)).status_code == 302
    assert Purge.objects.get().status == Purge.Status.FAILED
    client.force_login(UserFactory(role="Release managers"))
    edit_url = reverse(release.snippet_viewset.get_url_name("edit"), args=[release.pk])
    html = client.get(edit_url).content.decode()
    assert again_url(release) in html
    assert "lights--stop" in html
    assert "from all caches and check it again?" in client.get(again_url(release)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(again_url(release))["Location"] == edit_url
    assert set(states(release).values()) == {"ok"}
    assert "lights--ok" in client.get(edit_url).content.decode()
    assert ModelLogEntry.objects.filter(action="cms.purge_again").exists()


def test_nothing_to_try_again(client):
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    user_type = ContentType.objects.get(app_label="users", model="user")
    assert client.post(reverse("live_again", args=[user_type.pk, 1])).status_code == 404
    assert client.post(reverse("live_again", args=[99999, 1])).status_code == 404


def test_without_a_cache_in_front_the_site_itself_is_requested(edge, settings, publish):
    settings.CDN_BACKEND = "none"
    assert states(publish(BannerFactory()))["Purged"] == "off"
    assert edge.requests[-1].path == "/"
    publish(MenuFactory(place="psf"))
    assert [request.path for request in edge.requests] == ["/", "/psf/"]


def test_pages_are_looked_for(edge, publish, client):
    fill(pages_only=True)
    assert not LiveCheck.objects.exclude(status="waiting").exists()
    page = publish(StandardPage.objects.first())
    assert edge.requests[-1].path == page.url
    client.force_login(UserFactory(role="Content editors"))
    html = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "lights--ok" in html
    page.save_revision()
    page.refresh_from_db()
    assert live_checks.publication_steps(page)[1].note == "The draft has newer changes."


@pytest.mark.parametrize(("status", "state"), [(404, "ok"), (410, "ok"), (301, "ok"), (200, "stop"), (503, "stop")])
def test_what_was_taken_off_is_gone_when_its_address_shows_nothing(edge, settings, publish, take_off, status, state):
    release = publish(ReleaseFactory())
    edge.status = status
    with RecordingServer() as api:
        settings.CDN_BACKEND, settings.CDN_URL = "fastly", api.url
        take_off(release)
    assert [light.name for light in live_checks.publication_steps(release)] == ["Saved", "Published", "Purged", "Gone"]
    assert states(release)["Gone"] == state


def test_a_page_that_is_still_shown_is_requested_again_until_it_is_gone(
    edge, client, publish, take_off, django_capture_on_commit_callbacks
):
    fill(pages_only=True)
    page = take_off(publish(StandardPage.objects.first()))
    gone = live_checks.publication_steps(page)[-1]
    assert (gone.state, gone.note) == ("stop", f"{edge.url}{page.url} still returns 200.")
    client.force_login(UserFactory(role="Content editors"))
    edit_url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert "Still visible" in client.get(edit_url).content.decode()
    edge.status = 404
    with django_capture_on_commit_callbacks(execute=True):
        check_live_urls.enqueue()
    assert states(page)["Gone"] == "ok"
    assert "Still visible" not in client.get(edit_url).content.decode()
    assert not LiveCheck.objects.due().exists()
    edge.status = 200
    assert states(publish(page))["Visible"] == "ok"


def test_a_banner_is_gone_when_pages_are_newer(edge, publish, take_off):
    banner = publish(BannerFactory())
    assert states(take_off(banner))["Gone"] == "ok"
    edge.headers["Age"] = "90"
    assert states(take_off(publish(banner)))["Gone"] == "stop"


def test_what_was_never_published_has_no_light_for_visitors():
    assert states(BoxFactory(live=False)) == {"Saved": "ok", "Published": "off"}


def test_old_publications_need_no_light(publish, edge):
    box, later = publish(BoxFactory()), timezone.now() + timedelta(days=31)
    assert [light.name for light in live_checks.publication_steps(box, later)] == ["Saved", "Published", "Visible"]
    assert [sighting.title for sighting in LiveCheck.objects.forgettable(later)] == [box.label]
    assert not LiveCheck.objects.forgettable().exists()
