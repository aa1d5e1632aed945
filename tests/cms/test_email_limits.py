"""Limits on emails triggered by visitors and members, and the content allowed in emails to strangers."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from cms.email import limits, models, registry, sending
from cms.email.models import EmailTemplate, SentEmail
from jobs.models import JobComment
from psf import workflows as elections
from sponsors.emails import recipients
from tests.factories.community import StoryPageFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import ElectionFactory, NominationFactory
from tests.factories.sponsors import ContactFactory, SponsorshipFactory
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
DURING = datetime(2026, 7, 6, 12, tzinfo=UTC)
FREE_TEXT = "Buy gold at evil.example"


@pytest.fixture
def email_type(monkeypatch):
    monkeypatch.setattr(registry, "EMAIL_TYPES", {})
    monkeypatch.setattr(models, "EMAIL_TYPES", registry.EMAIL_TYPES)
    EmailTemplate.objects.create(key="cms.greeting", subject="Hello", body="Welcome.")
    return registry.declare("cms.greeting", example={})


@pytest.fixture
def acting_as(monkeypatch):
    """Make a user, or None for an anonymous visitor, the sender of the current request."""

    def run(user, address="203.0.113.9"):
        request = RequestFactory().get("/", REMOTE_ADDR=address)
        if user is not None:
            request.user = user
        limits._current_request.set(request)

    yield run
    limits._current_request.set(None)


def statuses():
    return list(SentEmail.objects.order_by("pk").values_list("status", flat=True))


def test_a_member_causes_a_limited_number_of_emails(email_type, acting_as):
    acting_as(UserFactory())
    for number in range(limits.MAX_PER_SENDER + 2):
        sending.send(email_type, to=[f"person{number}@example.net"], variables={})
    assert statuses().count("limited") == 2
    acting_as(UserFactory())
    assert sending.send(email_type, to=["other@example.net"], variables={}).status == "waiting"


def test_an_anonymous_client_is_counted_by_its_address(email_type, acting_as):
    acting_as(None)
    for number in range(limits.MAX_PER_SENDER):
        sending.send(email_type, to=[f"person{number}@example.net"], variables={})
    assert sending.send(email_type, to=["other@example.net"], variables={}).status == "limited"
    acting_as(None, address="198.51.100.7")
    assert sending.send(email_type, to=["other@example.net"], variables={}).status == "waiting"


def test_a_recipient_is_not_flooded_by_many_accounts(email_type, acting_as):
    for number in range(limits.MAX_PER_RECIPIENT):
        acting_as(UserFactory())
        sending.send(email_type, to=["Ada@example.net"], variables={}, about=JobFactory() if number % 2 else None)
    assert sending.send(email_type, to=["ada@example.net"], variables={}).status == "limited"


def test_one_object_sends_few_emails_of_a_type_to_one_recipient(email_type, acting_as):
    acting_as(UserFactory())
    job = JobFactory()
    for _ in range(limits.MAX_PER_OBJECT + 1):
        sending.send(email_type, to=["board@example.org"], variables={}, about=job)
    assert statuses() == ["waiting"] * limits.MAX_PER_OBJECT + ["limited"]
    assert sending.send(email_type, to=["board@example.org"], variables={}, about=JobFactory()).status == "waiting"


def test_staff_and_tasks_are_not_limited_and_a_limit_ends_after_an_hour(email_type, acting_as):
    member = UserFactory()
    acting_as(member)
    for _ in range(limits.MAX_PER_SENDER + 1):
        sending.send(email_type, to=["ada@example.net"], variables={})
    acting_as(UserFactory(role="Job board"))
    assert sending.send(email_type, to=["ada@example.net"], variables={}).status == "waiting"
    limits._current_request.set(None)
    assert sending.send(email_type, to=["ada@example.net"], variables={}).status == "waiting"
    SentEmail.objects.update(created_at=timezone.now() - limits.WINDOW - timedelta(seconds=1))
    acting_as(member)
    assert sending.send(email_type, to=["ada@example.net"], variables={}).status == "waiting"


def test_a_limited_email_is_never_sent_by_the_retry(email_type, acting_as):
    SentEmail.objects.create(key=email_type.key, to=["a@example.net"], subject="Hello", body="", status=SentEmail.Status.LIMITED)
    assert not SentEmail.objects.due(timezone.now() + timedelta(minutes=10)).exists()


def test_every_request_counts_for_its_sender(client, django_capture_on_commit_callbacks):
    """A comment is posted over HTTP: the email to the job board is counted for the poster."""
    poster = UserFactory()
    job = JobFactory(submitted_by=poster)
    client.force_login(poster)
    for number in range(22):
        client.post(f"/jobs/{job.pk}/comment/", {"text": f"Comment {number}"})
    assert JobComment.objects.filter(job=job).count() == 22
    assert SentEmail.objects.filter(key="jobs.answer").exclude(status="limited").count() == limits.MAX_PER_OBJECT
    assert set(SentEmail.objects.values_list("sender", flat=True)) == {f"user:{poster.pk}"}


def test_a_sponsor_cannot_flood_a_stranger_with_invitations(client):
    contact = ContactFactory(user=UserFactory(), sponsor=SponsorshipFactory().sponsor)
    stranger = ContactFactory(sponsor=contact.sponsor, email="stranger@example.net", name=FREE_TEXT)
    client.force_login(contact.user)
    address = f"/users/sponsorships/sponsor/{contact.sponsor_id}/invite/{stranger.pk}/"
    answers = [client.post(address, follow=True).content.decode() for _ in range(25)]
    assert "Too many emails were sent from your account" in answers[-1]
    assert SentEmail.objects.filter(status="waiting").count() <= limits.MAX_PER_OBJECT
    assert stranger.sponsor.name not in SentEmail.objects.first().body


def test_a_refused_nomination_leaves_no_row(acting_as):
    election = ElectionFactory()
    member = UserFactory()
    acting_as(member)
    SentEmail.objects.bulk_create(
        SentEmail(key="x", to=[f"p{number}@example.net"], subject="x", body="", sender=f"user:{member.pk}")
        for number in range(limits.MAX_PER_SENDER)
    )
    nomination = NominationFactory.build(nominee=None, election=election, name="Ada", email="ada@example.net")
    with pytest.raises(sending.ValidationError, match="Too many emails"):
        elections.nominate(nomination, by=member, at=DURING)
    assert not election.nominees.exists()


class TestFreeText:
    """Text typed by a member is not emailed to anyone else before staff approve it."""

    def sent_to(self, address):
        return list(SentEmail.objects.filter(to=[address]))

    def test_invitation_of_a_contact(self):
        sponsorship = SponsorshipFactory(sponsor__name=FREE_TEXT)
        contact = ContactFactory(sponsor=sponsorship.sponsor, email="stranger@example.net", name=FREE_TEXT)
        from sponsors.emails import send_invitation  # noqa: PLC0415

        send_invitation(contact, sponsorship)
        (email,) = self.sent_to("stranger@example.net")
        assert FREE_TEXT not in email.subject + email.body

    def test_application_to_sponsor(self):
        sponsorship = SponsorshipFactory(state="applied", submitted_by=UserFactory(email="member@example.net"))
        ContactFactory(sponsor=sponsorship.sponsor, email="stranger@example.net")
        assert recipients(sponsorship) == ["member@example.net"]

    def test_nomination(self):
        member = UserFactory(first_name=FREE_TEXT)
        nomination = NominationFactory.build(
            nominee=None,
            election=ElectionFactory(),
            name=FREE_TEXT,
            email="stranger@example.net",
            statement=FREE_TEXT,
        )
        elections.nominate(nomination, by=member, at=DURING)
        (email,) = self.sent_to("stranger@example.net")
        assert FREE_TEXT not in email.subject + email.body

    def test_job(self):
        job = JobFactory(status="draft", title=FREE_TEXT, email="stranger@example.net", submitted_by=UserFactory())
        job.withdraw(by=job.submitted_by)
        assert not self.sent_to("stranger@example.net")
        assert self.sent_to(job.submitted_by.email)

    def test_story(self):
        from community.emails import RECEIVED, RETURNED, tell_author  # noqa: PLC0415

        story = StoryPageFactory(live=False, title=FREE_TEXT, author_email="stranger@example.net", submitter=UserFactory())
        for email_type, variables in ((RECEIVED, {}), (RETURNED, {"reason": "Why?"})):
            tell_author(email_type, story, **variables)
        assert not self.sent_to("stranger@example.net")
