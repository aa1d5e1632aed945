"""Bulk edit of release files: each field, refusals of the whole action, and its undo."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from cms.undo.models import UndoStep
from downloads.models import ReleaseFile
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
FILES = "/admin/downloads/files/"


@pytest.fixture
def manager(client):
    client.force_login(UserFactory(role="Release managers"))
    return client


@pytest.fixture
def files():
    """Two files of a published release, for different operating systems."""
    release = ReleaseFactory(live=True)
    return [
        ReleaseFileFactory(release=release, os=OSFactory(slug=slug), name=slug, description="Old", download_button=False)
        for slug in ("windows", "macos")
    ]


def permissions(*names):
    return [Permission.objects.get(content_type__app_label=name.split(".")[0], codename=name.split(".")[1]) for name in names]


def edit(client, files, **chosen):
    url = reverse("wagtail_bulk_action", args=["downloads", "releasefile", "edit"])
    return client.post(f"{url}?{'&'.join(f'id={file.pk}' for file in files)}&next={FILES}", chosen)


def stored(files, *fields):
    return list(ReleaseFile.objects.filter(pk__in=[file.pk for file in files]).order_by("pk").values_list(*fields))


def test_files_are_edited_and_the_action_is_undone(manager, files):
    for file in files:
        ReleaseFile.objects.filter(pk=file.pk).update(gpg_signature_file=file.url + ".asc")
    before = stored(files, "description", "download_button", "gpg_signature_file", "sigstore_bundle_file")
    response = edit(
        manager,
        files,
        description="For testing.",
        download_button="yes",
        add_side_files=["sigstore_bundle_file"],
        remove_side_files=["gpg_signature_file"],
    )
    assert response.url == FILES
    assert stored(files, "description", "download_button", "gpg_signature_file", "sigstore_bundle_file") == [
        ("For testing.", True, "", f"{file.url}.sigstore") for file in files
    ]
    batch = UndoStep.objects.values_list("batch", flat=True).distinct().get()
    assert "2 files were changed." in manager.get(FILES).content.decode()
    manager.post(reverse("undo", args=[batch]))
    assert stored(files, "description", "download_button", "gpg_signature_file", "sigstore_bundle_file") == before


def test_descriptions_are_deleted_and_the_rest_stays(manager, files):
    edit(manager, files, clear_description="on")
    assert stored(files, "description", "os", "name") == [("", file.os_id, file.name) for file in files]


def test_an_operating_system_is_changed(manager, files):
    linux = OSFactory(slug="linux")
    edit(manager, files, os=linux.pk)
    assert stored(files, "os") == [(linux.pk,), (linux.pk,)]


def test_nothing_changes_if_one_file_cannot_change(manager, files):
    """Both files would be the download button of one operating system."""
    response = edit(manager, files, os=files[0].os_id, download_button="yes")
    html = response.content.decode()
    assert response.status_code == 200
    assert f"{files[0].name} of {files[0].release}: Another file of this release is already the download button" in html
    assert stored(files, "os", "download_button") == [(file.os_id, False) for file in files]
    assert not UndoStep.objects.exists()
    assert "You can undo this" not in manager.get(FILES).content.decode()


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        ({}, "Choose at least one change."),
        ({"description": "New", "clear_description": "on"}, "not both"),
        ({"add_side_files": ["gpg_signature_file"], "remove_side_files": ["gpg_signature_file"]}, "at the same time"),
    ],
)
def test_the_form_explains_what_is_missing(manager, files, chosen, text):
    assert text in edit(manager, files, **chosen).content.decode()
    assert stored(files, "description") == [("Old",), ("Old",)]


@pytest.mark.parametrize("ids", ["", "id=999999", "id=x&id=-1&id=99999999999999999999"])
def test_a_selection_without_files_is_explained(manager, ids):
    url = reverse("wagtail_bulk_action", args=["downloads", "releasefile", "edit"])
    assert "No file is selected." in manager.get(f"{url}?{ids}").content.decode()


def test_the_register_offers_checkboxes_to_those_who_may_edit(manager, client, files):
    html = manager.get(FILES).content.decode()
    assert "Edit selected files" in html
    assert f'name="id" value="{files[0].pk}" form="edit-files"' in html
    viewer = UserFactory(role="Release managers")
    viewer.groups.clear()
    viewer.user_permissions.set(permissions("wagtailadmin.access_admin", "downloads.view_releasefile"))
    client.force_login(viewer)
    html = client.get(FILES).content.decode()
    assert files[0].name in html
    assert "Edit selected files" not in html
    assert 'form="edit-files"' not in html


def test_others_change_nothing(client, files):
    client.force_login(UserFactory(role="Job board"))
    edit(client, files, description="New")
    assert stored(files, "description") == [("Old",), ("Old",)]
