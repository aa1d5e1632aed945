"""Every URL where a password, a reset link, a key or a session can be obtained, and what guards it.

The list comes from the URL resolver: a new route of this kind fails until it has a row in one of the tables.
"""

import inspect
import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import URLPattern, get_resolver

from importer.bookmarks import APPS, LABELS
from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
WORDS = re.compile(r"log-?in|log-?out|sign-?(?:in|out|up)|passw|reset|token|api-key|\bkeys?/|2fa|oauth|identity|authenticate")
PACKAGES = (
    "allauth.",
    "django.contrib.auth.",
    "wagtail.admin.views.account",
    "wagtail.users.",
    "rest_framework.authtoken",
    "users.",
)

# Wagtail's pages, and Django's behind them: they lead to allauth's.
LEAD_TO_ALLAUTH = {
    "admin/login/",
    "admin/^password_reset/",
    "admin/password_reset/",
    "admin/password_reset/done/",
    "admin/password_reset/confirm/<uidb64>/<token>/",
    "admin/password_reset/complete/",
    "_util/login/",
}
# allauth's pages that take a secret or send an email, with a form that gains nothing.
LIMITED = {
    "accounts/login/": {"login": "ada", "password": "wrong"},
    "accounts/signup/": {"username": "ada", "email": "x@example.org", "password1": "x", "password2": "x"},
    "accounts/password/reset/": {"email": "ada@example.org"},
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": {},
    "accounts/2fa/authenticate/": {"code": "000000"},
    "accounts/2fa/webauthn/login/": {"credential": "{}"},
}
LIMITED_FOR_A_SESSION = {
    "accounts/reauthenticate/": {"password": "wrong"},
    "accounts/password/change/": {"oldpassword": "wrong", "password1": "x", "password2": "x"},
    "accounts/email/": {"email": "x@example.org", "action_add": ""},
    "accounts/2fa/reauthenticate/": {"code": "000000"},
    "accounts/2fa/webauthn/reauthenticate/": {"credential": "{}"},
}
# They change the ways to sign in: a session that has not shown the second factor of the account shows it first.
PROVED_IF_ENROLLED = {
    "accounts/password/change/",
    "accounts/password/set/",
    "accounts/email/",
    "accounts/2fa/totp/activate/",
    "accounts/2fa/totp/deactivate/",
    "accounts/2fa/recovery-codes/",
    "accounts/2fa/recovery-codes/generate/",
    "accounts/2fa/recovery-codes/download/",
    "accounts/2fa/webauthn/",
    "accounts/2fa/webauthn/add/",
    "accounts/2fa/webauthn/keys/<int:pk>/remove/",
    "accounts/2fa/webauthn/keys/<int:pk>/edit/",
    r"users/^(?P<username>[\w.@+-]+)/delete/$",
}
# They make, show or change keys, users, groups and roles: under /admin/, and the page of one's own keys.
PROVED_ALWAYS = {
    "users/keys/",
    "admin/account/",
    "admin/roles/",
    "admin/api-keys/",
    "admin/api-keys/new/",
    "admin/api-keys/revoke/<int:pk>/",
    "admin/users/",
    "admin/users/results/",
    "admin/users/new/",
    "admin/users/edit/<int:pk>/",
    "admin/users/delete/<int:pk>/",
    "admin/users/history/<int:pk>/",
    "admin/users/history-results/<int:pk>/",
    "admin/groups/",
    "admin/groups/results/",
    "admin/groups/new/",
    "admin/groups/edit/<int:pk>/",
    "admin/groups/delete/<int:pk>/",
    "admin/api-tokens/",
    "admin/api-tokens/results/",
    "admin/api-tokens/new/",
    "admin/api-tokens/edit/<int:pk>/",
    "admin/api-tokens/delete/<int:pk>/",
    "admin/api-tokens/history/<int:pk>/",
    "admin/api-tokens/history-results/<int:pk>/",
    "admin/api-tokens/usage/<int:pk>/",
}
GIVES_NOTHING = {
    "authenticated": "The menu of the account that is signed in.",
    "admin/logout/": "It ends the session.",
    rf"admin/^(?P<old_model>{LABELS})/(?P<rest>.*)$": "A bookmark of the previous admin: it leads to a list or form there.",
    rf"admin/^(?P<old_app>{APPS})/$": "A bookmark of the previous admin: it leads to the home of the admin.",
    "admin/password_change/": "A bookmark of the previous admin: it leads to allauth's page.",
    "admin/password_change/done/": "A bookmark of the previous admin: it leads to the home of the admin.",
    "accounts/logout/": "It ends the session.",
    "accounts/inactive/": "A sentence.",
    "accounts/confirm-email/": "A sentence.",
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": "It needs the signed key of an email, and signs nobody in.",
    "accounts/login/code/confirm/": "Sign-in by emailed code is off: nobody is waiting for a code.",
    "accounts/password/reset/done/": "A sentence.",
    "accounts/password/reset/key/done/": "A sentence.",
    "accounts/2fa/": "A list of the ways to sign in, without secrets.",
    "accounts/sessions/": "It lists and ends sessions.",
    "users/": "It leads to the profile.",
    "users/session/": "It says who is signed in, to the same person.",
    "users/edit/": "Name and text of the profile.",
    "users/export/": "What the account says, without secrets.",
    "users/keys/<int:pk>/revoke/": "It ends a key.",
    r"users/^(?P<username>[\w.@+-]+)/$": "A profile.",
    "users/sponsorships/invitation/<str:token>/": "It needs a signed link, and signs nobody in.",
    "users/invitation/<str:token>/": "It needs a signed link, and signs nobody in.",
    "users/sponsorships/files/asset/<str:token>/": "It needs a signed link, and signs nobody in.",
    "jobs/renew/<str:token>/": "It needs a signed link, and signs nobody in.",
    "nominations/invitation/<str:token>/": "It needs a signed link, and signs nobody in.",
    "preview/<str:token>/": "It shows one version to whoever has the signed link, and signs nobody in.",
    "preview/<str:token>/comment/": "The form for a comment on that version.",
    "preview/<str:token>/comment/sent/": "A sentence.",
    "documents/authenticate_with_password/<int:restriction_id>/": "The password of a collection alone.",
    "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/": "The password of a page alone.",
}


def entrances(resolver=None, prefix=""):
    for each in (resolver or get_resolver()).url_patterns:
        path = prefix + str(each.pattern)
        if not isinstance(each, URLPattern):
            yield from entrances(each, path)
            continue
        view = getattr(each.callback, "view_class", inspect.unwrap(each.callback))
        if WORDS.search(path) or f"{view.__module__}.".startswith(PACKAGES):
            yield path


def address(pattern):
    """Return a URL of a route: numbers are 1, usernames are Ada's."""
    path = re.sub(r"\(\?P<username>[^)]*\)", "ada", pattern)
    return "/" + re.sub(r"[\^$]", "", re.sub(r"\(\?P<\w+>(?:\[[^\]]*\]|[^)\]])*\)|<[^>]+>", "1", path))


@pytest.fixture
def ada():
    person = UserFactory(username="ada", email="ada@example.org", role="Site admins")
    person.set_password(PASSWORD)
    person.save()
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    return person


@pytest.fixture
def session(client, ada):
    """Return a session that was opened with a password alone."""
    client.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
    assert "_auth_user_id" in client.session
    return client


def test_every_route_of_this_kind_is_decided():
    decided = [*LEAD_TO_ALLAUTH, *LIMITED, *LIMITED_FOR_A_SESSION, *PROVED_IF_ENROLLED, *PROVED_ALWAYS, *GIVES_NOTHING]
    assert set(entrances()) == set(decided)


@pytest.mark.parametrize("pattern", sorted(LEAD_TO_ALLAUTH))
@pytest.mark.parametrize("method", ["get", "post"])
def test_other_pages_lead_to_allauth(client, ada, mailoutbox, pattern, method):
    form = {"username": "ada", "login": "ada", "password": PASSWORD, "email": ada.email}
    response = getattr(client, method)(address(pattern), form)
    assert response.status_code in {301, 302}
    assert response["Location"].startswith(("/accounts/login/", "/accounts/password/reset/"))
    assert "_auth_user_id" not in client.session
    assert not mailoutbox


def attempts(client, pattern, form):
    """Return whether the rate limit rejects one of many attempts, and none of them opens a session."""
    for _ in range(40):
        response = client.post(address(pattern), form)
        if response.status_code == 429 or "Too many" in response.content.decode():
            return True
    return False


@pytest.mark.parametrize("pattern", sorted(LIMITED))
def test_attempts_are_limited(client, ada, pattern):
    if "2fa/authenticate" in pattern:
        TOTP.activate(ada, generate_totp_secret())
        client.post("/accounts/login/", {"login": "ada", "password": PASSWORD})
    assert attempts(client, pattern, LIMITED[pattern])
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("pattern", sorted(LIMITED_FOR_A_SESSION))
def test_attempts_of_a_session_are_limited(session, ada, pattern):
    if "2fa" in pattern:
        TOTP.activate(ada, generate_totp_secret())
    if "webauthn" in pattern:
        ada.authenticator_set.create(type="webauthn", data={"name": "Key", "credential": {}})
    assert attempts(session, pattern, LIMITED_FOR_A_SESSION[pattern])


@pytest.mark.parametrize("pattern", sorted(PROVED_IF_ENROLLED))
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_ways_to_sign_in_are_changed_after_the_second_factor(session, ada, pattern, method):
    TOTP.activate(ada, generate_totp_secret())
    path = address(pattern)
    assert getattr(session, method)(path)["Location"] == f"/accounts/2fa/reauthenticate/?next={path}"


@pytest.mark.parametrize("pattern", sorted(PROVED_ALWAYS))
@pytest.mark.parametrize("method", ["get", "post"])
def test_keys_and_accounts_need_the_second_factor(session, settings, pattern, method):
    settings.REQUIRE_SECOND_FACTOR = True
    path = address(pattern)
    assert getattr(session, method)(path)["Location"] == f"/accounts/2fa/?next={path}"


@pytest.mark.parametrize("pattern", sorted(GIVES_NOTHING))
@pytest.mark.parametrize("method", ["get", "post"])
def test_the_rest_opens_no_session_and_sends_no_email(client, ada, mailoutbox, pattern, method):
    getattr(client, method)(address(pattern), {"username": "ada", "password": PASSWORD, "code": "1"})
    assert "_auth_user_id" not in client.session
    assert not mailoutbox
