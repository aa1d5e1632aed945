"""Review of pages by a second editor, and reminders to review a page again."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page, Workflow

from cms.content.models.reviews import PageReviewTask
from cms.editor.reviews import send_review_reminders
from cms.moderation.workflow import PAGE_WORKFLOW
from home.models import LandingPage, StandardPage
from tests.databases import fill
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    fill(pages_only=True)


def page_at(path):
    return next(page for page in StandardPage.objects.filter(slug=path.strip("/").split("/")[-1]) if page.url == path)


def submitted(page, by, **changed):
    for name, value in changed.items():
        setattr(page, name, value)
    page.save_revision(user=by)
    page.get_workflow().start(page, by)
    page.refresh_from_db()
    return page


def decide(client, page, action="approve", **data):
    state = page.current_workflow_task_state
    path = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, action, state.pk])
    return client.post(path, data | {"next": "/admin/"})


def test_the_workflow_is_made_once_for_the_whole_tree(site):
    page = page_at("/about/help/")
    assert page.get_workflow().name == PAGE_WORKFLOW
    assert [task.name for task in page.get_workflow().tasks] == [
        PAGE_WORKFLOW,
        "Legal review",
        "Security review",
        "Review by the Foundation",
    ]
    call_command("migrate", verbosity=0)
    assert Workflow.objects.filter(name=PAGE_WORKFLOW).count() == 1


def test_a_second_person_approves_and_the_page_is_out(site, client):
    writer, second = UserFactory(role="Content editors"), UserFactory(role="Content editors")
    page = submitted(page_at("/about/help/"), writer, introduction="Ask us.")
    client.force_login(writer)
    decide(client, page)
    page.refresh_from_db()
    assert page.introduction != "Ask us."
    client.force_login(second)
    decide(client, page)
    page.refresh_from_db()
    assert (page.introduction, page.has_unpublished_changes, page.workflow_in_progress) == ("Ask us.", False, False)


@pytest.mark.parametrize(
    ("path", "role"),
    [("/about/legal/", "Legal reviewers"), ("/dev/security/", "Security reviewers"), ("/psf/grants/", "PSF staff")],
)
def test_some_addresses_are_read_by_their_own_people_too(site, client, path, role):
    page = submitted(page_at(path), UserFactory(role="Content editors"), introduction="New words.")
    client.force_login(UserFactory(role="Content editors"))
    decide(client, page)
    page.refresh_from_db()
    assert page.introduction != "New words."
    assert page.current_workflow_task.specific.concerns(page)
    client.force_login(UserFactory(role=role))
    assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
    decide(client, page)
    page.refresh_from_db()
    assert page.introduction == "New words."


def test_what_was_saved_after_the_approval_stays_a_draft(site, client):
    writer = UserFactory(role="Content editors")
    page = submitted(page_at("/about/help/"), writer, introduction="Reviewed.")
    reviewed = page.current_workflow_task_state
    page.introduction = "Slipped in."
    page.save_revision(user=writer)
    reviewed.approve(user=UserFactory(role="Content editors"))
    page.refresh_from_db()
    assert page.introduction == "Reviewed."


@pytest.mark.parametrize(("role", "publishes"), [("Content editors", False), ("Site admins", True)])
def test_nobody_publishes_past_the_people_of_an_address(site, role, publishes):
    user = UserFactory(role=role)
    legal, other = page_at("/about/legal/"), page_at("/about/help/")
    assert legal.permissions_for_user(user).can_publish() is publishes
    assert legal.permissions_for_user(user).can_unpublish() is publishes
    assert other.permissions_for_user(user).can_publish()
    assert "/about/help/" in other.url


def test_a_step_is_for_an_address_and_those_below_it(site):
    step = PageReviewTask(addresses="/psf/grants\n\n/doc/")
    assert step.concerns(page_at("/psf/grants/"))
    assert step.concerns(page_at("/psf/grants/faq/"))
    assert not step.concerns(page_at("/psf/donations/"))
    assert PageReviewTask().concerns(page_at("/psf/donations/"))


def test_a_page_that_is_returned_needs_a_reason(site, client):
    page = submitted(page_at("/about/help/"), UserFactory(role="Content editors"))
    client.force_login(UserFactory(role="Site admins"))
    decide(client, page, "reject", comment="")
    page.refresh_from_db()
    assert page.workflow_in_progress
    decide(client, page, "reject", comment="Too long.")
    page.refresh_from_db()
    assert page.current_workflow_state.status == "needs_changes"


def test_a_group_may_have_one_branch_of_the_tree(site, client):
    branch = LandingPage.objects.get(slug="doc")
    user = UserFactory(role="Legal reviewers")
    group = user.groups.get()
    for codename in ("add_page", "change_page"):
        GroupPagePermission.objects.create(
            group=group,
            page=branch,
            permission=Page._meta.get_field("content_type")
            .related_model.objects.get_for_model(Page)
            .permission_set.get(codename=codename),
        )
    client.force_login(user)
    assert client.get(reverse("wagtailadmin_pages:edit", args=[page_at("/doc/pip/").pk])).status_code == 200
    assert client.get(reverse("wagtailadmin_pages:edit", args=[page_at("/about/help/").pk])).status_code == 302


def test_owners_are_reminded_once_for_all_their_pages(site, mailoutbox, django_capture_on_commit_callbacks):
    owner, gone = UserFactory(), UserFactory(is_active=False)
    today = timezone.localdate()
    for path, user, days in [
        ("/about/help/", owner, -1),
        ("/doc/pip/", owner, 6),
        ("/doc/faq/", owner, 7),
        ("/doc/books/", gone, -1),
    ]:
        page = page_at(path)
        page.content_owner, page.review_date = user, today + timedelta(days=days)
        page.save()
    with django_capture_on_commit_callbacks(execute=True):
        send_review_reminders.enqueue()
    assert [mail.to for mail in mailoutbox] == [[owner.email]]
    assert mailoutbox[0].subject == "2 pages to review"
    assert page_at("/doc/pip/").title in mailoutbox[0].body
    assert f"/admin/pages/{page_at('/about/help/').pk}/edit/" in mailoutbox[0].body
