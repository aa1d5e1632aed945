"""Basic membership pages, with membership open and closed."""

import time

import pytest
from django.core import signing

from psf.models import Membership, MembershipSettings
from tests.factories.psf import MembershipFactory, membership_page
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
MINE, EDIT, LEAVE = "/users/membership/", "/users/membership/edit/", "/users/membership/delete/"


@pytest.fixture
def ada(client):
    person = UserFactory(username="ada", first_name="Ada", last_name="Byron", email="ada@example.org")
    client.force_login(person)
    return person


@pytest.fixture
def closed():
    MembershipSettings.objects.update_or_create(defaults={"basic_is_open": False})


def typed(**changed):
    return {
        "opened": signing.dumps(time.time() - 60, salt="opened"),
        "legal_name": "Ada Byron",
        "preferred_name": "Ada",
        "email": "ada@example.org",
        "city": "London",
        "country": "United Kingdom",
        "code_of_conduct": "on",
        "announcements": "on",
    } | changed


class TestJoining:
    def test_strangers_must_sign_in(self, client):
        for path in (MINE, EDIT):
            assert client.get(path).url.startswith("/accounts/login/"), path
        assert client.post(LEAVE).url.startswith("/accounts/login/")

    def test_the_form_knows_who_is_signed_in(self, client, ada):
        response = client.get(MINE)
        for words in ('value="Ada Byron"', 'value="ada@example.org"', "I agree to the PSF code of conduct"):
            assert words in response.content.decode()
        assert "no-store" in response["Cache-Control"]

    def test_a_person_becomes_a_basic_member_once(self, client, ada):
        assert client.post(MINE, typed()).url == EDIT
        member = Membership.objects.get()
        assert (member.user, member.kind, member.city) == (ada, Membership.Kind.BASIC, "London")
        assert (member.code_of_conduct, member.announcements) == (True, True)
        assert (client.get(MINE).url, client.post(MINE, typed(city="Paris")).url) == (EDIT, EDIT)
        assert Membership.objects.get().city == "London"

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"code_of_conduct": ""}, "To become a member, agree to the code of conduct."),
            ({"legal_name": ""}, "This field is required."),
            ({"preferred_name": ""}, "This field is required."),
            ({"country": ""}, "This field is required."),
            ({"email": "nobody"}, "Enter a valid email address."),
            ({"city": "x" * 101}, "at most 100 characters"),
            ({"website_two": "https://spam.example"}, "This looks like spam."),
        ],
    )
    def test_bad_input_gets_a_sentence(self, client, ada, changed, sentence):
        response = client.post(MINE, typed(**changed))
        assert (response.status_code, sentence in response.content.decode()) == (422, True)
        assert not Membership.objects.exists()

    def test_a_flood_stops(self, client):
        for _ in range(11):
            client.force_login(UserFactory())
            response = client.post(MINE, typed())
        assert "We received too many submissions" in response.content.decode()
        assert Membership.objects.count() == 10


class TestMembers:
    @pytest.fixture
    def member(self, ada):
        return MembershipFactory(user=ada, code_of_conduct=True, kind=Membership.Kind.FELLOW)

    def test_a_member_changes_the_record_and_not_what_was_agreed_to(self, client, member):
        assert "I agree to the PSF code of conduct" not in client.get(EDIT).content.decode()
        response = client.post(EDIT, typed(city="Paris", code_of_conduct="", announcements="", kind="0"))
        assert response.url == EDIT
        before = member.updated_at
        member.refresh_from_db()
        assert (member.city, member.code_of_conduct, member.announcements, member.kind) == ("Paris", True, False, 5)
        assert member.updated_at > before
        assert client.post(EDIT, typed(country="")).status_code == 422

    def test_members_must_agree_first(self, client, member):
        Membership.objects.update(code_of_conduct=None)
        assert client.post(EDIT, typed(code_of_conduct="")).status_code == 422
        client.post(EDIT, typed())
        assert Membership.objects.get().code_of_conduct

    def test_a_record_belongs_to_its_member_alone(self, client, member):
        client.force_login(UserFactory())
        assert client.get(EDIT).status_code == 404
        assert client.post(EDIT, typed()).status_code == 404
        assert client.post(LEAVE).status_code == 404
        assert Membership.objects.count() == 1

    def test_leaving_deletes_the_record_by_post_alone(self, client, member):
        assert client.get(LEAVE).status_code == 405
        assert client.post(LEAVE).url == "/users/ada/"
        assert not Membership.objects.exists()

    def test_the_profile_leads_to_it(self, client, ada):
        page = client.get("/users/ada/").content.decode()
        assert f'href="{MINE}"' in page
        assert "Fellow" not in page
        MembershipFactory(user=ada, kind=Membership.Kind.FELLOW)
        assert "(Fellow)" in client.get("/users/ada/").content.decode()

    def test_votes_are_affirmed_where_members_vote(self, client):
        assert client.get("/users/membership/affirm/").url == "https://psfmember.org/"


class TestSwitch:
    def test_when_it_is_off_nobody_joins_here(self, client, ada, closed):
        assert client.get(MINE).status_code == 404
        page = membership_page()
        for response in (client.get(MINE), client.post(MINE, typed())):
            assert response.url == "/psf/membership/"
        assert not Membership.objects.exists()
        assert f'href="{MINE}"' not in client.get(page.url).content.decode()

    def test_when_it_is_on_the_page_offers_it(self, client):
        assert f'href="{MINE}"' in client.get(membership_page().url).content.decode()

    def test_members_keep_their_record_when_it_is_off(self, client, ada, closed):
        MembershipFactory(user=ada)
        assert client.get(MINE).url == EDIT
        assert client.post(EDIT, typed(city="Paris")).url == EDIT
        assert Membership.objects.get().city == "Paris"

    def test_staff_switch_it(self, client):
        client.force_login(UserFactory(role="PSF staff"))
        path = f"/admin/settings/psf/membershipsettings/{MembershipSettings.load().pk}/"
        form = {"page_is_shown": "on", "service_url": "https://psfmember.org/", "bylaws_on": ""}
        client.post(path, form)
        assert not MembershipSettings.load().basic_is_open
        client.post(path, form | {"basic_is_open": "on"})
        assert MembershipSettings.load().basic_is_open
