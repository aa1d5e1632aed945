"""Concurrent changes to releases by scripts and staff do not overwrite each other."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from wagtail.models import ModelLogEntry

from downloads import workflows
from downloads.models import Release, ReleaseFile
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
NOTES, OTHER_NOTES = "https://docs.python.org/3.14/", "https://docs.python.org/3.15/"


@pytest.fixture
def manager():
    return UserFactory(role="Release managers")


def file_values(os, **changes):
    return {"slug": "a", "name": "a", "os": os, "url": "https://www.python.org/ftp/a.exe", "download_button": True} | changes


def form_of(release):
    """Return the version of the release that the admin form opens."""
    return Release.objects.get(pk=release.pk).get_latest_revision_as_object()


def actions(release):
    return list(ModelLogEntry.objects.for_instance(release).order_by("timestamp", "pk").values_list("action", flat=True))


def test_the_form_opens_on_what_a_script_wrote_to_a_draft(manager):
    release = workflows.create_release({"name": "Python 3.15.0"}, by=manager)
    release = workflows.write_release(release, {"release_notes_url": NOTES}, by=manager)
    assert form_of(release).release_notes_url == NOTES
    assert Release.objects.get().release_notes_url == NOTES
    assert actions(release) == ["wagtail.create", "wagtail.edit"]
    assert ModelLogEntry.objects.for_instance(release).latest("timestamp").user == manager


def test_the_form_opens_on_what_a_script_wrote_to_a_published_release(manager):
    release = ReleaseFactory()
    workflows.write_release(release, {"release_notes_url": NOTES}, by=manager)
    release.refresh_from_db()
    assert release.release_notes_url == NOTES
    assert form_of(release).release_notes_url == NOTES
    assert not release.has_unpublished_changes
    assert release.live_revision.as_object().release_notes_url == NOTES


def test_a_script_leaves_the_draft_of_staff_a_draft(manager):
    release = ReleaseFactory(name="Python 3.14.0")
    release.show_on_download_page = False
    release.save_revision(user=manager)
    workflows.write_release(release, {"release_notes_url": NOTES}, by=manager)
    release = Release.objects.get()
    assert (release.release_notes_url, release.show_on_download_page) == (NOTES, True)
    assert release.has_unpublished_changes
    draft = form_of(release)
    assert (draft.release_notes_url, draft.show_on_download_page) == (NOTES, False)
    draft.latest_revision.publish(user=manager)
    release = Release.objects.get()
    assert (release.release_notes_url, release.show_on_download_page) == (NOTES, False)


def test_a_script_keeps_what_staff_wrote_to_an_unpublished_draft(manager):
    release = workflows.create_release({"name": "Python 3.15.0rc1"}, by=manager)
    draft = form_of(release)
    draft.show_on_download_page = False
    draft.save_revision(user=manager)
    workflows.write_release(release, {"release_notes_url": OTHER_NOTES}, by=manager)
    assert (form_of(release).show_on_download_page, form_of(release).release_notes_url) == (False, OTHER_NOTES)


def test_a_script_finds_a_draft_under_the_name_that_staff_gave_it_last(manager):
    release = workflows.create_release({"name": "Python 3.15.0rc1"}, by=manager)
    draft = form_of(release)
    draft.name = "Python 3.15.0rc2"
    draft.save_revision(user=manager)
    assert Release.objects.get(name="Python 3.15.0rc2", serial=2).pk == release.pk


def test_publishing_an_older_draft_drops_no_file(manager):
    release = workflows.create_release({"name": "Python 3.15.0"}, by=manager)
    opened = release.save_revision(user=manager)
    file = ReleaseFileFactory(release=release)
    opened.publish(user=manager)
    assert list(Release.objects.get(live=True).files.all()) == [file]


def test_the_same_write_twice_leaves_one_revision(manager):
    release = ReleaseFactory()
    for _ in range(2):
        workflows.write_release(release, {"release_notes_url": NOTES}, by=manager)
    assert release.revisions.count() == 1


def test_publishing_takes_the_newest_draft_and_happens_once(manager):
    release = workflows.create_release({"name": "Python 3.15.0"}, by=manager)
    draft = form_of(release)
    draft.release_notes_url = NOTES
    draft.save_revision(user=manager)
    for _ in range(2):
        published = workflows.publish_release(release, by=manager)
        assert (published.live, published.release_notes_url, published.has_unpublished_changes) == (True, NOTES, False)
    assert actions(release) == ["wagtail.create", "wagtail.publish"]


def test_unpublishing_hides_a_release_and_keeps_it(manager):
    release = ReleaseFactory()
    workflows.unpublish_release(release, by=manager)
    assert not Release.objects.get().live
    assert actions(release) == ["wagtail.unpublish"]


def test_a_release_that_somebody_has_locked_is_left_alone(manager):
    release = ReleaseFactory(locked=True, locked_by=UserFactory())
    for act in (
        lambda: workflows.write_release(release, {"release_notes_url": NOTES}, by=manager),
        lambda: workflows.publish_release(release, by=manager),
        lambda: workflows.delete(release, by=manager),
    ):
        with pytest.raises(ValidationError, match="Resolve this in the admin first"):
            act()
    assert Release.objects.get().release_notes_url == ""


def test_only_those_who_may_publish_change_what_is_published():
    release = ReleaseFactory()
    with pytest.raises(PermissionDenied):
        workflows.write_release(release, {"release_notes_url": NOTES}, by=UserFactory())
    assert Release.objects.get().release_notes_url == ""


def test_a_draft_that_breaks_a_rule_is_not_published(manager):
    ReleaseFactory(name="Python 3.14.0")
    release = ReleaseFactory(name="Python 3.15.0", live=False)
    draft = form_of(release)
    draft.slug = "python-3140"
    Release.objects.filter(pk=release.pk).update(has_unpublished_changes=True)
    draft.has_unpublished_changes = True
    with pytest.raises(ValidationError, match="already exists"):
        draft.save_revision(user=manager)
    assert not Release.objects.get(name="Python 3.15.0").live


@pytest.mark.proves("S3-38")
def test_files_are_written_together_or_not_at_all(manager):
    release, windows = ReleaseFactory(), OSFactory()
    good, bad = file_values(windows), file_values(windows, slug="b", url="https://example.org/b.exe", download_button=False)
    with pytest.raises(ValidationError, match="a: The URL must start with") as refusal:
        workflows.write_files(release, [good, bad], by=manager)
    assert refusal.value.messages[0].startswith("a: ")
    assert not ReleaseFile.objects.exists()


def test_files_keep_their_ids_when_they_are_replaced(manager):
    release, windows = ReleaseFactory(), OSFactory()
    workflows.write_files(
        release,
        [file_values(windows), file_values(windows, slug="b", url="https://www.python.org/b", download_button=False)],
        by=manager,
    )
    kept = ReleaseFile.objects.get(slug="a")
    assert workflows.write_files(release, [file_values(windows, description="New")], by=manager, replace=True)
    assert list(ReleaseFile.objects.values_list("pk", "description")) == [(kept.pk, "New")]
    assert not workflows.write_files(release, [file_values(windows, description="New")], by=manager, replace=True)


def test_the_button_moves_from_one_file_to_another(manager):
    release, windows = ReleaseFactory(), OSFactory()
    first, second = file_values(windows), file_values(windows, slug="b", url="https://www.python.org/b", download_button=False)
    workflows.write_files(release, [first, second], by=manager)
    moved = [first | {"download_button": False}, second | {"download_button": True}]
    workflows.write_files(release, moved[::-1], by=manager)
    assert release.files.get(download_button=True).slug == "b"


@pytest.mark.proves("S2-48j")
def test_every_change_of_a_file_is_in_the_log(manager):
    release, windows = ReleaseFactory(), OSFactory()
    workflows.write_files(release, [file_values(windows)], by=manager)
    workflows.write_files(release, [file_values(windows, description="New")], by=manager)
    workflows.delete_files(release, by=manager)
    entries = ModelLogEntry.objects.filter(content_type__model="releasefile").order_by("timestamp", "pk")
    assert list(entries.values_list("action", "user")) == [
        (action, manager.pk) for action in ("wagtail.create", "wagtail.edit", "wagtail.delete")
    ]
