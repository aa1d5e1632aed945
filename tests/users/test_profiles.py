"""A person's own pages."""

import logging

import pytest
from django.db import IntegrityError

from jobs.models import Job
from tests.factories.events import CalendarFactory
from tests.factories.jobs import JobFactory
from tests.factories.users import UserFactory
from users.models import ServiceKey, User

pytestmark = pytest.mark.django_db


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
    assert "Somebody has this user name already." in response.content.decode()
    client.post("/users/edit/", {"username": "ada.l", "bio": "I code.", "public_profile": "on"})
    ada.refresh_from_db()
    assert (ada.username, ada.bio, ada.public_profile, ada.email) == ("ada.l", "I code.", True, "ada@example.org")


def test_strangers_are_asked_to_sign_in(client):
    for path in ("/users/", "/users/edit/", "/users/export/", "/users/keys/"):
        assert client.get(path)["Location"].startswith(f"/accounts/login/?next={path}")


def test_the_export_holds_what_the_sections_have(client, ada):
    JobFactory(submitted_by=ada, title="Data engineer")
    CalendarFactory()
    client.force_login(ada)
    response = client.get("/users/export/")
    data = response.json()
    assert "attachment" in response["Content-Disposition"]
    assert data["account"]["email"] == "ada@example.org"
    assert [job["title"] for job in data["jobs"]] == ["Data engineer"]
    assert data["events"] == []
    assert "password" not in response.content.decode()


class TestDeletion:
    def delete(self, client, **form):
        return client.post("/users/ada/delete/", {"asked": "1", "sure": "on", "password": "correct horse battery"} | form)

    def test_only_by_post_and_only_oneself(self, client, ada):
        assert client.post("/users/ada/delete/").status_code == 302
        client.force_login(UserFactory())
        assert client.post("/users/ada/delete/").status_code == 403
        client.force_login(ada)
        assert client.get("/users/ada/delete/").status_code == 405
        ada.refresh_from_db()
        assert ada.is_active

    def test_it_asks_first(self, client, ada):
        client.force_login(ada)
        assert "cannot be undone" in client.post("/users/ada/delete/").content.decode()
        response = self.delete(client, password="wrong")
        assert (response.status_code, "not your password" in response.content.decode()) == (422, True)
        ada.refresh_from_db()
        assert ada.is_active

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
