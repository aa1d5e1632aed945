import pytest
from django.contrib.auth.models import Group
from wagtail.models import TaskState

from cms.moderation import workflow
from downloads.models import Release
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderators():
    group = Group.objects.create(name="Reviewers")
    workflow.ensure_workflow(Release, name="Moderation", roles=[group.name])
    return group


@pytest.fixture
def moderator(moderators):
    user = UserFactory()
    user.groups.add(moderators)
    return user


@pytest.fixture
def submission(moderators):
    submitter = UserFactory(username="submitter")
    release = Release(name="Python 3.15.0")
    workflow.submit(release, by=submitter)
    return release


def decide(submission, user, action, **kwargs):
    task_state = submission.current_workflow_task_state
    task_state.task.specific.on_action(task_state, user, action, **kwargs)
    submission.refresh_from_db()


def actions(submission, user):
    return [name for name, *_ in submission.current_workflow_task_state.task.specific.get_actions(submission, user)]


def test_a_submission_is_a_draft_before_the_moderators(submission, moderator):
    assert not submission.live
    assert list(TaskState.objects.reviewable_by(moderator)) == [submission.current_workflow_task_state]


def test_what_was_reviewed_is_what_gets_published(submission, moderator):
    submission.release_notes_url = "https://spam.example/"
    submission.save_revision()
    decide(submission, moderator, "approve")
    assert submission.live
    assert submission.release_notes_url == ""


def test_a_change_during_the_review_starts_it_over(submission, moderator):
    first = submission.current_workflow_task_state
    submission.release_notes_url = "https://docs.python.org/"
    workflow.submit(submission, by=UserFactory())
    first.refresh_from_db()
    assert first.status == TaskState.STATUS_CANCELLED
    decide(submission, moderator, "approve")
    assert submission.release_notes_url == "https://docs.python.org/"


def test_a_submission_goes_back_with_a_reason_and_comes_again(submission, moderator):
    decide(submission, moderator, "reject", comment="Which day?")
    assert workflow.reason_for_return(submission) == "Which day?"
    workflow.submit(submission, by=submission.current_workflow_state.requested_by)
    assert workflow.reason_for_return(submission) == ""
    decide(submission, moderator, "approve")
    assert submission.live


def test_a_reason_is_required(submission):
    form_class = submission.current_workflow_task_state.task.specific.get_form_for_action("reject")
    assert form_class({"comment": " "}).errors["comment"] == ["Explain what to change. The submitter reads this message."]


def test_nobody_decides_about_their_own_submission(moderator):
    release = Release(name="Python 3.15.0")
    workflow.submit(release, by=moderator)
    assert actions(release, moderator) == []


def test_members_of_the_group_decide_and_others_do_not(submission, moderator):
    assert actions(submission, moderator) == ["approve", "reject"]
    assert actions(submission, UserFactory()) == []


def test_a_workflow_is_made_once(moderators):
    again = workflow.ensure_workflow(Release, name="Another", roles=[moderators.name])
    assert again.name == "Moderation"
