"""Changes of approved content need a new approval; until then the approved version is public."""

import pytest
from django.core.exceptions import ValidationError
from freezegun import freeze_time

from cms.moderation import workflow
from events import workflows as event_workflows
from events.models import Event
from jobs.models import Job
from psf import workflows as elections
from psf.models import MinutesPage, Nomination, Nominee
from sponsors.api import serialize_asset
from sponsors.models import Sponsor, SponsorAsset, SponsorshipDeliverable, State
from tests.admin_forms import form_of
from tests.community.test_stories import typed as typed_story
from tests.databases import fill
from tests.events.test_submissions import answers as typed_event
from tests.factories.community import StoryPageFactory
from tests.factories.events import CalendarFactory, EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import NominationFactory, NomineeFactory
from tests.factories.sponsors import (
    BenefitFactory,
    ContactFactory,
    DeliverableFactory,
    PackageFactory,
    PlacementFactory,
    SponsorshipFactory,
)
from tests.factories.users import UserFactory
from tests.psf.test_elections import typed as typed_nomination
from tests.sponsors.conftest import png
from tests.sponsors.test_public import edited

pytestmark = pytest.mark.django_db
APPROVED, CHANGED = "Approved text", "Changed text"


@pytest.fixture
def person(client):
    user = UserFactory(first_name="Ada", last_name="Byron")
    client.force_login(user)
    return user


class TestStatements:
    @pytest.fixture
    def statement(self, person):
        nominee = NomineeFactory(user=person, state=Nominee.State.APPROVED)
        with freeze_time("2026-07-10"):
            yield NominationFactory(nominee=nominee, nominator=UserFactory(), statement=APPROVED, state=Nomination.State.APPROVED)

    def test_a_candidate_who_rewrites_one_waits_for_the_staff_again(self, client, statement):
        client.post(f"{statement.get_absolute_url()}edit/", typed_nomination(statement=CHANGED))
        statement.refresh_from_db()
        assert (statement.statement, statement.state) == (CHANGED, Nomination.State.ACCEPTED)
        assert statement.nominee.shown_nominations == []
        elections.show_statement(statement, by=UserFactory(role="PSF staff"), shown=True)
        assert [one.statement for one in Nominee.objects.get().shown_nominations] == [CHANGED]

    def test_saving_the_same_text_changes_nothing(self, statement):
        statement.email = "ada@other.example.org"
        statement.revise()
        assert statement.state == Nomination.State.APPROVED

    @pytest.mark.parametrize("field", [*Nomination.PUBLIC_FIELDS])
    def test_every_public_field_counts(self, statement, field):
        setattr(statement, field, ["coc"] if field == "acknowledged" else CHANGED)
        statement.revise()
        assert statement.state == Nomination.State.ACCEPTED

    def test_a_hidden_one_stays_hidden(self, statement):
        Nomination.objects.update(state=Nomination.State.HIDDEN)
        statement.statement = CHANGED
        statement.revise()
        assert statement.state == Nomination.State.HIDDEN

    def test_staff_approve_what_they_have_read(self, client, statement):
        client.force_login(UserFactory(role="PSF staff"))
        Nomination.objects.update(state=Nomination.State.ACCEPTED)
        address = f"/admin/psf/elections/{statement.election_id}/dashboard/{statement.nominee_id}/"
        seen = client.get(address).context["seen"]
        changed = Nomination.objects.get()
        changed.statement = CHANGED
        changed.revise()
        for data in ({"action": "approve"}, {"action": "show", "nomination": statement.pk}):
            client.post(address, data | {"seen": seen})
            assert Nomination.objects.get().state == Nomination.State.ACCEPTED
        client.post(address, {"action": "approve", "seen": client.get(address).context["seen"]})
        assert Nomination.objects.get().state == Nomination.State.APPROVED

    def test_an_approved_candidate_keeps_the_approved_name(self, statement, person):
        Nominee.objects.update(user=None, email=person.email, name="Ada Byron")
        own = Nomination(election=statement.election, is_self=True, name="President", email=person.email, statement="Me.")
        elections.nominate(own, by=person)
        assert Nominee.objects.get().name == "Ada Byron"


def test_a_change_of_a_live_job_waits(client, person):
    job = JobFactory(submitted_by=person, title=APPROVED)
    version = Job.objects.get(pk=job.pk)
    version.title = CHANGED
    version.propose(by=person)
    assert Job.objects.get().title == APPROVED
    assert CHANGED not in client.get("/jobs/").content.decode()
    with pytest.raises(ValidationError):
        Job.objects.get().approve(by=UserFactory(role="Job board"), seen=job.latest_revision_id or 0)
    Job.objects.get().approve(by=UserFactory(role="Job board"))
    assert Job.objects.get().title == CHANGED


def test_a_change_of_a_published_event_waits(client, person):
    event = EventFactory(submitter=person, title=APPROVED)
    response = client.post(f"/events/mine/{event.pk}/", typed_event(CalendarFactory(), title=CHANGED))
    assert response.status_code == 302
    assert (Event.objects.get().title, Event.objects.get().live) == (APPROVED, True)
    event_workflows.approve(Event.objects.get(), by=UserFactory(role="Events"))
    assert Event.objects.get().title == CHANGED


def test_moderators_publish_the_event_that_they_have_read(client, person):
    event = EventFactory(submitter=person, title=APPROVED)
    event_workflows.submit(event, by=person)
    client.force_login(UserFactory(role="Events"))
    address = f"/admin/events/events/review/{event.pk}/"
    seen = client.get(address).context["revision"].pk
    event = Event.objects.get()
    event.title = CHANGED
    event_workflows.submit(event, by=person)
    assert b"Read the new version" in client.post(address, {"decision": "approve", "seen": seen}).content
    assert Event.objects.get().title == APPROVED


def test_a_change_of_a_published_story_waits(client, person):
    story = StoryPageFactory(submitter=person, title=APPROVED)
    response = client.post(f"/success-stories/edit/{story.pk}/", typed_story(title=CHANGED))
    assert response.status_code == 302
    story.refresh_from_db()
    assert (story.title, story.live) == (APPROVED, True)
    workflow.approve(story, by=UserFactory(role="Content editors"))
    story.refresh_from_db()
    assert story.title == CHANGED


class TestSponsors:
    """The public data of a sponsor, changed by its contact in the portal."""

    CHANGES = {
        "description": CHANGED,
        "landing_page_url": "https://changed.example.org/",
        "linked_in_page_url": "https://www.linkedin.com/changed",
        "twitter_handle": "@changed",
    }

    @pytest.fixture
    def sponsor(self, person):
        package = PackageFactory()
        PlacementFactory(benefit=BenefitFactory(packages=[package]))
        sponsorship = SponsorshipFactory(package=package, state=State.SIGNED, sponsor__description=APPROVED)
        ContactFactory(sponsor=sponsorship.sponsor, user=person)
        return sponsorship.sponsor

    def change(self, client, sponsor, sent, **changes):
        client.force_login(sponsor.contacts.get().user)
        unchanged = {name: getattr(sponsor, name) for name in self.CHANGES}
        data = edited(sponsor, sponsor.contacts.get(), **(unchanged | changes))
        number = len(sent(lambda: None))
        mails = sent(lambda: client.post(f"/users/sponsorships/sponsor/{sponsor.pk}/", data))
        sponsor.refresh_from_db()
        return mails[number:]

    def decide(self, client, sponsor, act, **fields):
        client.force_login(UserFactory(role="Sponsorship"))
        data = {"action": act, "seen": sponsor.proposed_revision_id} | fields
        response = client.post(f"/admin/moderation-queue/sponsors/{sponsor.pk}/", data, follow=True)
        sponsor.refresh_from_db()
        return response.content.decode()

    @pytest.mark.parametrize("field", Sponsor.PUBLIC_FIELDS)
    def test_a_change_waits_until_staff_approve_it(self, client, sponsor, sent, field):
        change = {field: self.CHANGES.get(field) or png(name="changed.png")}
        before = str(getattr(sponsor, field))
        mails = self.change(client, sponsor, sent, **change)
        assert str(getattr(sponsor, field)) == before
        assert f"/admin/moderation-queue/?item=sponsors-{sponsor.pk}" in mails[-1].body
        assert APPROVED in client.get("/psf/sponsors/").content.decode()
        assert b"in review" in client.get(f"/users/sponsorships/sponsor/{sponsor.pk}/").content
        client.force_login(UserFactory(role="Sponsorship"))
        assert sponsor.name in client.get("/admin/moderation-queue/").content.decode()
        proposed = str(getattr(sponsor.get_proposed(), field))
        assert proposed != before
        assert proposed in client.get(f"/admin/sponsors/sponsorships/changes/{sponsor.pk}/").content.decode()
        assert "are published" in self.decide(client, sponsor, "approve")
        assert (str(getattr(sponsor, field)), sponsor.proposed_revision) == (proposed, None)

    def test_the_address_changes_at_once_and_the_team_is_notified_once_about_the_rest(self, client, sponsor, sent):
        assert len(self.change(client, sponsor, sent, description=CHANGED, city="Bremen")) == 1
        assert (sponsor.city, sponsor.description) == ("Bremen", APPROVED)
        again = {"city": "Bremen", "description": f"{CHANGED} again"}
        assert self.change(client, sponsor, sent, **again) == []
        assert sponsor.get_proposed().description == f"{CHANGED} again"
        self.change(client, sponsor, sent, city="Bremen", description=APPROVED)
        assert sponsor.proposed_revision is None

    def test_staff_approve_what_they_have_read(self, client, sponsor, sent):
        self.change(client, sponsor, sent, description=CHANGED)
        seen = sponsor.proposed_revision_id
        self.change(client, sponsor, sent, description=f"{CHANGED} again")
        assert "Review them again" in self.decide(client, sponsor, "approve", seen=seen)
        assert sponsor.description == APPROVED

    def test_a_rejected_change_is_discarded_with_a_reason(self, client, sponsor, sent):
        self.change(client, sponsor, sent, description=CHANGED)
        assert "Enter the changes you need" in self.decide(client, sponsor, "reject")
        mails = sent(lambda: self.decide(client, sponsor, "reject", message="Without superlatives, please."))
        assert (sponsor.description, sponsor.proposed_revision) == (APPROVED, None)
        assert "Without superlatives" in mails[-1].body
        assert "Someone else" in self.decide(client, sponsor, "approve", seen=1)

    def test_before_the_first_approval_it_changes_at_once(self, client, sponsor, sent):
        sponsor.sponsorships.update(state=State.REVIEW)
        self.change(client, sponsor, sent, description=CHANGED)
        assert (sponsor.description, sponsor.proposed_revision) == (CHANGED, None)


class TestSponsorAssets:
    @pytest.fixture
    def item(self):
        benefit = BenefitFactory(packages=[PackageFactory()])
        DeliverableFactory(benefit=benefit, key="about")
        sponsorship = SponsorshipFactory(package=PackageFactory(), sponsorship_year=benefit.sponsorship_year, state=State.SIGNED)
        return SponsorshipDeliverable.objects.get(sponsorship_benefit__sponsorship=sponsorship)

    def test_programs_get_the_accepted_value_while_a_new_one_waits(self, item):
        item.submit(by=None, text=APPROVED)
        assert serialize_asset(SponsorAsset.objects.get())["value"] == APPROVED
        item.accept(by=None)
        item.submit(by=None, text=CHANGED)
        item.submit(by=None, text=f"{CHANGED} again")
        assert serialize_asset(SponsorAsset.objects.get())["value"] == APPROVED
        item.request_changes(by=None, comment="Shorter, please.")
        assert serialize_asset(SponsorAsset.objects.get())["value"] == APPROVED
        item.submit(by=None, text=CHANGED)
        item.accept(by=None)
        assert serialize_asset(SponsorAsset.objects.get())["value"] == CHANGED

    def test_what_was_never_accepted_shows_as_it_came(self, item):
        item.submit(by=None, text=APPROVED)
        item.submit(by=None, text=CHANGED)
        assert serialize_asset(SponsorAsset.objects.get())["value"] == CHANGED


def test_a_change_of_published_minutes_waits(client):
    fill()
    page = MinutesPage.objects.live().first()
    staff = UserFactory(role="PSF staff")
    client.force_login(staff)
    assert not page.permissions_for_user(staff).can_publish()
    data = form_of(page, MinutesPage.get_edit_handler(), client) | {"present": CHANGED}
    for button in ({}, {"action-publish": "1"}):
        client.post(f"/admin/pages/{page.pk}/edit/", data | button)
        assert MinutesPage.objects.get(pk=page.pk).present != CHANGED
    assert MinutesPage.objects.get(pk=page.pk).get_latest_revision_as_object().present == CHANGED
