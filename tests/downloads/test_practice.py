"""Practice releases: visible to staff on all pages, hidden from visitors, and removed with one click."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from downloads import workflows
from downloads.models import Release, ReleaseFile, ReleaseTask
from downloads.preparation import start_release
from tests.databases import fill
from tests.downloads.admin_forms import edit_address, release_form
from tests.factories.downloads import OSFactory, ReleaseFileFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/downloads/release/python-3991/"


@pytest.fixture
def manager(client):
    manager = UserFactory(role="Release managers")
    client.force_login(manager)
    return manager


@pytest.fixture
def release(manager):
    fill(pages_only=True)
    release = start_release("3.99.1", timezone.now(), by=manager, practice=True)
    ReleaseFileFactory(release=release, os=OSFactory(slug="windows"), download_button=True)
    return Release.objects.get()


def test_staff_see_it_everywhere_and_visitors_nowhere(client, release, manager):
    url = reverse("downloads_practice", args=[release.pk])
    response = client.get(url)
    assert {place.url for place, _ in response.context["rows"]} >= {
        *("/", "/downloads/", "/downloads/windows/", "/downloads/latest/python3/", "/downloads/feed.rss", "/sitemap.xml"),
        *(f"/api/v1/downloads/release/{release.pk}/", "/api/v3/releases/python-3991/", "/api/v3/releases/index.json"),
    }
    assert [place.name for place, is_shown in response.context["rows"] if not is_shown] == []
    shown = client.get(url, {"path": PAGE})
    assert ("Python 3.99.1" in shown.content.decode(), "no-store" in shown["Cache-Control"]) == (True, True)
    client.logout()
    for place, _ in response.context["rows"]:
        text = b"".join(client.get(place.url)).decode()
        assert "3.99.1" not in text.replace("q=3.99.1", "").replace('value="3.99.1"', "") or place.name == "Search", place
        assert PAGE not in text
    assert client.get(PAGE).status_code == 404
    assert client.get(url).status_code == 302
    client.force_login(UserFactory(role="Content editors"))
    assert client.get(url, {"path": PAGE}).status_code in {302, 403}


def test_no_route_publishes_it(client, release, manager):
    with pytest.raises(ValidationError, match="cannot be published"):
        workflows.publish_release(release, by=manager)
    form = release_form(name=release.name, slug=release.slug, practice="on") | {"action-publish": "1"}
    html = client.post(edit_address(release), form).content.decode()
    assert "A practice release cannot be published." in html
    later = timezone.now() + timedelta(hours=1)
    client.post(edit_address(release), form | {"go_live_at": f"{later:%Y-%m-%d %H:%M}"})
    assert not Release.objects.get().revisions.exclude(approved_go_live_at=None).exists()
    call_command("publish_scheduled")
    with pytest.raises(ValidationError):
        release.save_revision().publish(user=manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.update(live=True)
    assert not Release.objects.get().live


def test_one_click_removes_it_with_its_files_and_checklist(client, release, manager):
    url = reverse("downloads_practice", args=[release.pk])
    assert "Delete practice release" in client.get(url).content.decode()
    assert "was deleted" in client.post(url, follow=True).content.decode()
    assert (Release.objects.count(), ReleaseFile.objects.count(), ReleaseTask.objects.count()) == (0, 0, 0)
    real = start_release("3.99.1", timezone.now(), by=manager)
    assert client.get(reverse("downloads_practice", args=[real.pk])).status_code == 404


def test_the_form_starts_a_practice_release(client, manager):
    form = {"name": "3.99.2", "release_date": "2026-12-01T16:00", "practice": "on"}
    html = client.post(reverse("downloads_start_release"), form, follow=True).content.decode()
    assert "Practice page" in html
    assert "Practice" in client.get("/admin/downloads/releases/").content.decode()
