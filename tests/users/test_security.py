"""Signing in, the second factor, sessions, and what is written down about them."""

import logging

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache

from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def ada():
    person = UserFactory(username="ada", email="ada@example.org", role="Release managers")
    person.set_password(PASSWORD)
    person.save()
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    return person


def log_in(client, password=PASSWORD, **headers):
    return client.post("/accounts/login/", {"login": "ada", "password": password}, headers=headers)


def code_for(secret):
    return f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06}"


def events(caplog):
    return [line.event for line in caplog.records if line.name == "security"]


@pytest.mark.proves("S2-48b")
def test_the_admin_asks_for_a_second_factor_where_the_setting_says_so(client, ada, settings):
    client.force_login(ada)
    assert client.get("/admin/").status_code == 200
    settings.REQUIRE_SECOND_FACTOR = True
    response = client.get("/admin/downloads/releases/")
    assert response["Location"] == "/accounts/2fa/?next=/admin/downloads/releases/"
    TOTP.activate(ada, generate_totp_secret())
    assert client.get("/admin/downloads/releases/").status_code == 200


def test_members_without_the_admin_need_no_second_factor(client, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    client.force_login(UserFactory())
    assert client.get("/users/keys/").status_code == 200


def test_a_password_alone_lets_nobody_in_who_has_a_second_factor(client, ada):
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    assert log_in(client)["Location"].startswith("/accounts/2fa/authenticate/")
    assert b"Signed in" not in client.get("/authenticated").content
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    client.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})
    assert b"Signed in as ada" in client.get("/authenticated").content


@pytest.mark.proves("S2-48b", "S3-57")
def test_many_wrong_passwords_are_refused_and_written_down(client, ada, caplog):
    with caplog.at_level(logging.INFO, "security"):
        answers = [log_in(client, "wrong") for _ in range(150)]
    assert answers[-1].status_code == 429
    assert "Too many requests" in answers[-1].content.decode()
    assert events(caplog).count("login_failed") >= 5
    assert log_in(client).status_code == 429
    assert "wrong" not in caplog.text
    cache.clear()
    assert log_in(client).status_code == 302


@pytest.mark.proves("S3-24")
def test_limits_count_the_client_and_not_the_proxy(client, ada, settings):
    settings.TRUSTED_PROXIES = 1
    for _ in range(12):
        client.post("/accounts/login/", {"login": "nobody", "password": "x"}, headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    assert log_in(client, **{"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}).status_code == 302


def test_what_the_client_writes_itself_is_not_believed(client, ada, settings, caplog):
    with caplog.at_level(logging.INFO, "security"):
        log_in(client, "wrong", **{"X-Forwarded-For": "6.6.6.6"})
        settings.TRUSTED_PROXIES = 1
        log_in(client, "wrong", **{"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    assert [line.address for line in caplog.records if line.name == "security"] == ["127.0.0.1", "203.0.113.9"]


def test_changing_the_password_ends_every_other_session(client, ada):
    from django.test import Client  # noqa: PLC0415 -- a second browser.

    thief = Client()
    log_in(thief)
    log_in(client)
    form = {"oldpassword": PASSWORD, "password1": "another long one", "password2": "another long one"}
    assert client.post("/accounts/password/change/", form).status_code == 302
    assert b"Signed in" in client.get("/authenticated").content
    assert b"Signed in" not in thief.get("/authenticated").content


def test_sessions_are_listed(client, ada):
    log_in(client, **{"User-Agent": "A browser of Ada"})
    assert "A browser of Ada" in client.get("/accounts/sessions/").content.decode()


def test_a_new_address_counts_once_it_is_confirmed(client, ada, mailoutbox):
    log_in(client)
    client.post("/accounts/email/", {"email": "ada@example.net", "action_add": ""})
    ada.refresh_from_db()
    assert ada.email == "ada@example.org"
    assert mailoutbox[-1].to == ["ada@example.net"]


def test_signing_up_tells_nobody_which_addresses_have_an_account(client, ada, mailoutbox):
    form = {"username": "new", "password1": "a long enough one", "password2": "a long enough one"}
    known = client.post("/accounts/signup/", form | {"email": "ada@example.org"})
    unknown = client.post("/accounts/signup/", form | {"username": "newer", "email": "grace@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    resets = [client.post("/accounts/password/reset/", {"email": f"{name}@example.org"}) for name in ("ada", "nobody")]
    assert len({response["Location"] for response in resets}) == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"website_two": "x"}, "message of a program"),
        ({"username": "ада"}, "valid username"),
        ({"username": "keys"}, "can not be used"),
    ],
)
def test_signing_up_refuses(client, changed, words):
    form = {"username": "new", "email": "n@example.org", "password1": "a long enough one", "password2": "a long enough one"}
    response = client.post("/accounts/signup/", form | changed)
    assert response.status_code == 200
    assert words in response.content.decode()


@pytest.mark.proves("S2-48b")
def test_old_hashes_are_accepted_and_renewed(client, ada, settings):
    from django.contrib.auth.hashers import PBKDF2PasswordHasher  # noqa: PLC0415

    settings.PASSWORD_HASHERS = [hasher for hasher in settings.PASSWORD_HASHERS if "MD5" not in hasher]
    ada.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)
    ada.save()
    assert log_in(client).status_code == 302
    ada.refresh_from_db()
    assert ada.password.startswith("argon2")
