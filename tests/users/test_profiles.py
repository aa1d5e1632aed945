"""A person's own pages."""

import logging
from types import SimpleNamespace

import pytest
from django.db import IntegrityError
from wagtail.models import Revision

from jobs.models import Job, Status
from sponsors.models import ApplicationDraft
from tests.factories.community import StoryPageFactory, story_index
from tests.factories.events import EventFactory
from tests.factories.jobs import JobFactory
from tests.factories.psf import ElectionFactory, MembershipFactory, NominationFactory, NomineeFactory
from tests.factories.sponsors import ContactFactory, SponsorshipFactory
from tests.factories.users import UserFactory
from users import personal
from users.models import ServiceKey, User

pytestmark = pytest.mark.django_db
# Parts of the export that belong to no section: tests/cms/test_retention.py.
SHARED_PARTS = {"trash", "account", "emails", "problem_reports", "activity", "page_activity", "revisions"}


@pytest.fixture
def ada():
    person = UserFactory(username="ada", email="ada@example.org", first_name="Ada", last_name="L.")
    person.set_password("correct horse battery")
    person.save()
    return person


def test_a_profile_is_seen_by_whom_the_one_setting_says(client, ada):
    assert client.get("/users/ada/").status_code == 404
    ada.public_profile, ada.bio = True, "I <script>alert(1)</script> code. https://example.org/"
    ada.save()
    html = client.get("/users/ada/").content.decode()
    assert "Ada L." in html
    assert "&lt;script&gt;" in html
    assert 'rel="nofollow"' in html
    assert "noindex" in html
    assert "Your account" not in html
    ada.is_active = False
    ada.save()
    assert client.get("/users/ada/").status_code == 404


def test_no_cache_keeps_a_profile(client, ada):
    client.force_login(ada)
    assert "private" in client.get("/users/ada/")["Cache-Control"]


@pytest.mark.parametrize("name", ["ada.l", "a+b", "x@y", "under_score", "a-b"])
def test_names_of_all_allowed_characters_have_an_address(client, name):
    UserFactory(username=name, public_profile=True)
    assert client.get(f"/users/{name}/").status_code == 200


def test_names_are_one_whatever_their_case(client, ada):
    client.force_login(ada)
    assert client.get("/users/ADA/")["Location"] == "/users/ada/"
    with pytest.raises(IntegrityError):
        User.objects.create(username="Ada")


def test_the_own_page_leads_to_everything(client, ada, django_assert_max_num_queries):
    for _ in range(8):
        JobFactory(submitted_by=ada, title="Data engineer")
    client.force_login(ada)
    with django_assert_max_num_queries(25):
        html = client.get("/users/ada/").content.decode()
    assert html.count("Data engineer") == 5
    for address in ("/users/edit/", "/accounts/2fa/", "/accounts/sessions/", "/users/keys/", "/users/export/", "/jobs/mine/"):
        assert f'href="{address}"' in html
    assert client.get("/users/")["Location"] == "/users/ada/"


def test_a_profile_is_edited(client, ada):
    UserFactory(username="grace")
    client.force_login(ada)
    response = client.post("/users/edit/", {"username": "GRACE", "bio": "x"})
    assert response.status_code == 422
    assert "This username is already taken." in response.content.decode()
    client.post("/users/edit/", {"username": "ada.l", "bio": "I code.", "public_profile": "on"})
    ada.refresh_from_db()
    assert (ada.username, ada.bio, ada.public_profile, ada.email) == ("ada.l", "I code.", True, "ada@example.org")


def test_strangers_must_sign_in(client):
    for path in ("/users/", "/users/edit/", "/users/export/", "/users/keys/"):
        assert client.get(path)["Location"].startswith(f"/accounts/login/?next={path}")


@pytest.fixture
def everything(ada):
    """Something of the person in every section."""
    story_index()
    election = ElectionFactory()
    sponsorship = SponsorshipFactory()
    return SimpleNamespace(
        live=JobFactory(submitted_by=ada, title="Data engineer", email="jobs@example.org"),
        ended=JobFactory(submitted_by=ada, title="Old job", email="jobs@example.org", status=Status.EXPIRED),
        event=EventFactory(title="PyLadies", submitter=ada),
        story=StoryPageFactory(title="Weather maps", submitter=ada, author="Ada L.", author_email="ada@example.org"),
        nomination=NominationFactory(nominee=NomineeFactory(election=election, user=ada), nominator=ada, is_self=True),
        other=NominationFactory(nominee=NomineeFactory(election=election, name="Grace"), nominator=ada),
        membership=MembershipFactory(user=ada, city="London"),
        sponsorship=sponsorship,
        draft=ApplicationDraft.objects.create(user=ada, sponsorship_year=sponsorship.sponsorship_year),
        contact=ContactFactory(sponsor=sponsorship.sponsor, user=ada, phone="555"),
    )


def test_the_export_and_the_page_hold_what_every_section_has(client, ada, everything):
    stranger = UserFactory()
    client.force_login(stranger)
    assert not any(client.get("/users/export/").json()[part.key] for part in personal.parts())
    client.force_login(ada)
    response = client.get("/users/export/")
    data = response.json()
    assert "attachment" in response["Content-Disposition"]
    assert data["account"]["email"] == "ada@example.org"
    assert {key: len(rows) for key, rows in data.items() if key not in SHARED_PARTS} == {
        "jobs": 2,
        "events": 1,
        "stories": 1,
        "nominations": 2,
        "membership": 1,
        "sponsorships": 1,
        "application_drafts": 1,
        "sponsor_contacts": 1,
    }
    assert (data["membership"][0]["city"], data["sponsorships"][0]["sponsor__name"]) == (
        "London",
        everything.sponsorship.sponsor.name,
    )
    assert "password" not in response.content.decode()
    html = client.get("/users/ada/").content.decode()
    for words in (
        "Data engineer",
        "PyLadies",
        "Weather maps",
        "Sponsor contacts",
        "Membership",
        everything.sponsorship.sponsor.name,
    ):
        assert words in html
    client.force_login(stranger)
    html = client.get(stranger.get_absolute_url()).content.decode()
    assert ("Success stories" in html, "Sponsor contacts" in html) == (True, False)


class TestDeletion:
    def delete(self, client, **form):
        return client.post("/users/ada/delete/", {"sure": "on", "password": "correct horse battery"} | form)

    def test_only_the_owner_deletes_an_account_and_opening_the_page_changes_nothing(self, client, ada):
        assert client.post("/users/ada/delete/").status_code == 302
        client.force_login(UserFactory())
        assert client.post("/users/ada/delete/").status_code == 403
        client.force_login(ada)
        response = client.get("/users/ada/delete/")
        assert (response.status_code, "cannot be undone" in response.content.decode()) == (200, True)
        ada.refresh_from_db()
        assert ada.is_active

    def test_it_asks_first(self, client, ada):
        client.force_login(ada)
        response = client.post("/users/ada/delete/", {"password": "correct horse battery"})
        assert (response.status_code, "cannot be undone" in response.content.decode()) == (422, True)
        response = self.delete(client, password="wrong")
        assert (response.status_code, "password is incorrect" in response.content.decode()) == (422, True)
        ada.refresh_from_db()
        assert ada.is_active

    def test_no_section_keeps_what_only_staff_could_see(self, client, ada, everything):
        client.force_login(ada)
        self.delete(client)
        assert not ApplicationDraft.objects.exists()
        del everything.draft
        for row in vars(everything).values():
            row.refresh_from_db()
        kept = everything
        assert (kept.live.email, kept.ended.email, kept.live.submitted_by_id) == ("jobs@example.org", "", ada.pk)
        assert (kept.story.author, kept.story.author_email, kept.story.live) == ("Ada L.", "", True)
        assert (kept.nomination.email, kept.nomination.nominee.email, kept.nomination.name) == ("", "", "Ada Byron")
        assert kept.other.email == "ada@example.org"
        assert (kept.membership.legal_name, kept.membership.city, kept.membership.user) == ("", "", None)
        assert (kept.contact.name, kept.contact.phone, kept.contact.user) == ("Ada Byron", "", None)

    def test_older_versions_keep_no_address_either(self, client, ada, everything):
        kept = everything
        for row in (kept.live, kept.ended, kept.story):
            row.save_revision(clean=False)
        kept.live.email = "new@example.org"
        kept.live.save()
        stranger = JobFactory(email="grace@example.org")
        stranger.save_revision(clean=False)
        client.force_login(ada)
        self.delete(client)
        told = [Revision.objects.for_instance(row).get().content for row in (kept.live, kept.ended, kept.story, stranger)]
        assert [version.get("email", version.get("author_email")) for version in told] == [
            "new@example.org",
            "",
            "",
            "grace@example.org",
        ]
        assert (told[1]["title"], told[2]["author"]) == ("Old job", "Ada L.")

    def test_what_is_personal_goes_and_content_stays(self, client, ada, caplog):
        job = JobFactory(submitted_by=ada)
        ServiceKey.make(owner=ada, name="x", scopes=["read"], days=30)
        client.force_login(ada)
        with caplog.at_level(logging.INFO, "security"):
            assert self.delete(client)["Location"] == "/"
        ada.refresh_from_db()
        assert (ada.username, ada.email, ada.get_full_name(), ada.is_active) == (f"former-{ada.pk}", "", "", False)
        assert not ada.service_keys.exists()
        assert Job.objects.get(pk=job.pk).submitted_by == ada
        assert not client.get("/authenticated").content.count(b"Signed in")
        assert "account_deleted" in [line.event for line in caplog.records if line.name == "security"]
