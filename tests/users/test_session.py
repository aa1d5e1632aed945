"""The session of a form: who is signed in, and what a script is told once nobody is."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from tests.factories.users import UserFactory

TEMPLATES = Path(django_settings.BASE_DIR) / "templates"
# Public templates with a form that holds no text worth keeping.
WITHOUT_LONG_TEXT = {
    "403_csrf.html": "It shows the text that was sent.",
    "standalone.html": "It shows the text that was sent.",
    "styleguide.html": "Examples.",
    "cms/password_required.html": "A password.",
    "jobs/job_renew.html": "A button.",
    "jobs/transition_buttons.html": "Buttons.",
    "psf/accept.html": "A button.",
    "psf/invitation.html": "A button.",
    "sponsors/apply_check.html": "A checkbox.",
    "sponsors/apply_contacts.html": "Names and addresses of people.",
    "users/delete.html": "A username.",
    "users/invitation.html": "A button.",
    "users/keys.html": "The name of a key.",
}
PUBLIC_FORMS = sorted(
    str(path.relative_to(TEMPLATES))
    for path in TEMPLATES.rglob("*.html")
    if not {"admin", "wagtailadmin", "allauth", "components"} & set(path.relative_to(TEMPLATES).parts)
    and re.search(r'method="post"', path.read_text())
)


def test_nobody_is_led_to_the_sign_in_page_and_back(client):
    answer = client.get("/users/session/").json()
    assert (answer["user"], answer["sign_in_url"]) == (None, "/accounts/login/?next=%2Fusers%2Fsession%2F")
    assert answer["csrf_token"]


@pytest.mark.django_db
def test_a_person_who_is_signed_in_can_save(client):
    person = UserFactory()
    client.force_login(person)
    response = client.get("/users/session/?admin=1")
    assert (response.json()["user"], response.json()["sign_in_url"]) == (person.pk, "")
    assert "no-store" in response["Cache-Control"]


def test_staff_without_their_second_factor_are_led_to_it(admin_client, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    assert admin_client.get("/users/session/?admin=1").json()["sign_in_url"].startswith("/accounts/2fa/")
    assert admin_client.get("/users/session/").json()["sign_in_url"] == ""


@pytest.mark.django_db
def test_autosave_without_a_session_says_so_in_a_sentence(client):
    response = client.post("/admin/pages/1/edit/", {"title": "About"}, headers={"accept": "application/json"})
    assert (response.status_code, response.json()["is_signed_out"]) == (401, True)
    assert response.json()["error_message"] == "Not saved: your session has ended. Sign in to save."


def test_autosave_without_a_second_factor_says_so(admin_client, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    response = admin_client.post("/admin/pages/1/edit/", headers={"accept": "application/json"})
    assert (response.status_code, response.json()["is_signed_out"]) == (401, True)


def test_every_admin_form_has_the_script_and_the_sign_in_page_does_not(admin_client, client):
    assert 'data-session-url="/users/session/?admin=1"' in admin_client.get("/admin/users/new/").content.decode()
    assert b"data-keep-text" not in client.get("/accounts/login/").content


@pytest.mark.parametrize("name", PUBLIC_FORMS)
def test_public_forms_with_long_text_keep_it(name):
    keeps = "components/keep_text.html" in (TEMPLATES / name).read_text()
    assert keeps != (name in WITHOUT_LONG_TEXT)
