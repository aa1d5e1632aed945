"""Sections that are still edited on the previous site: read-only forms, rejected writes, and the lock of an import."""

import json
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from cms.content.models.boxes import Box
from downloads.models import OS, Release
from downloads.viewsets import OSViewSet
from home.models import StandardPage
from importer.models import ImportedRow, ParallelRunning, Section
from importer.parallel import APPS, EditedOnPreviousSiteError, guarded, locked_models, old_url, tables
from jobs.models import Job, JobCategory
from tests.admin_forms import form_of
from tests.databases import fill
from tests.factories.downloads import OSFactory, ReleaseFactory
from tests.factories.users import UserFactory, key_for
from tests.jobs.conftest import job_form_data
from users.models import User

pytestmark = pytest.mark.django_db
OLD = "https://old.example.org"
TOMORROW = timedelta(days=1)
READ_ONLY = '<fieldset class="read-only-form" disabled>'
LOCKED = "this is still edited on the previous site"


@pytest.fixture
def lock():
    """Return a function that locks sections until tomorrow."""
    row = ParallelRunning.load()
    row.previous_site_url = OLD
    row.save()

    def lock(*sections):
        ParallelRunning.lock(list(sections), timezone.localdate() + TOMORROW)

    return lock


@pytest.fixture
def staff(client):
    person = User.objects.create_superuser("staff", "staff@example.org", "password")
    client.force_login(person)
    return person


def answer_of(row, client):
    """Return the edit form of an operating system with another name."""
    return form_of(row, OSViewSet().get_edit_handler(), client) | {"name": "Changed"}


def writers():
    """Return a request for each API that creates an operating system or a release."""
    person = UserFactory(role="Release managers")
    v1 = {"Authorization": f"ApiKey {person.username}:{key_for(person, 'v1')}"}
    v2 = {"Authorization": f"Token {key_for(person, 'v2')}"}
    v3 = {"X-API-Key": key_for(person, "v3")}
    return [
        ("post", "/api/v1/downloads/os/", {"name": "Haiku", "slug": "haiku"}, v1),
        ("post", "/api/v2/downloads/os/", {"name": "Haiku", "slug": "haiku"}, v2),
        ("post", "/api/v3/releases/", {"name": "Python 3.15.0", "release_date": "2026-10-01T15:00:00Z"}, v3),
    ]


@pytest.mark.parametrize("number", [0, 1, 2], ids=["v1", "v2", "v3"])
def test_each_api_refuses_to_write_to_a_locked_section_and_says_where(client, lock, number):
    method, path, data, headers = writers()[number]
    lock(Section.DOWNLOADS)
    response = getattr(client, method)(path, json.dumps(data), content_type="application/json", headers=headers)
    assert response.status_code == 423, response.content
    assert LOCKED in response.json()["detail"]
    assert f"{OLD}/admin/downloads/" in response.json()["detail"]
    assert not OS.objects.filter(slug="haiku").exists()
    assert not Release.objects.exists()
    # Reading continues, and so does writing after the lock is lifted.
    assert client.get("/api/v2/downloads/release/").status_code == 200
    ParallelRunning.objects.update(downloads_until=None)
    assert getattr(client, method)(path, json.dumps(data), content_type="application/json", headers=headers).status_code < 300


def test_a_lock_ends_with_its_date(lock):
    lock(Section.JOBS)
    now = timezone.now()
    assert ParallelRunning.locks(at=now) == {Section.JOBS: timezone.localdate(now) + TOMORROW}
    assert ParallelRunning.locks(at=now + TOMORROW) == {}


def test_the_form_of_a_locked_record_is_read_only_and_links_to_the_same_record(client, lock, staff):
    row, other = OSFactory(), ReleaseFactory()
    ImportedRow.remember("downloads.os", {str(row.pk): "x"}, {})
    lock(Section.DOWNLOADS)
    for url in (reverse("downloads_os:edit", args=[row.pk]), reverse("wagtailsnippets_downloads_release:edit", args=[other.pk])):
        page = BeautifulSoup(client.get(url).content, "html.parser")
        assert LOCKED in page.text
        (form,) = [form for form in page.find_all("form") if form.find(attrs={"name": "name"})]
        assert [child.name for child in form.find_all(recursive=False)] == ["fieldset"]
        assert form.fieldset.has_attr("disabled")
    assert (
        f"{OLD}/admin/downloads/os/{row.pk}/change/" in client.get(reverse("downloads_os:edit", args=[row.pk])).content.decode()
    )
    assert READ_ONLY in client.get(reverse("downloads_os:add")).content.decode()
    # A form that was opened before.
    response = client.post(reverse("downloads_os:edit", args=[row.pk]), answer_of(row, client))
    assert response.status_code == 423
    assert LOCKED in response.content.decode()
    # The admin takes the refusal for a missing permission.
    assert "do not have permission" not in response.content.decode()
    assert "do not have permission" not in client.get("/admin/").content.decode()
    assert OS.objects.get(pk=row.pk).name == row.name


def test_no_form_is_read_only_where_nothing_is_locked(client, lock, staff):
    row = OSFactory()
    lock(Section.JOBS)
    text = client.get(reverse("downloads_os:edit", args=[row.pk])).content.decode()
    assert READ_ONLY not in text
    assert LOCKED not in text


def test_pages_keep_their_place_their_draft_and_their_text(client, lock, staff):
    fill(pages_only=True)
    page = StandardPage.objects.first()
    lock(Section.PAGES)
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    text = client.get(edit).content.decode()
    assert READ_ONLY in text
    revisions = page.revisions.count()
    asked = {"title": "Changed", "slug": page.slug, "body-count": "0", "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"}
    assert client.post(edit, asked).status_code == 423
    parent = StandardPage.objects.exclude(pk=page.pk).exclude(path__startswith=page.path).exclude(pk=page.get_parent().pk).first()
    assert client.post(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, parent.pk])).status_code == 423
    assert client.post(reverse("wagtailadmin_pages:delete", args=[page.pk])).status_code == 423
    assert client.post(reverse("wagtailadmin_pages:unpublish", args=[page.pk])).status_code == 423
    after = StandardPage.objects.get(pk=page.pk)
    assert (after.title, after.live, after.path, after.revisions.count()) == (page.title, page.live, page.path, revisions)


def test_the_public_forms_of_a_locked_section_are_refused(client, lock):
    client.force_login(UserFactory())
    typed = job_form_data()
    lock(Section.JOBS)
    response = client.post("/jobs/create/", typed, headers={"Origin": "http://testserver"})
    assert response.status_code == 423
    assert "You build **pipelines**." in response.content.decode(), "Nothing that was typed is lost."
    assert f'href="{OLD}/admin/jobs/job/"' in response.content.decode()
    assert not Job.objects.exists()
    ParallelRunning.objects.update(jobs_until=None)
    assert client.post("/jobs/create/", typed).status_code == 302


def test_bulk_statements_are_refused_too(lock):
    row = OSFactory()
    lock(Section.DOWNLOADS)
    with guarded(ParallelRunning.locks()) as guard:
        for write in (
            lambda: OS.objects.filter(pk=row.pk).update(name="Changed"),
            lambda: OS.objects.bulk_create([OS(name="Haiku", slug="haiku")]),
            lambda: OS.objects.filter(pk=row.pk).delete(),
        ):
            with pytest.raises(EditedOnPreviousSiteError, match=LOCKED), transaction.atomic():
                write()
        # Another section, and reading.
        JobCategory.objects.create(name="Engineering", slug="engineering")
        assert OS.objects.get(pk=row.pk).name == row.name
    assert guard.url == f"{OLD}/admin/downloads/os/"


def test_each_section_has_records_and_accounts_are_never_locked():
    assert set(locked_models().values()) == set(Section) == set(APPS)
    assert {Release, Job, Box, StandardPage} <= set(locked_models())
    assert User not in locked_models()
    assert not {"wagtailcore_page", "users_user", "cms_customimage"} & set(tables())


def test_old_urls_of_pages_use_the_ids_of_the_previous_site(lock):
    fill(pages_only=True)
    page = StandardPage.objects.first()
    ImportedRow.remember("pages.page", {"17": "x"}, {"17": page.pk})
    assert old_url(StandardPage, page) == f"{OLD}/admin/pages/page/17/change/"
    assert old_url(Release) == f"{OLD}/admin/downloads/release/"


def test_superusers_lift_the_lock_in_the_admin(client, lock, staff):
    row = OSFactory()
    lock(Section.DOWNLOADS, Section.JOBS)
    url = reverse("wagtailsettings:edit", args=["importer", "parallelrunning", ParallelRunning.load().pk])
    assert client.post(url, {"previous_site_url": OLD, "jobs_until": "2099-01-01"}).status_code == 302
    assert list(ParallelRunning.locks()) == [Section.JOBS]
    changed = client.post(reverse("downloads_os:edit", args=[row.pk]), answer_of(row, client))
    assert changed.status_code == 302
    client.force_login(UserFactory(role="Release managers"))
    assert client.get(url).status_code == 302, "Only people with the permission change locks."


def test_an_import_writes_to_locked_sections_sets_locks_and_names_them(lock, tmp_path, capsys):
    dump = tmp_path / "dump.json"
    rows = [{"model": "successstories.storycategory", "pk": 7, "fields": {"name": "Science", "slug": "science"}}]
    dump.write_text(json.dumps(rows))
    until = timezone.localdate() + TOMORROW
    call_command("import_pydotorg", str(dump), lock_until=until.isoformat())
    assert list(ParallelRunning.locks()) == [Section.COMMUNITY]
    assert "Locked here until" in capsys.readouterr().out
    rows[0]["fields"]["name"] = "Sciences"
    dump.write_text(json.dumps(rows))
    call_command("import_pydotorg", str(dump), delta=True)
    assert "Community" in capsys.readouterr().out
    assert locked_models()  # The guard covers requests alone.
    ParallelRunning.objects.update(community_until=None)
    call_command("import_pydotorg", str(dump), delta=True)
    assert "Editable on both sites" in capsys.readouterr().out
