"""Moderation queue of jobs in the admin."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import Job, JobComment, SavedReply, Status
from tests.factories.jobs import JobFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
QUEUE = "/admin/jobs/queue/"


@pytest.fixture
def _moderating(client, moderator):
    client.force_login(moderator)


def decide(client, job, name, **data):
    return client.post(f"{QUEUE}{job.pk}/action/", {"action": name, "seen": job.latest_revision_id or ""} | data, follow=True)


def state(job):
    return Job.objects.get(pk=job.pk).machine_state


@pytest.mark.usefixtures("_moderating")
def test_the_queue_shows_age_poster_and_marks(client, waiting, changed, poster, moderator):
    Job.objects.filter(pk=waiting.pk).update(queued_at=timezone.now() - timedelta(days=200))
    JobFactory(submitted_by=poster, status=Status.REJECTED)
    waiting.ask(by=moderator, question="Is it paid?")
    html = client.get(QUEUE).content.decode()
    for words in ["200 days", "today", "Waiting for the poster", "1 Live", "1 Changes requested", "Is it paid?", "Change"]:
        assert words in html
    assert html.index(f"?job={waiting.pk}") < html.index(f"?job={changed.pk}")


@pytest.mark.usefixtures("_moderating")
def test_the_queue_needs_few_queries(client, django_assert_max_num_queries):
    for _ in range(30):
        JobFactory(status=Status.REVIEW)
    client.get(QUEUE)
    with django_assert_max_num_queries(20):
        client.get(QUEUE)


@pytest.mark.usefixtures("_moderating")
def test_an_empty_queue_says_so(client):
    assert "No jobs to review." in client.get(QUEUE).content.decode()


@pytest.mark.usefixtures("_moderating")
def test_the_change_of_a_live_job_is_shown_line_by_line(client, changed):
    html = client.get(f"{QUEUE}?job={changed.pk}").content.decode()
    assert "<del>Data engineer</del><ins>Senior data engineer</ins>" in html
    assert f'src="/jobs/{changed.pk}/preview/?frame"' in html


@pytest.mark.usefixtures("_moderating")
def test_a_resubmission_shows_what_changed_since_the_answer(client, waiting, poster, moderator):
    assert "Changes since your last reply" not in client.get(QUEUE).content.decode()
    waiting.reject(by=moderator, reason="Say what <b>Python</b> is for.")
    for text in ("First line\nSecond try", "First line\nThird <b>try</b>"):
        waiting.description = text
        waiting.save()
        waiting.submit(by=poster)
    html = client.get(QUEUE).content.decode()
    assert "Changes since your last reply" in html
    assert "<del>You build **pipelines** in Python.</del><ins>First line</ins><ins>Third &lt;b&gt;try&lt;/b&gt;</ins>" in html
    assert "Second try" not in html


@pytest.mark.usefixtures("_moderating")
def test_a_decision_leads_to_the_next_job(client, waiting, changed):
    response = decide(client, waiting, "approve", next_job=changed.pk)
    assert response.redirect_chain[-1][0] == f"{QUEUE}?job={changed.pk}"
    assert "Data engineer, Harbor Analytics: approved." in response.content.decode()
    assert state(waiting) == Status.APPROVED


@pytest.mark.usefixtures("_moderating")
def test_a_reason_is_required_and_a_saved_reply_will_do(client, waiting):
    assert "Enter a reason" in decide(client, waiting, "reject").content.decode()
    assert state(waiting) == Status.REVIEW
    reply = SavedReply.objects.create(title="Volunteers", text="We publish paid work only.")
    decide(client, waiting, "reject", saved_reply=reply.pk)
    assert state(waiting) == Status.REJECTED
    assert waiting.comments.get().text == "We publish paid work only."


@pytest.mark.usefixtures("_moderating")
@pytest.mark.parametrize(("name", "leads_to"), [("ask", Status.REVIEW), ("archive", Status.ARCHIVED), ("remove", Status.REMOVED)])
def test_the_other_decisions(client, waiting, name, leads_to):
    decide(client, waiting, name, message="Which city?")
    assert state(waiting) == leads_to


@pytest.mark.usefixtures("_moderating")
def test_a_message_is_no_decision(client, waiting):
    response = decide(client, waiting, "comment", message="Thanks, we read it tomorrow.")
    assert state(waiting) == Status.REVIEW
    assert response.redirect_chain[-1][0] == f"{QUEUE}?job={waiting.pk}"
    assert JobComment.objects.get().kind == "comment"


@pytest.mark.usefixtures("_moderating")
def test_the_second_moderator_is_notified(client, waiting):
    waiting.approve(by=UserFactory(role="Job board"))
    assert "Someone else may have changed it." in decide(client, waiting, "reject", message="No").content.decode()


@pytest.mark.usefixtures("_moderating")
def test_what_has_changed_since_is_not_approved(client, waiting, poster):
    seen = waiting.latest_revision_id
    waiting.submit(by=poster)
    assert "Read the new version, then decide." in decide(client, waiting, "approve", seen=seen).content.decode()
    assert state(waiting) == Status.REVIEW


@pytest.mark.usefixtures("_moderating")
def test_the_record_is_the_way_back(client, poster, moderator):
    spam = JobFactory(status=Status.REVIEW, submitted_by=poster)
    spam.remove(by=moderator)
    html = client.get(f"{QUEUE}{spam.pk}/").content.decode()
    assert "Removed as spam" in html
    assert "Return to the queue" in html
    assert 'value="approve"' not in html
    assert decide(client, spam, "restore", stays="1").redirect_chain[-1][0] == f"{QUEUE}{spam.pk}/"
    assert state(spam) == Status.REVIEW


@pytest.mark.usefixtures("_moderating")
def test_the_record_keeps_the_emails(client, waiting, sent, moderator):
    sent(lambda: waiting.reject(by=moderator, reason="Not paid"))
    html = client.get(f"{QUEUE}{waiting.pk}/").content.decode()
    assert "sent, to poster@example.org: Changes requested: Data engineer" in html


@pytest.mark.usefixtures("_moderating")
def test_several_at_once(client, waiting, changed, moderator):
    own = JobFactory(status=Status.REVIEW, submitted_by=moderator, title="My own")
    own.submit(by=moderator)
    chosen = [f"{job.pk}:{job.latest_revision_id}" for job in (waiting, changed, own)]
    html = client.post(f"{QUEUE}bulk/", {"action": "approve", "chosen": [*chosen, "999:1", "x"]}, follow=True).content.decode()
    assert "Approved: 2 jobs." in html
    assert "You cannot approve your own job." in html
    assert [state(job) for job in (waiting, changed, own)] == [Status.APPROVED, Status.APPROVED, Status.REVIEW]


@pytest.mark.usefixtures("_moderating")
def test_several_are_returned_with_one_reason(client, waiting):
    chosen = {"chosen": f"{waiting.pk}:{waiting.latest_revision_id}"}
    assert "Enter a reason" in client.post(f"{QUEUE}bulk/", {"action": "reject"} | chosen, follow=True).content.decode()
    client.post(f"{QUEUE}bulk/", {"action": "reject", "message": "Not paid"} | chosen)
    assert state(waiting) == Status.REJECTED


@pytest.mark.usefixtures("_moderating")
@pytest.mark.parametrize("name", ["delete", "save", "submit", "expire", ""])
def test_actions_that_are_none_of_the_page_are_not_there(client, waiting, name):
    assert decide(client, waiting, name).status_code == 404
    assert client.post(f"{QUEUE}bulk/", {"action": name}).status_code == 404
    assert state(waiting) == Status.REVIEW


@pytest.mark.usefixtures("_moderating")
def test_opening_an_address_changes_nothing(client, waiting):
    assert client.get(f"{QUEUE}{waiting.pk}/action/?action=approve").status_code == 405
    assert client.get(f"{QUEUE}bulk/?action=approve").status_code == 405
    assert decide(client, Job(pk=999), "approve").status_code == 404


@pytest.mark.parametrize("role", [None, "Content editors", "Release managers", "Events"])
def test_others_do_not_come_in(client, waiting, role):
    client.force_login(UserFactory(role=role))
    assert client.get(QUEUE).status_code in {302, 403}
    assert client.post(f"{QUEUE}{waiting.pk}/action/", {"action": "approve"}).status_code in {302, 403}
    client.post(f"{QUEUE}bulk/", {"action": "approve", "chosen": f"{waiting.pk}:"})
    assert state(waiting) == Status.REVIEW
