"""One identity: rows that name a person by email address belong to the account that confirmed the address."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from freezegun import freeze_time

from community.models import StoryPage
from jobs.models import Job
from psf.models import Nominee
from sponsors import emails as sponsor_emails
from tests.factories.community import StoryPageFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import ElectionFactory, MembershipFactory, NomineeFactory
from tests.factories.sponsors import ContactFactory, SponsorshipFactory
from tests.factories.users import UserFactory
from users import identities

pytestmark = pytest.mark.django_db

EMAIL = "Ada@Example.org"
PASSWORD = "a long enough one"
FACTORIES = {
    "contact": lambda email: ContactFactory(email=email),
    "nominee": lambda email: NomineeFactory(email=email),
    "member": lambda email: MembershipFactory(email=email, user=None),
    "poster": lambda email: JobFactory(email=email, submitted_by=None),
    "author": lambda email: StoryPageFactory(author_email=email, submitter=None),
}


def member(email="ada@example.org", *, verified=True, **fields):
    user = UserFactory(email=email, **fields)
    user.set_password(PASSWORD)
    user.save()
    user.emailaddress_set.create(email=email, verified=verified, primary=True)
    return user


def account_of(row):
    identity = identities.identity_of(row)
    return getattr(type(row)._default_manager.get(pk=row.pk), identity.account)


def test_every_identity_is_tested():
    assert set(FACTORIES) == set(identities.IDENTITIES)


@pytest.mark.parametrize("key", sorted(FACTORIES))
class TestEachModel:
    def test_a_row_is_linked_at_sign_in(self, client, key):
        row = FACTORIES[key](EMAIL)
        user = member(username="ada")
        assert account_of(row) is None
        client.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
        assert account_of(row) == user

    def test_a_row_is_linked_when_it_is_saved(self, key):
        user = member()
        assert account_of(FACTORIES[key](EMAIL)) == user

    def test_an_address_that_is_not_confirmed_links_nothing(self, client, key):
        row = FACTORIES[key](EMAIL)
        client.force_login(member(verified=False))
        assert account_of(row) is None

    def test_a_row_of_another_account_stays(self, client, key):
        row = FACTORIES[key]("grace@example.org")
        owner = member("grace@example.org")
        client.force_login(owner)
        client.force_login(member(EMAIL))
        assert account_of(row) == owner

    def test_an_invitation_leads_to_its_page(self, client, key):
        row = FACTORIES[key](EMAIL)
        path = identities.invitation_path(row, "/psf/")
        assert client.get(path).url.startswith("/accounts/login/?next=")
        client.force_login(UserFactory())
        page = client.get(path)
        assert EMAIL in page.content.decode()
        assert account_of(row) is None, "a GET must change nothing"
        assert client.post(path).url == "/psf/"
        assert client.get(path).url == "/psf/"
        client.force_login(UserFactory())
        assert client.get(path).status_code == 404

    def test_an_invitation_expires(self, client, key):
        row = FACTORIES[key](EMAIL)
        path = identities.invitation_path(row, "/psf/")
        with freeze_time(timezone.now() + timedelta(days=identities.INVITATION_DAYS + 1)):
            client.force_login(UserFactory())
            assert client.post(path).status_code == 404
            assert account_of(row) is None
            # Old emails still lead their own reader to the page.
            client.force_login(member())
            assert client.get(path).url == "/psf/"


def test_an_invitation_to_another_address_is_no_longer_valid(client):
    contact = ContactFactory(email=EMAIL)
    path = identities.invitation_path(contact, "/psf/")
    contact.email = "grace@example.org"
    contact.save()
    client.force_login(UserFactory())
    assert client.get(path).status_code == 404
    assert client.get("/users/invitation/nonsense/").status_code == 404


def test_an_account_is_a_candidate_once_in_an_election(client):
    election = ElectionFactory()
    user = member()
    own = NomineeFactory(election=election, user=user, email="other@example.org")
    second = NomineeFactory(election=election, email=EMAIL)
    client.force_login(user)
    assert Nominee.objects.get(pk=second.pk).user is None
    page = client.post(identities.invitation_path(second, "/psf/"), follow=True).content.decode()
    assert "cannot accept this invitation" in page
    assert Nominee.objects.get(user=user) == own


def test_an_older_version_of_a_story_keeps_its_author(client):
    story = StoryPageFactory(author_email=EMAIL, submitter=None)
    story.save_revision()
    user = member()
    client.force_login(user)
    story = StoryPage.objects.get()
    assert story.submitter == user
    assert story.get_latest_revision_as_object().submitter == user


def test_a_contact_who_did_not_join_gets_no_email_before_the_approval(client):
    """An applicant may enter any email address in an application."""
    sponsorship = SponsorshipFactory(state="applied", submitted_by=UserFactory(email="applicant@example.org"))
    client.force_login(member())
    contact = ContactFactory(sponsor=sponsorship.sponsor, email=EMAIL)
    assert account_of(contact) is not None
    assert sponsor_emails.recipients(sponsorship) == ["applicant@example.org"]


def links(mail):
    return re.findall(r"https?://\S+", mail.body)


def path_of(mail, part):
    return next("/" + link.split("/", 3)[3] for link in links(mail) if part in link)


def test_the_administrative_contact_gets_from_the_email_to_the_contract(client, mailoutbox, django_capture_on_commit_callbacks):
    sponsorship = SponsorshipFactory(state="approved", approved_on=timezone.localdate())
    ContactFactory(sponsor=sponsorship.sponsor, user=member("primary@example.org"), primary=True, email="primary@example.org")
    ContactFactory(sponsor=sponsorship.sponsor, primary=False, administrative=True, email="signer@example.org")
    with django_capture_on_commit_callbacks(execute=True):
        sponsor_emails.email_sponsor(sponsorship, "contract_sent")
    portal = f"/users/sponsorships/{sponsorship.pk}/"
    known, stranger = mailoutbox
    assert (known.to, stranger.to) == (["primary@example.org"], ["signer@example.org"])
    assert path_of(known, "/users/") == portal
    invitation = path_of(stranger, "/users/invitation/")

    # Signs up from the link, and comes back to it by the confirmation email.
    sign_up = client.get(client.get(invitation).url).content.decode()
    address = re.search(r'href="(/accounts/signup/[^"]*)"', sign_up)[1].replace("&amp;", "&")
    data = {"username": "signer", "email": "signer@example.org", "password1": PASSWORD, "password2": PASSWORD, "next": invitation}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, data)
    confirmation = path_of(mailoutbox[-1], "/accounts/confirm-email/")
    form = client.get(confirmation).content.decode()
    assert invitation in form
    response = client.post(confirmation, {"next": invitation}, follow=True)
    assert response.request["PATH_INFO"] == portal
    assert response.status_code == 200
    assert "sign" in sponsorship.get_contact_rights(response.wsgi_request.user)


def test_a_confirmation_link_leads_to_no_other_site(client, mailoutbox):
    data = {"username": "ada", "email": "ada@example.org", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", data | {"next": "https://evil.example/"})
    assert "evil" not in mailoutbox[-1].body


def test_the_poster_of_an_imported_job_edits_it(client):
    job = JobFactory(email=EMAIL, submitted_by=None)
    client.force_login(member())
    assert client.get(f"/jobs/{job.pk}/edit/").status_code == 200
    assert Job.objects.get(pk=job.pk).submitted_by is not None
