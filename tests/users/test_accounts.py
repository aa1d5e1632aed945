import pytest

from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    user = UserFactory(username="ada", email="ada@example.org")
    user.set_password("correct horse battery")
    user.save()
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


@pytest.mark.parametrize("login", ["ada", "ada@example.org"])
def test_people_log_in_by_name_or_address(client, person, login):
    response = client.post("/accounts/login/", {"login": login, "password": "correct horse battery"})
    assert response.status_code == 302
    assert b"Signed in as ada" in client.get("/authenticated").content


def test_the_hint_cookie_comes_with_the_session_and_goes_with_it(client, person):
    response = client.post("/accounts/login/", {"login": "ada", "password": "correct horse battery"})
    assert response.cookies["account"].value == "1"
    response = client.post("/accounts/logout/")
    assert response.cookies["account"].value == ""


def test_a_wrong_password_gets_a_sentence(client, person):
    response = client.post("/accounts/login/", {"login": "ada", "password": "wrong"})
    assert response.status_code == 200
    assert b"is incorrect" in response.content


def test_signing_up_sends_an_email_and_lets_nobody_in_before_it_is_confirmed(client, mailoutbox):
    form = {"username": "grace", "email": "grace@example.org", "password1": "a long enough one", "password2": "a long enough one"}
    response = client.post("/accounts/signup/", form)
    assert response.status_code == 302
    assert mailoutbox[0].to == ["grace@example.org"]
    assert b"grace" not in client.get("/authenticated").content


def test_anonymous_pages_carry_no_cookie(client):
    response = client.get("/no/such/page/")
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("path", ["/admin/", "/admin/jobs/all/"])
def test_a_member_who_tries_the_admin_learns_so_once(client, path):
    client.force_login(UserFactory())
    response = client.get(path, follow=True)
    assert (response.status_code, len(response.redirect_chain)) == (403, 1)
    assert "You do not have access to this page" in response.content.decode()


def test_the_admin_sends_strangers_to_the_log_in(client):
    response = client.get("/admin/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/admin/")
