"""Messages to many external recipients are drafts first: filtered, sent or discarded together."""

import pytest
from django.urls import reverse

from cms.email import drafts
from cms.email.models import SentEmail
from cms.undo.models import UndoStep
from jobs import emails
from jobs.models import Job, Status
from tests.factories.jobs import JobFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
LIST, APPLY = "/admin/draft-messages/", "/admin/draft-messages/apply/"


@pytest.fixture
def moderator(client):
    user = UserFactory(username="mod", role="Job board")
    client.force_login(user)
    return user


@pytest.fixture
def rejected(client, moderator):
    """Three jobs that were returned at once."""
    jobs = []
    for number in range(3):
        poster = UserFactory(email=f"poster{number}@example.org")
        job = JobFactory(title=f"Job {number}", status=Status.DRAFT, submitted_by=poster)
        job.submit(by=poster)
        jobs.append(job)
    chosen = [f"{job.pk}:{job.latest_revision_id}" for job in jobs]
    data = {"action": "reject", "message": "Say how Python is used.", "chosen": chosen}
    page = client.post(reverse("job_queue:bulk"), data, follow=True)
    assert "3 messages are drafts and were not sent." in page.content.decode()
    return jobs


def statuses():
    return sorted(SentEmail.objects.filter(key="jobs.rejected").values_list("status", flat=True))


@pytest.fixture
def post(client, mailoutbox, django_capture_on_commit_callbacks):
    def post(url, data):
        before = len(mailoutbox)
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(url, data, follow=True)
        return response.content.decode(), sorted(mail.to[0] for mail in mailoutbox[before:])

    return post


def test_bulk_rejections_are_sent_together_after_a_look(client, rejected, post):
    assert statuses() == ["draft"] * 3
    page = client.get(LIST).content.decode()
    assert all(f"poster{number}@example.org" in page for number in range(3))
    text, to = post(APPLY, {"action": "send", "all": "1"})
    assert "3 messages sent." in text
    assert to == [f"poster{number}@example.org" for number in range(3)]
    assert statuses() == ["sent"] * 3


def test_filters_and_selections_limit_what_is_sent_or_discarded(client, rejected, post):
    drafts_by_recipient = {email.to[0]: email for email in SentEmail.objects.filter(status="draft")}
    text, to = post(f"{APPLY}?q=poster0", {"action": "send", "all": "1"})
    assert to == ["poster0@example.org"]
    text, to = post(APPLY, {"action": "discard", "draft": [drafts_by_recipient["poster1@example.org"].pk]})
    assert ("1 draft discarded." in text, to) == (True, [])
    assert statuses() == ["draft", "sent"]
    assert "Select the drafts first." in post(APPLY, {"action": "send"})[0]
    assert "poster2@example.org" not in client.get(f"{LIST}?type=sponsors.message").content.decode()


def test_a_single_rejection_is_sent_at_once(client, moderator, post):
    poster = UserFactory(email="poster@example.org")
    job = JobFactory(status=Status.DRAFT, submitted_by=poster)
    job.submit(by=poster)
    _text, to = post(reverse("job_queue:action", args=[job.pk]), {"action": "reject", "message": "Say how."})
    assert to == ["poster@example.org"]


def test_drafts_of_an_undone_decision_are_discarded(client, rejected):
    client.post(reverse("undo", args=[UndoStep.objects.values_list("batch", flat=True).distinct().get()]))
    assert Job.objects.filter(status=Status.REVIEW).count() == 3
    assert statuses() == []


def test_drafts_need_the_permission_of_their_type(client, rejected, post):
    client.force_login(UserFactory(role="Sponsorship"))
    assert "poster0@example.org" not in client.get(LIST).content.decode()
    _text, to = post(APPLY, {"action": "send", "all": "1"})
    assert to == []
    assert statuses() == ["draft"] * 3


def test_a_draft_is_not_delivered_by_the_schedule_or_the_log(client, rejected):
    assert not SentEmail.objects.due().filter(status="draft").exists()
    client.force_login(UserFactory(role="Site admins"))
    draft = SentEmail.objects.filter(status="draft").first()
    assert reverse("email_send_again", args=[draft.pk]) not in client.get("/admin/emails/").content.decode()


def test_drafts_of_erased_recipients_are_not_sent(rejected, moderator):
    SentEmail.objects.filter(status="draft").anonymize()
    assert drafts.send_drafts(drafts.find_drafts(moderator), by=moderator) == 0


def test_other_emails_are_sent_while_drafting(moderator, mailoutbox, django_capture_on_commit_callbacks):
    job = JobFactory(submitted_by=UserFactory(email="poster@example.org"))
    with django_capture_on_commit_callbacks(execute=True), drafts.drafting(moderator):
        emails.email_poster(job, "approved")
    assert len(mailoutbox) == 1
