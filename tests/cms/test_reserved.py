"""No revision by a content editor goes live at a reserved URL without a reviewer's approval, on any route."""

import json
import random
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from freezegun import freeze_time
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.log_actions import LogContext
from wagtail.models import APIToken, Page, Revision, Site, TaskState

from cms.content.models.reviews import PageReviewTask
from cms.moderation import workflow
from home.models import StandardPage
from tests.admin_forms import form_of
from tests.databases import fill
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
# In every title that the content editor types, and in no other.
MARK = "Unreviewed"
TYPE = "home.StandardPage"


@pytest.fixture
def site():
    fill(pages_only=True)


@pytest.fixture
def editor(client):
    user = UserFactory(role="Content editors")
    client.force_login(user)
    return user


@pytest.fixture
def api(client, editor):
    """Call API v3 as the content editor."""
    _, key = APIToken.create_token(user=editor, name="test")

    def call(method, path, **data):
        headers = {"Authorization": f"Bearer {key}"}
        return getattr(client, method)(f"/api/v3/pages/{path}", json.dumps(data), "application/json", headers=headers)

    return call


def root():
    return Site.objects.get(is_default_site=True).root_page


def page_at(path):
    return Page.objects.get(url_path=root().url_path + path.lstrip("/")).specific


def written(parent, slug, *, live=True):
    """Return a page by a content editor, outside the reserved URLs when it is live."""
    page = StandardPage(title=f"{MARK} {slug}", slug=slug, live=live)
    parent.add_child(instance=page)
    revision = page.save_revision(clean=False)
    if live:
        revision.publish()
    return StandardPage.objects.get(pk=page.pk)


def is_reserved(page):
    lines = [line for step in PageReviewTask.objects.exclude(addresses="") for line in step.address_list]
    return any(page.url_path.startswith(f"{root().url_path}{line}/") for line in lines)


def unreviewed():
    return [page.url_path for page in Page.objects.live().filter(title__contains=MARK) if is_reserved(page)]


def release_what_is_due():
    with freeze_time(timezone.now() + timedelta(hours=2)):
        call_command("publish_scheduled", verbosity=0)


def move(client, page, to):
    return client.post(f"/admin/pages/{page.pk}/move/{to.pk}/confirm/")


def copy(client, page, to, slug, **options):
    data = {"new_title": f"{MARK} copy", "new_slug": slug, "new_parent_page": to.pk} | options
    return client.post(f"/admin/pages/{page.pk}/copy/", data)


def save_form(client, page, **changed):
    data = form_of(page, type(page).get_edit_handler(), client) | {"title": f"{MARK} text"} | changed
    return client.post(f"/admin/pages/{page.pk}/edit/", data)


class TestAdmin:
    def test_no_live_page_moves_there(self, site, editor, client):
        page, psf = written(page_at("/about/"), "x"), page_at("/psf/")
        move(client, page, psf)
        client.post(f"/admin/bulk/wagtailcore/page/move/?id={page.pk}", {"chooser": psf.pk, "move_applied": "on"})
        assert unreviewed() == []
        draft = written(page_at("/about/"), "draft", live=False)
        move(client, draft, psf)
        draft.refresh_from_db()
        assert draft.get_parent().pk == psf.pk

    def test_no_branch_with_a_live_page_moves_there(self, site, editor, client):
        branch = written(page_at("/about/"), "x", live=False)
        written(branch, "y")
        move(client, branch, page_at("/psf/"))
        assert unreviewed() == []

    def test_no_live_page_leaves(self, site, editor, client):
        page = page_at("/psf/grants/")
        move(client, page, page_at("/about/"))
        client.post(f"/admin/pages/{page.pk}/delete/")
        assert page_at("/psf/grants/").live

    @pytest.mark.parametrize("options", [{"publish_copies": "on"}, {"alias": "on"}])
    def test_no_live_copy_is_made_there(self, site, editor, client, options):
        page = written(page_at("/about/"), "x")
        copy(client, page, page_at("/psf/"), "x", **options)
        assert unreviewed() == []

    def test_a_copy_as_a_draft_is_possible(self, site, editor, client):
        copy(client, written(page_at("/about/"), "x"), page_at("/psf/"), "x")
        assert not page_at("/psf/x/").live

    def test_a_copied_branch_brings_nothing_there(self, site, editor, client):
        """The reserved URL is under the location of the copy."""
        page_at("/about/legal/").delete()
        branch = written(page_at("/about/"), "x")
        written(branch, "legal")
        page_at("/about/").specific.save()
        copy(client, branch, root(), "about-2", copy_subpages="on", publish_copies="on")
        about = page_at("/about/")
        about.slug = "about-old"
        about.save()
        copied = page_at("/about-2/")
        save_form(client, copied, slug="about", **{"action-publish": "1"})
        assert unreviewed() == []

    def test_no_slug_leads_there(self, site, editor, client):
        """/privacy/ is reserved, but its sibling pages are not."""
        Page.objects.filter(slug="privacy").delete()
        page = written(root(), "x")
        save_form(client, page, slug="privacy", **{"action-publish": "1"})
        assert unreviewed() == []

    def test_no_new_page_is_published_there_at_once(self, site, editor, client):
        Page.objects.filter(slug="privacy").delete()
        form = form_of(StandardPage(), StandardPage.get_edit_handler(), client)
        for parent, slug in [(root(), "privacy"), (page_at("/psf/"), "x")]:
            data = form | {"title": MARK, "slug": slug, "action-publish": "1"}
            client.post(f"/admin/pages/add/home/standardpage/{parent.pk}/", data)
        assert unreviewed() == []

    def test_no_schedule_leads_there(self, site, editor, client):
        Page.objects.filter(slug="privacy").delete()
        later = {"go_live_at": (timezone.now() + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M"), "action-publish": "1"}
        live, draft, in_section = (
            written(root(), "x"),
            written(root(), "y", live=False),
            written(page_at("/psf/"), "z", live=False),
        )
        save_form(client, live, slug="privacy", **later)
        save_form(client, in_section, **later)
        save_form(client, draft, **later)
        assert Revision.objects.filter(approved_go_live_at__isnull=False).count() == 1
        move(client, draft, page_at("/psf/"))
        release_what_is_due()
        assert unreviewed() == []

    def test_bulk_publishing_asks_too(self, site, editor, client):
        page = written(page_at("/psf/"), "x", live=False)
        client.post(f"/admin/bulk/wagtailcore/page/publish/?id={page.pk}", {"include_descendants": "on"})
        client.post(f"/admin/bulk/wagtailcore/page/publish/?id={page_at('/about/').pk}", {"include_descendants": "on"})
        assert unreviewed() == []


class TestAliases:
    def test_a_source_is_published_like_its_alias(self, site, editor, client):
        page = page_at("/about/help/")
        page.create_alias(parent=page_at("/psf/"))
        assert not page.permissions_for_user(editor).can_publish()
        save_form(client, page, **{"action-publish": "1"})
        assert unreviewed() == []

    def test_the_review_of_a_source_is_that_of_its_alias(self, site, editor):
        page = page_at("/about/help/")
        page.create_alias(parent=page_at("/psf/"))
        page.title = MARK
        page.save_revision(user=editor)
        page.get_workflow().start(page, editor)
        workflow.approve(page, by=UserFactory(role="Content editors"))
        assert unreviewed() == []
        page.refresh_from_db()
        workflow.approve(page, by=UserFactory(role="PSF staff"))
        assert len(unreviewed()) == 1

    def test_an_alias_that_a_view_makes_without_asking(self, site, editor):
        page = written(page_at("/about/"), "x")
        with LogContext(user=editor), pytest.raises(PermissionDenied):
            CreatePageAliasAction(page, parent=page_at("/psf/"), user=editor).execute(skip_permission_checks=True)
        assert unreviewed() == []


class TestAPI:
    def test_every_action_asks(self, site, editor, api):
        page, psf = written(page_at("/about/"), "x"), page_at("/psf/")
        draft = written(psf, "draft", live=False)
        later = written(psf, "later", live=False)
        answers = [
            api("post", "", meta={"type": TYPE, "parent_id": psf.pk, "action": "publish"}, title=f"{MARK} new", slug="new"),
            api("patch", f"{draft.pk}/", meta={"type": TYPE, "action": "publish"}, title=f"{MARK} text"),
            api("post", f"{later.pk}/actions/publish/"),
            api("post", f"{page.pk}/actions/move/", destination_id=psf.pk, position="last-child"),
            api("post", f"{page.pk}/actions/copy/", destination_id=psf.pk),
            api("post", f"{page.pk}/actions/create_alias/", destination_id=psf.pk),
            api("delete", f"{page_at('/psf/grants/').pk}/"),
            api("post", f"{page_at('/psf/grants/').pk}/actions/unpublish/"),
        ]
        assert [answer.status_code for answer in answers] == [403] * len(answers)
        assert unreviewed() == []

    def test_no_slug_leads_there(self, site, editor, api):
        Page.objects.filter(slug="privacy").delete()
        page = written(root(), "x")
        answers = [
            api("patch", f"{page.pk}/", meta={"type": TYPE, "action": "publish"}, slug="privacy"),
            api("post", f"{page.pk}/actions/copy/", slug="privacy"),
            api("post", f"{page.pk}/actions/create_alias/", slug="privacy"),
            api("post", "", meta={"type": TYPE, "parent_id": root().pk, "action": "publish"}, title=MARK, slug="privacy"),
        ]
        assert [answer.status_code for answer in answers] == [403] * len(answers)
        assert unreviewed() == []

    def test_outside_all_of_it_works(self, site, editor, api):
        page, about = written(page_at("/doc/"), "x"), page_at("/about/")
        assert api("post", f"{page.pk}/actions/copy/", destination_id=about.pk).status_code == 201
        assert api("post", f"{page.pk}/actions/create_alias/", destination_id=about.pk, slug="y").status_code == 201
        assert api("patch", f"{page.pk}/", meta={"type": TYPE, "action": "publish"}, title="Text").status_code == 200
        assert api("post", f"{page.pk}/actions/move/", destination_id=root().pk).status_code == 200


class TestReview:
    def test_each_step_approves_the_revision_that_goes_live(self, site, editor):
        """The URL has two review steps. The user who approves the last one cannot approve the first."""
        page = written(page_at("/psf/"), "trademarks-2", live=False)
        PageReviewTask.objects.filter(name="Legal review").update(addresses="/psf/trademarks-2/")
        page.get_workflow().start(page, editor)
        for role in ("Content editors", "Legal reviewers", "PSF staff"):
            page.refresh_from_db()
            assert not page.live
            workflow.approve(page, by=UserFactory(role=role))
        page.refresh_from_db()
        assert page.live

    def test_a_text_of_a_later_step_needs_the_earlier_one(self, site, editor):
        page = written(page_at("/psf/"), "trademarks-2", live=False)
        PageReviewTask.objects.filter(name="Legal review").update(addresses="/psf/trademarks-2/")
        page.get_workflow().start(page, editor)
        state = page.current_workflow_state
        reviewed = page.latest_revision
        for role in ("Content editors", "Legal reviewers"):
            page.refresh_from_db()
            workflow.approve(page, by=UserFactory(role=role))
        page.refresh_from_db()
        TaskState.objects.filter(pk=page.current_workflow_task_state.pk).update(revision=page.save_revision())
        page.refresh_from_db()
        with pytest.raises(PermissionDenied):
            workflow.approve(page, by=UserFactory(role="PSF staff"))
        assert state.task_states.filter(revision=reviewed, status="approved").count() == 2
        assert unreviewed() == []

    def test_the_step_begins_with_a_drafted_slug(self, site, editor):
        Page.objects.filter(slug="privacy").delete()
        page = written(root(), "x")
        page.slug = "privacy"
        page.save_revision(user=editor)
        page = StandardPage.objects.get(pk=page.pk)
        assert PageReviewTask.objects.get(name="Legal review").concerns(page)
        page.get_workflow().start(page, editor)
        workflow.approve(page, by=UserFactory(role="Content editors"))
        assert unreviewed() == []
        page.refresh_from_db()
        workflow.approve(page, by=UserFactory(role="Legal reviewers"))
        assert page_at("/privacy/").live

    def test_reviewers_need_nobody(self, site):
        admin = UserFactory(role="Site admins")
        page = written(page_at("/about/"), "x")
        with LogContext(user=admin):
            page.move(page_at("/psf/"), pos="last-child", user=admin)
        assert page_at("/psf/x/").live

    def test_a_second_site_below_is_no_way_around(self, site, editor):
        Site.objects.create(hostname="psf.example", root_page=page_at("/psf/"))
        assert not page_at("/psf/grants/").permissions_for_user(editor).can_publish()


class Machine:
    """State machine of everything that a content editor can do with pages, in an order set by a seed."""

    parents = ("/", "/about/", "/doc/", "/psf/", "/psf/grants/", "/about/legal/", "/dev/", "/dev/security/")
    slugs = ("psf", "legal", "privacy", "security", "about", "dev", "a", "b", "c")

    def __init__(self, seed, client, api, editor):
        self.random, self.client, self.api, self.editor = random.Random(seed), client, api, editor  # noqa: S311 -- repeatable, and no secret.
        # Wagtail's bulk action stops at an alias that is a draft.
        client.raise_request_exception = False
        self.second = UserFactory(role="Content editors")
        self.routes = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("do_")]

    def page(self):
        mine = Page.objects.filter(title__contains=MARK)
        some = mine if self.random.random() < 0.8 else Page.objects.filter(depth__gt=2, depth__lt=5)
        found = some.order_by("pk") if some.exists() else Page.objects.filter(depth=3).order_by("pk")
        return self.random.choice(list(found)).specific

    def parent(self):
        if self.random.random() < 0.3:
            return self.page()
        return self.random.choice([root(), *Page.objects.filter(slug__in=self.slugs).order_by("pk"), *self.sections()])

    def sections(self):
        return list(Page.objects.filter(slug__in=["about", "doc", "psf", "legal", "dev", "security", "grants"]).order_by("pk"))

    def slug(self):
        return self.random.choice(self.slugs)

    def step(self):
        route = self.random.choice(self.routes)
        with suppress(PermissionDenied):
            route()
        assert unreviewed() == [], route.__name__

    def do_create(self):
        meta = {"type": TYPE, "parent_id": self.parent().pk} | self.random.choice([{}, {"action": "publish"}])
        self.api("post", "", meta=meta, title=f"{MARK} {self.random.random()}", slug=self.slug())

    def do_update(self):
        page = self.page()
        changed = self.random.choice([{}, {"slug": self.slug()}])
        meta = {"type": page._meta.label} | self.random.choice([{}, {"action": "publish"}])
        self.api("patch", f"{page.pk}/", meta=meta, title=f"{MARK} {self.random.random()}", **changed)

    def do_publish(self):
        self.api("post", f"{self.page().pk}/actions/publish/")

    def do_unpublish(self):
        self.api("post", f"{self.page().pk}/actions/unpublish/")

    def do_move(self):
        if self.random.random() < 0.5:
            self.api("post", f"{self.page().pk}/actions/move/", destination_id=self.parent().pk, position="last-child")
        else:
            move(self.client, self.page(), self.parent())

    def do_move_without_asking(self):
        page, to = self.page(), self.parent()
        is_possible = page.can_move_to(to) and not to.is_descendant_of(page) and to.pk != page.pk
        if is_possible and not to.get_children().filter(slug=page.slug).exists():
            with LogContext(user=self.editor):
                MovePageAction(page, to, pos="last-child", user=self.editor).execute(skip_permission_checks=True)

    def do_copy(self):
        options = {name: "on" for name in ("publish_copies", "alias", "copy_subpages") if self.random.random() < 0.5}
        copy(self.client, self.page(), self.parent(), self.slug(), **options)

    def do_copy_without_asking(self):
        page, to, slug = self.page(), self.parent(), self.slug()
        recursive = self.random.random() < 0.5 and page.pk != to.pk and not to.is_descendant_of(page)
        if not to.get_children().filter(slug=slug).exists():
            with LogContext(user=self.editor):
                CopyPageAction(
                    page, to=to, update_attrs={"slug": slug, "title": MARK}, recursive=recursive, user=self.editor
                ).execute(skip_permission_checks=True)

    def do_alias(self):
        self.api("post", f"{self.page().pk}/actions/create_alias/", destination_id=self.parent().pk, slug=self.slug())

    def do_convert_alias(self):
        alias = Page.objects.exclude(alias_of=None).first()
        if alias:
            self.api("post", f"{alias.pk}/actions/convert_alias/")

    def do_revert(self):
        page = self.page()
        revision = page.revisions.order_by("?").first()
        if revision:
            self.api("post", f"{page.pk}/actions/revert/", revision_id=revision.pk)

    def do_bulk_publish(self):
        self.client.post(f"/admin/bulk/wagtailcore/page/publish/?id={self.page().pk}", {"include_descendants": "on"})

    def do_delete(self):
        page = self.page()
        if MARK in page.title:
            self.api("delete", f"{page.pk}/")

    def do_schedule(self):
        page = self.page()
        if page.alias_of_id or not page.permissions_for_user(self.editor).can_edit():
            return
        page = page.get_latest_revision_as_object()
        page.title, page.go_live_at = f"{MARK} {self.random.random()}", timezone.now() + timedelta(hours=1)
        if self.random.random() < 0.3:
            page.slug = self.slug()
        if Page._slug_is_available(page.slug, page.get_parent(), page):
            with LogContext(user=self.editor):
                revision = page.save_revision(user=self.editor, clean=False)
                PublishPageRevisionAction(revision, user=self.editor).execute(skip_permission_checks=True)

    def do_wait(self):
        release_what_is_due()

    def do_review(self):
        """Let two content editors review each other's changes, which approves nothing."""
        page = self.page()
        if not page.current_workflow_state:
            if page.latest_revision_id and page.get_workflow():
                page.get_workflow().start(page, self.editor)
        else:
            task_state = page.current_workflow_task_state
            if task_state and task_state.task.specific.get_actions(page, self.second):
                with LogContext(user=self.second):
                    workflow.approve(page, by=self.second)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [1, 2])
def test_no_sequence_of_actions_leads_there(site, client, api, editor, seed):
    machine = Machine(seed, client, api, editor)
    for _ in range(120):
        machine.step()
    # The machine does get something done.
    mine = Page.objects.filter(title__contains=MARK)
    assert mine.live().count() > 3


def test_the_explorer_of_an_editor_takes_as_many_queries_for_many_pages_as_for_few(client, site, editor):
    """The rows of the list check permissions for reserved URLs, which depend on scheduled pages and aliases."""
    parent = root().add_child(instance=StandardPage(title="Guides", slug="guides"))

    def count():
        client.get(f"/admin/pages/{parent.pk}/")
        with CaptureQueriesContext(connection) as queries:
            response = client.get(f"/admin/pages/{parent.pk}/")
        assert response.status_code == 200
        return len(queries)

    for number in range(2):
        written(parent, f"page-{number}")
    few = count()
    for number in range(2, 12):
        written(parent, f"page-{number}")
    assert count() == few


@pytest.mark.engine
def test_the_explorer_reads_the_slug_of_the_newest_version(client, site, editor):
    page = written(root().add_child(instance=StandardPage(title="Guides", slug="guides")), "first")
    page.slug = "second"
    page.save_revision()
    rows = client.get(f"/admin/pages/{page.get_parent().pk}/").context["pages"]
    assert [row.drafted_slug for row in rows] == ["second"]
