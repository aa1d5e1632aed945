"""Signing in, the second factor, sessions, and the security log."""

import logging
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.utils import timezone
from freezegun import freeze_time

from tests.factories.users import UserFactory
from users.adapters import SIGN_IN_SECONDS
from users.middleware import ClientAddressMiddleware

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


def sign_in_with_code(client, person):
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    log_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})


def events(caplog):
    return [line.event for line in caplog.records if line.name == "security"]


@pytest.mark.proves("S2-48b")
def test_the_admin_asks_for_a_second_factor_where_the_setting_says_so(client, ada, settings):
    log_in(client)
    assert client.get("/admin/").status_code == 200
    settings.REQUIRE_SECOND_FACTOR = True
    response = client.get("/admin/downloads/releases/")
    assert response["Location"] == "/accounts/2fa/?next=/admin/downloads/releases/"


PROTECTED = ["/admin/", "/admin/downloads/releases/add/", "/admin/account/", "/users/keys/"]
CREDENTIALS = ["/accounts/email/", "/accounts/password/change/", "/accounts/2fa/totp/deactivate/", "/accounts/2fa/webauthn/add/"]


@pytest.mark.parametrize("path", [*PROTECTED, *CREDENTIALS])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_session_from_before_the_enrollment_proves_nothing(client, ada, settings, path, method):
    settings.REQUIRE_SECOND_FACTOR = True
    log_in(client)
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)
    response = getattr(client, method)(path)
    assert response["Location"] == f"/accounts/2fa/reauthenticate/?next={path}"
    assert client.post(response["Location"], {"code": code_for(secret)})["Location"] == path
    assert not client.get(path).get("Location", "").startswith("/accounts/2fa/reauthenticate/")


def test_a_code_at_sign_in_opens_the_admin_and_the_keys(client, ada, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    sign_in_with_code(client, ada)
    for path in PROTECTED:
        assert client.get(path).status_code == 200, path


def test_a_proof_ends_with_its_factor(client, ada, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    sign_in_with_code(client, ada)
    ada.authenticator_set.all().delete()
    assert client.get("/admin/")["Location"].startswith("/accounts/2fa/")


@pytest.mark.django_db(transaction=True)
def test_setting_up_a_factor_proves_it(client, ada, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    log_in(client)
    setup = "/accounts/2fa/totp/activate/"
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get(setup).context["form"].secret
    assert client.post(setup, {"code": code_for(secret)}).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_signing_out_needs_no_second_factor(client, ada, settings):
    log_in(client)
    settings.REQUIRE_SECOND_FACTOR = True
    assert client.get("/admin/logout/").status_code == 200
    assert client.post("/admin/logout/")["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_members_without_the_admin_need_a_second_factor_for_keys_alone(client, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    client.force_login(UserFactory())
    assert client.get("/users/edit/").status_code == 200
    assert client.get("/users/keys/")["Location"] == "/accounts/2fa/?next=/users/keys/"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/accounts/email/", {"email": "thief@example.org", "action_add": ""}),
        ("/accounts/2fa/totp/activate/", {"code": "000000"}),
        ("/accounts/2fa/webauthn/add/", {"name": "Key"}),
    ],
)
def test_changing_the_ways_to_sign_in_needs_the_password_again(client, ada, mailoutbox, path, form):
    log_in(client)
    with freeze_time(timezone.now() + timedelta(seconds=SIGN_IN_SECONDS + 1)):
        assert client.post(path, form)["Location"].startswith("/accounts/reauthenticate/")
    assert not mailoutbox


@pytest.mark.parametrize("path", ["/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"])
def test_a_factor_is_set_up_right_after_the_sign_in(client, ada, path):
    log_in(client)
    assert client.get(path).status_code == 200


def test_a_session_without_a_password_needs_it(client, ada):
    client.force_login(ada)
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")


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


def wrong_from(client, address, login="ada"):
    """Return the response to a wrong password from a client IP address."""
    form = {"login": login, "password": "wrong"}
    return client.post("/accounts/login/", form, REMOTE_ADDR=address)


def right_from(client, address):
    return client.post("/accounts/login/", {"login": "ada", "password": PASSWORD}, REMOTE_ADDR=address)


def test_a_stranger_blocks_an_account_from_their_own_address_only(client, ada):
    for login in ["ada", "ada@example.org"] * 3:
        wrong_from(client, "203.0.113.9", login)
    blocked = right_from(client, "203.0.113.9")
    assert "Too many failed sign-in attempts" in blocked.content.decode()
    assert right_from(client, "198.51.100.7").status_code == 302


def test_many_addresses_together_are_limited_and_the_reset_stays_open(client, ada, settings, mailoutbox, caplog):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed_account": "20/h/key"}
    with caplog.at_level(logging.INFO, "security"):
        answers = [wrong_from(client, f"203.0.113.{number}") for number in range(21)]
    assert "Too many failed sign-in attempts" in answers[-1].content.decode()
    assert events(caplog)[-1] == "limited"
    assert "reset your password" in right_from(client, "198.51.100.7").content.decode()

    owner = {"REMOTE_ADDR": "198.51.100.7"}
    client.post("/accounts/password/reset/", {"email": "ada@example.org"}, **owner)
    link = next(word for word in mailoutbox[-1].body.split() if "/password/reset/key/" in word)
    form = client.get(link.removeprefix("http://testserver"), **owner)["Location"]
    client.post(form, {"password1": "another long one", "password2": "another long one"}, **owner)
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_codes_of_the_second_factor_are_limited_for_each_account(client, ada):
    TOTP.activate(ada, generate_totp_secret())
    for number in range(6):
        client.post("/accounts/login/", {"login": "ada", "password": PASSWORD}, REMOTE_ADDR=f"203.0.113.{number}")
        answer = client.post("/accounts/2fa/authenticate/", {"code": "000000"}, REMOTE_ADDR=f"203.0.113.{number}")
    assert "Too many failed sign-in attempts" in answer.content.decode()


def test_reset_emails_are_limited_for_each_recipient(client, ada, mailoutbox):
    answers = [
        client.post("/accounts/password/reset/", {"email": "ada@example.org"}, REMOTE_ADDR=f"203.0.113.{number}")
        for number in range(10)
    ]
    assert len(mailoutbox) == 5
    assert answers[-1].status_code == 429


def test_passwords_are_not_guessed_by_reauthentication_or_deletion(client, ada):
    log_in(client)
    answers = [client.post("/accounts/reauthenticate/", {"password": "wrong"}) for _ in range(6)]
    assert "Too many failed sign-in attempts" in answers[-1].content.decode()
    form = {"asked": "1", "sure": "on", "password": PASSWORD}
    assert client.post("/users/ada/delete/", form).status_code == 422
    ada.refresh_from_db()
    assert ada.is_active


def test_taken_user_names_are_logged_and_limited(client, ada, settings, caplog):
    form = {"username": "Ada", "email": "n@example.org", "password1": "a long enough one", "password2": "a long enough one"}
    with caplog.at_level(logging.INFO, "security"):
        answers = [client.post("/accounts/signup/", form) for _ in range(11)]
        log_in(client)
        UserFactory(username="grace")
        edits = [client.post("/users/edit/", {"username": "grace"}) for _ in range(11)]
    assert [answers[9].status_code, answers[10].status_code] == [200, 429]
    assert events(caplog).count("username_taken") == 20
    assert "too many usernames" in edits[-1].content.decode()


@pytest.mark.proves("S3-24")
def test_limits_count_the_client_and_not_the_proxy(client, ada, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1/32"]
    for _ in range(12):
        client.post("/accounts/login/", {"login": "nobody", "password": "x"}, headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    assert log_in(client, **{"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}).status_code == 302


def test_what_the_client_writes_itself_is_not_believed(client, ada, settings, caplog):
    with caplog.at_level(logging.INFO, "security"):
        log_in(client, "wrong", **{"X-Forwarded-For": "6.6.6.6"})
        settings.TRUSTED_PROXIES = ["127.0.0.1/32"]
        log_in(client, "wrong", **{"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
    assert [line.address for line in caplog.records if line.name == "security"] == ["127.0.0.1", "203.0.113.9"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        # Fastly, its shield and the balancer; the first entry is the client's own invention.
        ({"X-Forwarded-For": "6.6.6.6, 203.0.113.9, 151.101.0.1, 10.1.2.3"}, "203.0.113.9"),
        ({"X-Forwarded-For": "203.0.113.9:4711"}, "203.0.113.9"),
        ({"X-Forwarded-For": "[2001:db8::7]:443"}, "2001:db8::7"),
        ({"X-Forwarded-For": "nonsense, 10.1.2.3"}, "10.1.2.3"),
        ({"X-Forwarded-For": ""}, "127.0.0.1"),
        ({"X-Client-Address": "6.6.6.6"}, "127.0.0.1"),
        ({"X-Client-Address": "6.6.6.6", "X-Edge-Secret": "wrong"}, "127.0.0.1"),
        ({"X-Client-Address": "198.51.100.4", "X-Edge-Secret": "right", "X-Forwarded-For": "6.6.6.6"}, "198.51.100.4"),
    ],
)
def test_the_address_behind_several_proxies_is_the_one_of_the_client(rf, settings, headers, expected):
    settings.TRUSTED_PROXIES, settings.EDGE_SECRET = ["127.0.0.1/32", "10.0.0.0/8", "151.101.0.0/16"], "right"
    found = []
    ClientAddressMiddleware(lambda request: found.append(request.META["REMOTE_ADDR"]))(rf.get("/", headers=headers))
    assert found == [expected]


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
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
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
        ({"website_two": "x"}, "looks like spam"),
        ({"username": "ада"}, "valid username"),
        ({"username": "keys"}, "is not available"),
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
