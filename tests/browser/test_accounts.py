"""An account in a real browser: two-factor authentication, the life cycle of an API key, data export, and deletion."""

import json
import re
from pathlib import Path

import pytest
import requests
from allauth.mfa.totp.internal.auth import hotp_value, yield_hotp_counters_from_time

from tests.factories.users import UserFactory
from users.models import ServiceKey, User

# The server runs in another thread, so rows are committed.
pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery"


@pytest.fixture
def ada(live_server, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    person = UserFactory(username="ada", email="ada@example.org", role="Release managers")
    person.set_password(PASSWORD)
    person.save()
    person.emailaddress_set.create(email=person.email, verified=True, primary=True)
    return person


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def sign_in(page, live_server):
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("#id_login", "ada")
    page.fill("#id_password", PASSWORD)
    press(page, "Sign in")


def code_for(secret):
    return f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06}"


def test_the_second_factor_is_set_up_on_the_way_to_the_admin_and_requested_from_then_on(
    page, context, live_server, ada, settings
):
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/admin/")
    assert "This page requires two-factor authentication" in page.inner_text("main")
    page.get_by_role("link", name="Activate").click()
    if page.locator("#id_password").count():
        page.fill("#id_password", PASSWORD)
        press(page, "Confirm")
    secret = re.search(r"\b[A-Z2-7]{32}\b", page.content())[0]
    page.fill("#id_code", code_for(secret))
    press(page, "Activate")
    page.goto(f"{live_server.url}/admin/")
    assert page.get_by_role("link", name="Downloads").or_(page.get_by_role("button", name="Downloads")).first.is_visible()

    context.clear_cookies()
    sign_in(page, live_server)
    assert "/accounts/2fa/authenticate/" in page.url
    from django.core.cache import cache  # noqa: PLC0415 -- a code counts once; the next one comes in half a minute.

    cache.clear()
    page.fill("#id_code", code_for(secret))
    press(page, "Sign in")
    page.goto(f"{live_server.url}/admin/")
    assert page.url == f"{live_server.url}/admin/"


def test_a_key_from_its_making_to_its_end(page, live_server, ada, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/users/keys/")
    page.fill("#id_name", "Mirror script")
    press(page, "Create key")
    text = page.inner_text("[data-new-key]")
    address = f"{live_server.url}/api/v3/releases/"
    assert requests.get(address, headers={"X-API-Key": text}, timeout=10).status_code == 200
    page.goto(f"{live_server.url}/users/keys/")
    assert text not in page.content()
    press(page, "Revoke Mirror script")
    assert "has been revoked" in page.inner_text("main")
    assert "Revoked" in page.inner_text("table")
    answer = requests.get(address, headers={"X-API-Key": text}, timeout=10)
    assert (answer.status_code, "revoked" in answer.json()["detail"]) == (401, True)
    assert ServiceKey.objects.get().revoked_at


def test_a_person_takes_a_copy_and_leaves(page, live_server, ada):
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/users/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download your data").click()
    data = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert data["account"]["username"] == "ada"
    page.get_by_role("link", name="Delete your account").click()
    page.fill("#id_password", PASSWORD)
    page.check("#id_sure")
    press(page, "Delete my account")
    assert User.objects.get(pk=ada.pk).username == f"former-{ada.pk}"
    sign_in(page, live_server)
    assert "/accounts/login/" in page.url


@pytest.fixture
def authenticator(page):
    """Add a simulated fingerprint reader to Chromium that always accepts."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    return session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_added_signs_in_and_is_removed(page, context, live_server, ada, authenticator):
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/add/")
    page.fill("#id_name", "Laptop")
    page.check("#id_passwordless")
    press(page, "Add")
    assert "Security key added" in page.inner_text("main")
    context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/login/?next=/admin/")
    press(page, "Sign in with a passkey")
    page.wait_for_url(f"{live_server.url}/admin/")
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    press(page, "Remove")
    assert "Laptop" not in page.inner_text("main")
    context.clear_cookies()
    page.goto(f"{live_server.url}/accounts/login/")
    press(page, "Sign in with a passkey")
    assert "/accounts/login/" in page.url
