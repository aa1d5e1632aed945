"""The trash, undone actions and versions."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from freezegun import freeze_time
from wagtail.log_actions import LogContext
from wagtail.models import Page, Site

from cms.content.models.media import CustomDocument
from cms.undo import files, steps
from cms.undo.models import DAYS_IN_TRASH, RecordVersion, UndoStep
from community.models import Company
from downloads import workflows
from downloads.models import OS, Release, ReleaseFile
from home.models import HomePage, StandardPage
from jobs.models import Job, SavedReply
from psf.models import MembershipKind
from tests.factories.community import CompanyFactory
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import MembershipKindFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    return client


@pytest.fixture
def about():
    home = Page.get_first_root_node().add_child(instance=HomePage(title="Python", slug="front", promise="Readable."))
    Site.objects.update(root_page=home)
    page = home.add_child(instance=StandardPage(title="About", slug="about"))
    page.add_child(instance=StandardPage(title="Team", slug="team"))
    return page


def delete(page, user=None):
    with LogContext(user=user or UserFactory(is_superuser=True)):
        page.delete()
    return UndoStep.objects.in_trash().first()


def undo(step):
    return steps.undo(step.batch, by=step.user)


def test_a_published_release_comes_back_with_its_files_by_the_button_in_the_message(admin):
    release = ReleaseFactory(live=True)
    file = ReleaseFileFactory(release=release)
    deleted = admin.post(reverse(Release.snippet_viewset.get_url_name("delete"), args=[release.pk]), follow=True)
    assert not ReleaseFile.objects.exists()
    step = UndoStep.objects.get()
    assert reverse("undo", args=[step.batch]) in deleted.content.decode()
    restored = admin.post(reverse("undo", args=[step.batch]), follow=True)
    assert "is as it was before" in restored.content.decode()
    assert ReleaseFile.objects.get().pk == file.pk
    assert Release.objects.get().live


def test_records_deleted_together_are_restored_together(admin):
    companies = [CompanyFactory(), CompanyFactory()]
    url = reverse("wagtail_bulk_action", args=["community", "company", "delete"])
    admin.post(f"{url}?{'&'.join(f'id={one.pk}' for one in companies)}")
    assert not Company.objects.exists()
    batch = UndoStep.objects.values_list("batch", flat=True).distinct().get()
    admin.post(reverse("undo", args=[batch]))
    assert set(Company.objects.values_list("pk", flat=True)) == {one.pk for one in companies}


def run_bulk_action(admin, action, *pages):
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    admin.post(f"{url}?{'&'.join(f'id={page.pk}' for page in pages)}", {"include_descendants": "on"})
    return UndoStep.objects.values_list("batch", flat=True).distinct().get()


def live_pages(*pages):
    return [page.pk for page in Page.objects.live().filter(pk__in=[page.pk for page in pages]).order_by("path")]


def test_pages_unpublished_together_are_published_again_together(admin, client, about):
    team = about.get_children().get()
    batch = run_bulk_action(admin, "unpublish", about)
    assert live_pages(about, team) == []
    admin.post(reverse("undo", args=[batch]))
    assert live_pages(about, team) == [about.pk, team.pk]
    assert client.get("/about/team/").status_code == 200


def test_drafts_published_together_are_drafts_again_together(admin, client, about):
    team = about.get_children().get().specific
    changed = about.specific
    changed.title = "About us"
    changed.save_revision()
    team.unpublish()
    batch = run_bulk_action(admin, "publish", about)
    assert live_pages(about, team) == [about.pk, team.pk]
    assert Page.objects.get(pk=about.pk).title == "About us"
    admin.post(reverse("undo", args=[batch]))
    assert live_pages(about, team) == [about.pk]
    restored = Page.objects.get(pk=about.pk)
    assert (restored.title, restored.has_unpublished_changes) == ("About", True)
    assert restored.get_latest_revision_as_object().title == "About us"


@pytest.fixture
def branches(about):
    """Pages of a branch in order, and another branch."""
    pages = [about.add_child(instance=StandardPage(title=title, slug=title.lower())) for title in ("History", "Legal", "Press")]
    other = about.get_parent().add_child(instance=StandardPage(title="Archive", slug="archive"))
    pages[0].add_child(instance=StandardPage(title="First", slug="first"))
    return pages, other


def move_together(admin, destination, *pages):
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "move"])
    response = admin.post(f"{url}?{'&'.join(f'id={page.pk}' for page in pages)}", {"chooser": destination.pk})
    assert response.status_code == 302
    return UndoStep.objects.open().values_list("batch", flat=True).distinct().get()


def children(page):
    return list(Page.objects.get(pk=page.pk).get_children().values_list("slug", flat=True))


def test_pages_moved_together_are_moved_back_to_their_places(admin, client, about, branches):
    pages, archive = branches
    before = children(about)
    batch = move_together(admin, archive, pages[0], pages[1])
    assert children(archive) == ["history", "legal"]
    assert client.get("/archive/history/first/").status_code == 200
    admin.post(reverse("undo", args=[batch]))
    assert children(about) == before
    assert children(archive) == []
    assert client.get("/about/history/first/").status_code == 200
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_page_moved_alone_is_moved_back(admin, about, branches):
    pages, archive = branches
    confirm = reverse("wagtailadmin_pages:move_confirm", args=[pages[2].pk, archive.pk])
    assert admin.get(confirm).status_code == 200
    moved = admin.post(confirm, follow=True).content.decode()
    step = UndoStep.objects.get()
    assert reverse("undo", args=[step.batch]) in moved
    admin.post(reverse("undo", args=[step.batch]))
    assert children(about) == ["team", "history", "legal", "press"]


def test_content_that_was_edited_after_a_move_stays(admin, about, branches):
    pages, archive = branches
    batch = move_together(admin, archive, pages[0])
    page = StandardPage.objects.get(pk=pages[0].pk)
    page.title = "Our history"
    page.save_revision().publish()
    admin.post(reverse("undo", args=[batch]))
    page.refresh_from_db()
    assert (page.title, page.url_path.endswith("/about/history/")) == ("Our history", True)


def move_on(pages, about, archive):
    Page.objects.get(pk=pages[0].pk).move(Page.objects.get(pk=archive.pk).get_parent(), pos="last-child")


def take_the_slug(pages, about, archive):
    Page.objects.get(pk=about.pk).add_child(instance=StandardPage(title="History", slug="history"))


def delete_the_parent(pages, about, archive):
    Page.objects.get(pk=about.pk).delete()


def move_the_parent_below(pages, about, archive):
    Page.objects.get(pk=about.pk).move(Page.objects.get(pk=pages[0].pk), pos="last-child")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (move_on, "has changed since"),
        (take_the_slug, "now has the slug “history”"),
        (delete_the_parent, "the page above it no longer exists"),
        (move_the_parent_below, "you may not move it to “About”"),
    ],
)
def test_a_move_that_cannot_be_undone_says_why(admin, about, branches, change, reason):
    pages, archive = branches
    batch = move_together(admin, archive, pages[0])
    change(pages, about, archive)
    place = Page.objects.get(pk=pages[0].pk).path
    assert reason in admin.post(reverse("undo", args=[batch]), follow=True).content.decode()
    assert Page.objects.get(pk=pages[0].pk).path == place
    assert UndoStep.objects.open().filter(batch=batch).exists()


def test_a_branch_of_pages_is_one_record_of_the_trash(about):
    child = about.get_children().get()
    step = delete(about)
    assert UndoStep.objects.count() == 1
    undo(step)
    assert Page.objects.get(pk=child.pk).get_parent().pk == about.pk
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_page_gets_another_place_and_slug_if_they_were_taken(about):
    step = delete(about)
    home = HomePage.objects.get()
    taken = home.add_child(instance=StandardPage(title="About us", slug="about"))
    assert taken.path == about.path
    undo(step)
    restored = Page.objects.get(pk=about.pk)
    assert (restored.slug, restored.url_path) == ("about-1", f"{home.url_path}about-1/")
    assert restored.get_children().get().url_path == f"{home.url_path}about-1/team/"
    assert Page.find_problems() == ([], [], [], [], [])


def test_a_page_waits_for_the_page_above_it(about):
    child = about.get_children().get().specific
    first = delete(child)
    second = delete(StandardPage.objects.get(pk=about.pk))
    with pytest.raises(ValidationError, match="Restore that first"):
        undo(first)
    undo(second)
    undo(first)
    assert Page.objects.get(pk=child.pk).get_parent().pk == about.pk


def test_deletions_without_a_person_are_final():
    OSFactory().delete()
    assert not UndoStep.objects.exists()


def test_deletions_of_an_api_are_in_the_trash():
    user = UserFactory(is_superuser=True)
    row = OSFactory()
    pk = row.pk
    workflows.delete(row, by=user)
    step = UndoStep.objects.in_trash().get()
    assert step.user == user
    undo(step)
    assert OS.objects.get().pk == pk


def test_nothing_is_restored_twice_or_over_another_record():
    row = OSFactory(name="Haiku", slug="haiku")
    step = delete(row)
    OSFactory(name="Haiku", slug="haiku")
    with pytest.raises(ValidationError, match="same URL, name or other unique value"):
        undo(step)
    OS.objects.all().delete()
    undo(step)
    with pytest.raises(ValidationError, match="already undone"):
        undo(step)


def test_the_file_of_a_document_stays_while_the_document_is_in_the_trash(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        document = CustomDocument.objects.create(title="Bylaws", file=ContentFile(b"text", name="bylaws.txt"))
        step = delete(document)
    assert default_storage.exists(document.file.name)
    UndoStep.objects.update(created_at=timezone.now() - timedelta(days=DAYS_IN_TRASH, minutes=1))
    assert not UndoStep.objects.in_trash().exists()
    with pytest.raises(ValidationError, match="older than 30 days"):
        undo(step)
    with django_capture_on_commit_callbacks(execute=True):
        assert files.empty_trash() == 1
    assert not default_storage.exists(document.file.name)
    assert not UndoStep.objects.exists()


def test_people_see_in_the_bin_what_they_may_edit(client):
    OSFactory()
    delete(OS.objects.get())
    delete(CompanyFactory())
    client.force_login(UserFactory(role="Release managers"))
    rows = client.get(reverse("trash")).context["object_list"]
    assert [row.type_name for row in rows] == ["Operating system"]
    others = UndoStep.objects.get(content_type__model="company")
    assert client.get(reverse("trash_item", args=[others.pk])).status_code == 404
    assert client.post(reverse("undo", args=[others.batch])).status_code in {302, 403}
    assert not Company.objects.exists()


class TestDeletedAccounts:
    def test_the_account_never_enters_the_trash(self):
        user = UserFactory()
        with LogContext(user=UserFactory(is_superuser=True)):
            user.delete()
        assert not UndoStep.objects.exists()

    def test_records_of_the_person_are_removed_from_the_trash(self):
        poster = UserFactory(email="someone@example.org")
        delete(JobFactory(submitted_by=poster))
        delete(JobFactory(submitted_by=UserFactory()))
        poster.forget()
        assert UndoStep.objects.count() == 1
        assert "someone@example.org" not in str(UndoStep.objects.get().snapshot)

    def test_an_account_that_staff_delete_is_forgotten_too(self, admin):
        poster = UserFactory(email="someone@example.org")
        delete(JobFactory(submitted_by=poster))
        assert admin.post(f"/admin/users/delete/{poster.pk}/").status_code == 302
        assert not type(poster).objects.filter(pk=poster.pk).exists()
        assert "someone@example.org" not in str(list(UndoStep.objects.values_list("snapshot", "title")))

    def test_references_to_the_person_are_cleared(self, about):
        owner = UserFactory(email="owner@example.org")
        StandardPage.objects.filter(pk=about.pk).update(content_owner=owner)
        step = delete(StandardPage.objects.get(pk=about.pk))
        owner.forget()
        step.refresh_from_db()
        undo(step)
        assert StandardPage.objects.get(pk=about.pk).content_owner is None


class TestVersions:
    def post(self, admin, kind, name):
        url = reverse("psf_membership_kinds:edit", args=[kind.pk])
        form = admin.get(url).context["form"]
        data = {bound.html_name: bound.value() for bound in form if bound.value() not in (None, False)}
        assert admin.post(url, data | {"name": name}).status_code == 302

    def test_the_state_before_the_first_change_is_a_version(self, admin):
        kind = MembershipKindFactory(name="Basic")
        self.post(admin, kind, "Supporting")
        self.post(admin, kind, "Supporting")
        titles = list(RecordVersion.objects.of(kind).values_list("title", flat=True))
        assert titles == ["Supporting", "Basic"]
        page = admin.get(reverse("record_versions", args=[RecordVersion.objects.first().content_type_id, kind.pk]))
        assert [change.label for change in page.context["rows"][0]["changes"]] == ["Name"]

    def test_changes_by_programs_and_later_ones_copy_no_earlier_state(self, admin):
        kind = MembershipKindFactory(name="Basic")
        kind.save()
        assert not RecordVersion.objects.exists()
        with LogContext(user=UserFactory()):
            kind.name = "Supporting"
            kind.save()
            kind.name = "Contributing"
            kind.save()
        assert list(RecordVersion.objects.of(kind).values_list("title", flat=True)) == ["Basic"]

    def test_restoring_needs_permission_to_change_the_record(self, admin, client):
        kind = MembershipKindFactory(name="Basic")
        self.post(admin, kind, "Supporting")
        oldest = RecordVersion.objects.of(kind).last()
        client.force_login(UserFactory(role="Job board"))
        client.post(reverse("restore_version", args=[oldest.pk]))
        assert MembershipKind.objects.get(pk=kind.pk).name == "Supporting"

    def test_pages_and_snippets_get_a_first_revision(self, admin, about):
        with LogContext(user=UserFactory()):
            about.title = "About us"
            about.save_revision()
            reply = make_reply()
            reply.title = "Second"
            reply.save()
            reply.save_revision()
        assert [revision.content["title"] for revision in about.revisions.order_by("created_at")] == ["About", "About us"]
        assert [revision.content["title"] for revision in reply.revisions.order_by("created_at")] == ["First", "Second"]


def make_reply():
    return SavedReply.objects.create(title="First", text="Text.")


def test_undone_steps_are_in_the_log_of_the_record(admin):
    undo(delete(OSFactory()))
    page = admin.get(reverse("downloads_os:history", args=[OS.objects.get().pk]))
    assert "Restored or undone" in page.content.decode()


def test_jobs_keep_their_state_when_a_version_is_restored(admin):
    job = JobFactory(status="approved")
    with LogContext(user=UserFactory()):
        job.city = "Rome"
        job.save()
    Job.objects.filter(pk=job.pk).update(status="archived")
    oldest = RecordVersion.objects.of(job).last()
    admin.post(reverse("restore_version", args=[oldest.pk]))
    job.refresh_from_db()
    assert (job.city == "Rome", job.status) == (False, "archived")


def test_the_trash_forgets_after_thirty_days():
    with freeze_time(timezone.now() - timedelta(days=DAYS_IN_TRASH + 1)):
        delete(OSFactory())
    assert UndoStep.objects.exists()
    assert not UndoStep.objects.in_trash().exists()
