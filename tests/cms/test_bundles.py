"""Bundles: several drafts go live together, are previewed together, and are undone together."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, Page, Revision

from cms.content.models.banners import Banner
from cms.content.models.boxes import Box
from cms.content.models.reviews import PageReviewTask
from cms.delivery import cached, surrogate_keys
from cms.delivery.models import LiveCheck, Purge
from cms.editor import bundles, milestones
from cms.editor.models import Bundle
from community.models import PostPage
from downloads.models import Release
from home.models import HomePage, StandardPage
from tests.databases import fill
from tests.factories.cms import BoxFactory
from tests.factories.downloads import ReleaseFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


def draft(model, **values):
    """Return a snippet that was never published."""
    row = model(live=False, **values)
    row.save()
    row.save_revision()
    return model.objects.get(pk=row.pk)


def page(parent, kind=StandardPage, *, live=False, **values):
    one = parent.add_child(instance=kind(live=live, **values))
    revision = one.save_revision()
    if live:
        revision.publish()
    return kind.objects.get(pk=one.pk)


@pytest.fixture
def home():
    fill(pages_only=True)
    return HomePage.objects.get()


@pytest.fixture
def admin():
    return UserFactory(is_superuser=True, is_staff=True)


@pytest.fixture
def things(home):
    """Create a release, its news, a page and a banner, and change a box that is already published."""
    box = BoxFactory(label="current", body=[("text", "<p>Python 3.15 is current.</p>")])
    box.save_revision().publish()
    box.body = [("text", "<p>Python 3.16 is current.</p>")]
    box.save_revision()
    return [
        draft(Release, name="Python 3.16.0"),
        page(home, PostPage, title="Python 3.16.0 is out", slug="python-3160-out"),
        page(home, title="What is new in 3.16", slug="new-in-3-16"),
        draft(Banner, message="Python 3.16.0 is out."),
        Box.objects.get(pk=box.pk),
    ]


@pytest.fixture
def bundle(things, admin):
    bundle = Bundle.objects.create(name="Python 3.16.0")
    bundles.add_items(bundle, things, by=admin)
    return bundle


PATHS = {
    "/downloads/release/python-3160/": "Python 3.16.0",
    "/python-3160-out/": "Python 3.16.0 is out",
    "/new-in-3-16/": "What is new in 3.16",
    "/": "Python 3.16.0 is out.",
    "/box/current/": "Python 3.16 is current.",
}


def shown(client):
    """Return the paths at which a visitor sees the contents of the bundle."""
    client.logout()
    return {path for path, text in PATHS.items() if text in client.get(path).content.decode()}


def test_five_things_go_live_within_a_second_with_one_purge_and_are_taken_back(
    client, bundle, admin, settings, django_capture_on_commit_callbacks
):
    settings.CDN_BACKEND, settings.CDN_URL = "http", "http://127.0.0.1:9/"
    assert shown(client) == set()
    with django_capture_on_commit_callbacks(execute=True):
        bundles.publish(bundle, by=admin)
    assert shown(client) == set(PATHS)
    times = [item.thing.last_published_at for item in bundle.items.all()]
    assert max(times) - min(times) < timedelta(seconds=1)
    assert Purge.objects.count() == 1
    assert {"downloads", surrogate_keys.SITE_KEY} <= set(Purge.objects.get().keys)
    with django_capture_on_commit_callbacks(execute=True):
        bundles.undo(Bundle.objects.get(), by=admin)
    assert shown(client) == set()
    assert "Python 3.15 is current." in client.get("/box/current/").content.decode()
    assert Purge.objects.count() == 2
    assert (Bundle.objects.get().status, Box.objects.get(label="current").has_unpublished_changes) == ("undone", True)
    # The drafts are kept, so that the bundle can be published once more.
    bundles.publish(Bundle.objects.get(), by=admin)
    assert shown(client) == set(PATHS)


def test_nothing_is_published_if_one_of_them_cannot_be(client, bundle, admin, things):
    banner = things[3]
    banner.locked, banner.locked_by, banner.locked_at = True, UserFactory(), timezone.now()
    banner.save()
    with pytest.raises(ValidationError, match="is locked"):
        bundles.publish(bundle, by=admin)
    assert (shown(client), bundle.items.exclude(revision=None).count()) == (set(), 0)


def test_each_thing_needs_the_right_to_publish_it(client, bundle, things):
    manager, editor = UserFactory(role="Release managers"), UserFactory(role="Content editors")
    for user in (manager, editor):
        with pytest.raises(ValidationError, match="permission to publish"):
            bundles.publish(bundle, by=user)
    with pytest.raises(ValidationError, match="permission to publish"):
        bundles.add_items(Bundle.objects.create(name="Mine"), things, by=manager)
    assert [type(row) for row in bundles.candidates(manager)] == [Release]
    assert {type(row) for row in bundles.candidates(editor)} == {PostPage, StandardPage, Banner, Box}
    client.force_login(manager)
    assert client.get(reverse("cms_bundle_preview", args=[bundle.pk])).status_code in {302, 403}
    assert "3.16 is current" not in client.get(reverse("cms_bundle_preview", args=[bundle.pk]), follow=True).content.decode()


def test_reserved_pages_still_need_their_reviewers(client, home):
    about = page(home, title="Privacy notice", slug="privacy-new", live=True)
    about.title = "Privacy notice 2"
    about.save_revision()
    editor = UserFactory(role="Content editors")
    assert about in [row.specific for row in bundles.candidates(editor) if isinstance(row, Page)]
    task = PageReviewTask.objects.get(name="Legal review")
    task.addresses = "/privacy-new/"
    task.save()
    editor = UserFactory(role="Content editors")
    assert about not in [row.specific for row in bundles.candidates(editor) if isinstance(row, Page)]
    bundle = Bundle.objects.create(name="Privacy")
    with pytest.raises(ValidationError, match="permission to publish"):
        bundles.add_items(bundle, [StandardPage.objects.get(pk=about.pk)], by=editor)


def test_a_schedule_publishes_the_drafts_of_now_to_the_second(bundle, admin, things):
    at = timezone.now() + timedelta(seconds=1.5)
    bundles.schedule(bundle, at, by=admin)
    box = things[4]
    box.body = [("text", "<p>Later.</p>")]
    box.save_revision()
    assert list(Bundle.objects.due(timedelta(minutes=1))) == [bundle]
    bundles.publish_on_time.func(bundle.pk)
    bundle.refresh_from_db()
    assert bundle.status == "published"
    assert timedelta(0) <= bundle.published_at - at < timedelta(seconds=1)
    box = Box.objects.get(label="current")
    assert ("3.16 is current" in str(box.body), box.has_unpublished_changes) == (True, True)
    # A second worker, or a second run, does nothing.
    published = bundle.published_at
    bundles.publish_on_time.func(bundle.pk)
    assert Bundle.objects.get().published_at == published


def test_a_schedule_that_fails_sends_an_email_and_publishes_nothing(
    client, bundle, admin, mailoutbox, django_capture_on_commit_callbacks
):
    bundles.schedule(bundle, timezone.now() + timedelta(seconds=0.3), by=admin)
    admin.is_active = False
    admin.save()
    with django_capture_on_commit_callbacks(execute=True):
        bundles.publish_on_time.func(bundle.pk)
    bundle.refresh_from_db()
    assert (bundle.status, "permission to publish" in bundle.error, shown(client)) == ("failed", True, set())
    assert "was not published" in mailoutbox[0].body
    other = UserFactory(role="Content editors")
    client.force_login(other)
    assert "not published at its time" in client.get("/admin/").content.decode()
    with pytest.raises(ValidationError, match="future"):
        bundles.schedule(bundle, timezone.now(), by=other)


def test_undo_refuses_what_was_published_again_since(bundle, admin, things):
    bundles.publish(bundle, by=admin)
    banner = Banner.objects.get(message="Python 3.16.0 is out.")
    banner.message = "Newer"
    banner.save_revision().publish()
    with pytest.raises(ValidationError, match="published or unpublished since"):
        bundles.undo(bundle, by=admin)
    assert Release.objects.get().live


def test_undo_restores_content_that_had_no_version(admin):
    release = ReleaseFactory(name="Python 3.14.0", show_on_download_page=True)
    assert release.live_revision is None
    release.show_on_download_page = False
    release.save_revision()
    bundle = Bundle.objects.create(name="Hide")
    bundles.add_items(bundle, [Release.objects.get()], by=admin)
    bundles.publish(bundle, by=admin)
    assert not Release.objects.get().show_on_download_page
    bundles.undo(bundle, by=admin)
    assert (Release.objects.get().show_on_download_page, Release.objects.get().live) == (True, True)


def test_a_preview_shows_every_page_and_leaves_nothing(client, bundle, admin):
    before = (Revision.objects.count(), LiveCheck.objects.count(), ModelLogEntry.objects.count(), cached.generation())
    client.force_login(admin)
    for path, text in PATHS.items():
        response = client.get(reverse("cms_bundle_preview", args=[bundle.pk]), {"path": path})
        assert text in response.content.decode(), path
        assert "no-store" in response["Cache-Control"]
    assert (Revision.objects.count(), LiveCheck.objects.count(), ModelLogEntry.objects.count(), cached.generation()) == before
    for path in ("//example.org/", "/admin/", "about"):
        response = client.get(reverse("cms_bundle_preview", args=[bundle.pk]), {"path": path})
        assert response.status_code in {302, 403}
    assert shown(client) == set()


def test_the_screen_adds_removes_schedules_publishes_and_takes_back(client, things, admin):
    client.force_login(admin)
    url = client.post(reverse("cms_bundles:add"), {"name": "Autumn", "note": "Ask Ada first."}).url
    bundle = Bundle.objects.get()
    assert url == reverse("cms_bundle", args=[bundle.pk])
    html = client.get(url).content.decode()
    assert all(name in html for name in ("No items yet", "Python 3.16.0 is out.", "What is new in 3.16", "current"))
    assert "What is new" not in client.get(url, {"q": "is out"}).content.decode()
    assert client.post(url, {"action": "publish"}, follow=True).content.decode().count("The bundle is empty.") == 1
    client.post(url, {"action": "add", "thing": [bundles.key_of(one) for one in things]})
    assert bundle.items.count() == 5
    client.post(url, {"action": "remove", "item": bundle.items.last().pk})
    assert bundle.items.count() == 4
    assert client.post(url, {"action": "schedule", "publish_at": "soon"}).status_code == 422
    html = client.post(url, {"action": "schedule", "publish_at": "2099-01-01 10:00:30"}, follow=True).content.decode()
    assert "10:00:30" in html
    assert bundle.items.exclude(revision=None).count() == 4
    # What is scheduled is not changed any more.
    assert (
        "cannot be changed"
        in client.post(url, {"action": "remove", "item": bundle.items.last().pk}, follow=True).content.decode()
    )
    client.post(url, {"action": "unschedule"})
    assert "was published" in client.post(url, {"action": "publish"}, follow=True).content.decode()
    assert "was undone" in client.post(url, {"action": "undo"}, follow=True).content.decode()
    assert not Release.objects.get().live
    history = client.get(reverse("cms_bundles:history", args=[bundle.pk])).content.decode()
    assert all(text in history for text in ("Scheduled", "Published", "Publication undone"))


def test_others_neither_see_nor_change_bundles(client, bundle):
    url = reverse("cms_bundle", args=[bundle.pk])
    client.force_login(UserFactory(role="Job board"))
    for name in ("cms_bundle", "cms_bundle_preview"):
        assert client.get(reverse(name, args=[bundle.pk])).status_code in {302, 403}
    client.post(url, {"action": "publish"})
    assert Bundle.objects.get().status == "draft"


def test_versions_of_a_bundle_are_never_pruned(bundle, admin):
    bundles.schedule(bundle, timezone.now() + timedelta(days=60), by=admin)
    Revision.objects.update(created_at=timezone.now() - timedelta(days=50))
    pinned = set(bundle.items.values_list("revision_id", flat=True))
    assert pinned.isdisjoint(milestones.prunable())
