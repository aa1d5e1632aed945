"""Moderators' decisions: undo buttons, warnings and claims."""

import pytest
from django.urls import reverse

from cms.moderation.models import Claim, ProblemReport
from cms.undo.models import UndoStep
from community.models import StorySavedReply
from community.workflows import submit as submit_story
from events.models import EventSavedReply
from events.workflows import submit as submit_event
from jobs.models import Job, SavedReply, Status
from tests.factories.community import StoryPageFactory, story_index
from tests.factories.events import CalendarFactory, EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def poster():
    return UserFactory(username="ada")


@pytest.fixture
def moderator(client):
    user = UserFactory(username="mod", role="Site admins")
    client.force_login(user)
    return user


def waiting_job(poster, title="Developer"):
    job = JobFactory(title=title, status=Status.DRAFT, submitted_by=poster)
    job.submit(by=poster)
    return job


def make_job(poster):
    return "jobs", waiting_job(poster)


def make_event(poster):
    event = EventFactory.build(title="Meeting", calendar=CalendarFactory(), submitter=poster)
    submit_event(event, by=poster)
    return "events", event


def make_story(poster):
    story_index()
    story = StoryPageFactory(title="Story", live=False, submitter=poster)
    submit_story(story, by=poster)
    return "stories", story


def make_report(poster):
    return "reports", ProblemReport.objects.create(path="/about/", text="A link is dead.")


def state_of(record):
    """Return all data of a submission that a decision changes."""
    row = type(record).objects.get(pk=record.pk)
    workflow = getattr(row, "current_workflow_state", None)
    step = workflow.current_task_state.status if workflow else ""
    return getattr(row, "status", ""), getattr(row, "live", ""), workflow.status if workflow else "", step


def decide(client, key, pk, action, message=""):
    page = client.get(f"{reverse('moderation_queue')}?item={key}-{pk}")
    seen = page.context["chosen"]["item"].version
    data = {"action": action, "message": message, "seen": seen}
    return client.post(reverse("moderation_decide", args=[key, pk]), data, follow=True)


@pytest.mark.usefixtures("moderator")
@pytest.mark.parametrize("make", [make_job, make_event, make_story, make_report])
@pytest.mark.parametrize("action", ["approve", "reject", "remove", "close"])
def test_each_decision_is_undone_by_the_button_of_its_message(client, poster, make, action):
    key, record = make(poster)
    pk, before = record.pk, state_of(record)
    actions = [name for name, _label in client.get(f"{reverse('moderation_queue')}?item={key}-{pk}").context["actions"]]
    if action not in actions:
        assert action in {"approve", "reject"} if key == "reports" else action == "close"
        return
    shown = decide(client, key, pk, action, "Please add details.").content.decode()
    batch = UndoStep.objects.values_list("batch", flat=True).distinct().get()
    assert reverse("undo", args=[batch]) in shown
    if type(record).objects.filter(pk=pk).exists():
        assert state_of(record) != before
    client.post(reverse("undo", args=[batch]))
    assert state_of(type(record)(pk=pk)) == before
    queue = client.get(f"{reverse('moderation_queue')}?item={key}-{pk}")
    assert queue.context["chosen"]["item"].pk == pk


def test_spam_says_what_it_removes_and_undo_restores_all_of_it(client, poster, moderator):
    first, second = waiting_job(poster, "First"), waiting_job(poster, "Second")
    draft = JobFactory(title="Draft", status=Status.DRAFT, submitted_by=poster)
    live = JobFactory(title="Live", status=Status.APPROVED, submitted_by=poster)
    others = JobFactory(title="Of someone else", status=Status.DRAFT, submitted_by=UserFactory())
    before = {job.pk: job.status for job in Job.objects.all()}
    effects = client.get(f"{reverse('moderation_queue')}?item=jobs-{first.pk}").context["spam_effects"]
    assert [name for name in ("Second", "Draft", "Live", "Of someone else") if name in " ".join(effects)] == ["Second", "Draft"]
    assert any("ada will no longer be able to post jobs" in effect for effect in effects)
    decide(client, "jobs", first.pk, "remove")
    statuses = [Job.objects.get(pk=job.pk).status for job in (first, second, draft, live, others)]
    assert statuses == ["removed", "removed", "removed", "approved", "draft"]
    client.post(reverse("undo", args=[UndoStep.objects.get().batch]))
    assert {job.pk: job.status for job in Job.objects.all()} == before
    assert not Job.objects.filter(is_spam=True).exists()
    Job.objects.refuse_blocked(poster)


def test_undo_is_in_the_log_until_it_is_used(client, poster, moderator):
    job = waiting_job(poster)
    decide(client, "jobs", job.pk, "approve")
    record = client.get(reverse("job_queue:job", args=[job.pk])).content.decode()
    undo = reverse("undo", args=[UndoStep.objects.get().batch])
    assert record.count(undo) == 1
    outcome = client.get(f"{reverse('moderation_queue')}?item=jobs-{job.pk}").content.decode()
    assert outcome.count(undo) == 1
    client.post(undo)
    assert undo not in client.get(reverse("job_queue:job", args=[job.pk])).content.decode()


def test_a_decision_is_not_undone_over_a_later_change(client, poster, moderator):
    job = waiting_job(poster)
    decide(client, "jobs", job.pk, "reject", "Please add details.")
    Job.objects.get(pk=job.pk).submit(by=poster)
    shown = client.post(reverse("undo", args=[UndoStep.objects.get().batch]), follow=True).content.decode()
    assert "has changed since" in shown
    assert Job.objects.get(pk=job.pk).status == Status.REVIEW


def test_bulk_decisions_are_undone_together(client, poster, moderator):
    jobs = [waiting_job(UserFactory()) for _ in range(3)]
    chosen = [f"{job.pk}:{job.latest_revision_id}" for job in jobs]
    client.post(reverse("job_queue:bulk"), {"action": "approve", "chosen": chosen})
    assert Job.objects.filter(status=Status.APPROVED).count() == 3
    client.post(reverse("undo", args=[UndoStep.objects.values_list("batch", flat=True).distinct().get()]))
    assert Job.objects.filter(status=Status.REVIEW).count() == 3


def test_undo_of_others_needs_the_permission(client, poster, moderator):
    job = waiting_job(poster)
    decide(client, "jobs", job.pk, "approve")
    undo = reverse("undo", args=[UndoStep.objects.get().batch])
    client.force_login(UserFactory(role="Events"))
    client.post(undo)
    assert Job.objects.get(pk=job.pk).status == Status.APPROVED
    client.force_login(UserFactory(role="Job board"))
    client.post(undo)
    assert Job.objects.get(pk=job.pk).status == Status.REVIEW


class TestClaims:
    def test_a_claim_is_shown_to_others_and_ends_with_the_decision(self, client, poster, moderator):
        job = waiting_job(poster)
        url = reverse("moderation_claim", args=["jobs", job.pk])
        client.post(url)
        client.force_login(UserFactory(role="Job board", username="other"))
        for page in (reverse("moderation_queue"), reverse("job_queue:index")):
            assert f"Claimed by {moderator.display_name}" in client.get(page).content.decode()
        assert "has already claimed this" in client.post(url, follow=True).content.decode()
        assert Claim.objects.get().user == moderator
        decide(client, "jobs", job.pk, "approve")
        assert not Claim.objects.exists()

    def test_a_claim_is_released(self, client, poster, moderator):
        job = waiting_job(poster)
        url = reverse("moderation_claim", args=["jobs", job.pk])
        client.post(url)
        client.post(url, {"release": "1"})
        assert not Claim.objects.exists()

    def test_claims_need_the_permission_of_the_queue(self, client, poster):
        job = waiting_job(poster)
        client.force_login(UserFactory(role="Events"))
        client.post(reverse("moderation_claim", args=["jobs", job.pk]))
        assert not Claim.objects.exists()


def test_saved_replies_come_with_the_software():
    for model in (SavedReply, EventSavedReply, StorySavedReply):
        assert model.objects.count() >= 2
