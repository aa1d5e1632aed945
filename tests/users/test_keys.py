"""Keys of programs for the three APIs, and Wagtail's API tokens: shown once, stored as digests, with scope and expiry."""

import logging
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail.models import APIToken

from downloads.models import Release
from tests.factories.users import UserFactory, key_for
from users.models import KeyRefusedError, ServiceKey

pytestmark = pytest.mark.django_db
READ, RELEASES = ServiceKey.Scope.READ, ServiceKey.Scope.RELEASES


@pytest.fixture
def manager():
    return UserFactory(role="Release managers")


def make(owner, *scopes, **changed):
    return ServiceKey.make(owner=owner, name="Script", scopes=list(scopes) or [READ], days=90, **changed)


def write(client, text):
    body = {"name": "Python 3.15.0a1", "release_date": "2026-10-14T12:00:00Z"}
    return client.post("/api/v3/releases/", body, content_type="application/json", headers={"X-API-Key": text})


@pytest.mark.proves("S4-01", "S4-03")
def test_a_key_is_made_shown_once_used_and_revoked(client, manager):
    client.force_login(manager)
    form = {"name": "Build host", "scopes": ["read", "releases"], "days": "30"}
    html = client.post("/users/keys/", form).content.decode()
    key = ServiceKey.objects.get()
    text = html.split("data-new-key>")[1].split("<")[0]
    assert text.startswith("sk_test_")
    assert text not in client.get("/users/keys/").content.decode()
    assert text not in str(ServiceKey.objects.values().get())
    client.logout()

    assert write(client, text).status_code == 201
    assert Release.objects.get().name == "Python 3.15.0a1"
    key.refresh_from_db()
    assert key.last_used_at

    client.force_login(manager)
    assert client.get(f"/users/keys/{key.pk}/revoke/").status_code == 405
    client.post(f"/users/keys/{key.pk}/revoke/")
    client.logout()
    response = write(client, text)
    assert response.status_code == 401
    assert "was revoked on" in response.json()["detail"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda text: text.replace("sk_test_", "sk_prod_"), "not an API key of this environment"),
        (lambda _: "wagtail_abc", "not an API key of this environment"),
        (lambda text: text + "x", "does not exist"),
        (lambda _: "", "not an API key of this environment"),
    ],
)
@pytest.mark.proves("S4-03")
def test_a_key_that_opens_nothing_is_refused_with_the_reason(client, manager, spoil, words, caplog):
    _, text = make(manager, READ, RELEASES)
    with caplog.at_level(logging.INFO, "security"):
        response = client.get("/api/v3/releases/", headers={"X-API-Key": spoil(text)})
    assert response.status_code == 401
    assert words in response.json()["detail"]
    assert response["Content-Type"].startswith("application/problem+json")
    assert [line.event for line in caplog.records if line.name == "security"] == ["key_refused"]
    assert text not in caplog.text


def test_a_key_ends_with_its_day(client, manager):
    _, text = make(manager, at=timezone.now() - timedelta(days=91))
    response = client.get("/api/v3/releases/", headers={"X-API-Key": text})
    assert (response.status_code, "expired on" in response.json()["detail"]) == (401, True)


@pytest.mark.proves("S4-04")
def test_a_key_ends_with_its_account(client, manager):
    _, text = make(manager)
    manager.is_active = False
    manager.save()
    response = client.get("/api/v3/releases/", headers={"X-API-Key": text})
    assert (response.status_code, "deactivated" in response.json()["detail"]) == (401, True)


def test_a_scope_that_is_missing_is_403(client, manager):
    _, text = make(manager, READ)
    response = write(client, text)
    assert (response.status_code, "releases" in response.json()["detail"]) == (403, True)
    assert not Release.objects.exists()


def test_a_scope_never_gives_more_than_the_owner_may(client, manager):
    with pytest.raises(ValidationError, match="does not have these permissions"):
        make(UserFactory(), RELEASES)
    _, text = make(manager, READ, RELEASES)
    assert write(client, text).status_code == 201
    manager.groups.clear()
    response = write(client, text)
    assert (response.status_code, "no longer has the role" in response.json()["detail"]) == (401, True)


def test_members_are_offered_no_scope_beyond_theirs(client):
    client.force_login(UserFactory())
    html = client.get("/users/keys/").content.decode()
    assert "Read public data" in html
    assert "Write releases" not in html
    response = client.post("/users/keys/", {"name": "x", "scopes": ["releases"], "days": "30"})
    assert response.status_code == 422
    assert not ServiceKey.objects.exists()


def test_somebody_else_s_key_is_not_there(client, manager):
    key, _ = make(manager)
    client.force_login(UserFactory())
    assert client.post(f"/users/keys/{key.pk}/revoke/").status_code == 404
    key.refresh_from_db()
    assert key.revoked_at is None


def test_what_a_key_reads_stays_with_its_program(client, manager):
    _, text = make(manager)
    response = client.get("/api/v3/releases/", headers={"X-API-Key": text})
    assert "private" in response["Cache-Control"]
    assert "X-API-Key" in response["Vary"]


@pytest.mark.parametrize("address", ["releases/?X-API-Key={}", "releases/?key={}", "pages/?q={}", "openapi.json?access_token={}"])
def test_a_key_in_the_address_is_refused_and_reported(client, manager, address, caplog):
    _, text = make(manager, READ, RELEASES)
    with caplog.at_level(logging.INFO, "security"):
        response = client.get("/api/v3/" + address.format(text))
    assert (response.status_code, response["Content-Type"]) == (401, "application/problem+json")
    assert "X-API-Key or Authorization header" in response.json()["detail"]
    assert "no-store" in response["Cache-Control"]
    assert [line.event for line in caplog.records if line.name == "security"] == ["key_in_address"]
    assert text not in caplog.text


def test_a_token_of_wagtail_is_reported_when_it_is_made_and_revoked(manager, caplog):
    with caplog.at_level(logging.INFO, "security"):
        token, text = APIToken.create_token(user=manager, name="Deploy")
        token.revoke()
    told = [(line.event, line.owner) for line in caplog.records if line.name == "security"]
    assert told == [("key_created", str(manager.pk)), ("key_revoked", str(manager.pk))]
    assert text not in caplog.text


def test_keys_of_an_old_secret_work_while_it_is_kept(settings, manager):
    _, text = make(manager)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "new-" + "y" * 50
    assert ServiceKey.of(text).owner == manager
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(KeyRefusedError, match="does not exist"):
        ServiceKey.of(text)


API = ServiceKey.API


def use(client, owner, api, text):
    """Read with a key of an API, or with a token of Wagtail, and return the status."""
    path, headers = {
        API.V1: ("/api/v1/downloads/os/", {"Authorization": f"ApiKey {owner.username}:{text}"}),
        API.V2: ("/api/v2/downloads/os/", {"Authorization": f"Token {text}"}),
        API.V3: ("/api/v3/releases/", {"X-API-Key": text}),
        "token": ("/api/v3/pages/", {"Authorization": f"Bearer {text}"}),
    }[api]
    return client.get(path, headers=headers).status_code


def key_of(owner, api):
    return APIToken.create_token(user=owner, name="x")[1] if api == "token" else key_for(owner, api)


def change_password(owner):
    owner.set_password("another long one")
    owner.save()


def expire(owner):
    ServiceKey.objects.update(expires_at=timezone.now())
    APIToken.objects.update(created=timezone.now() - timedelta(days=366))


ENDINGS = {
    "role lost": lambda owner: owner.groups.clear(),
    "deactivated": lambda owner: type(owner).objects.filter(pk=owner.pk).update(is_active=False),
    "password changed": change_password,
    "expired": expire,
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("api", [*API, "token"])
def test_every_key_ends_with_its_day_its_owner_the_role_and_the_password(client, manager, api, ending):
    text = key_of(manager, api)
    assert use(client, manager, api, text) == 200
    ENDINGS[ending](manager)
    assert use(client, manager, api, text) == 401
    if api == "token":
        assert client.get("/api/v3/whoami/", headers={"Authorization": f"Bearer {text}"}).status_code == 401


@pytest.mark.parametrize("api", [*API, "token"])
def test_no_key_is_stored_in_clear_and_use_is_recorded(client, manager, api):
    text = key_of(manager, api)
    use(client, manager, api, text)
    rows = [*ServiceKey.objects.values(), *APIToken.objects.values()]
    assert text not in str(rows)
    assert rows[0]["last_used_at"]


@pytest.mark.parametrize("api", [*API, "token"])
def test_a_password_hash_that_is_renewed_at_sign_in_ends_no_key(client, manager, settings, api):
    manager.set_password("correct horse battery")
    manager.save()
    text = key_of(manager, api)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    assert manager.check_password("correct horse battery")
    manager.refresh_from_db()
    assert manager.password.startswith("pbkdf2")
    assert use(client, manager, api, text) == 200


@pytest.mark.parametrize("api", API)
def test_a_key_works_for_its_own_api_alone(client, manager, api):
    text = key_for(manager, api)
    for other in API:
        assert use(client, manager, other, text) == (200 if other == api else 401)


def test_keys_of_v1_and_v2_write_within_their_scopes_only(client, manager):
    texts = {api: ServiceKey.make(owner=manager, name="x", scopes=[READ], days=30, api=api)[1] for api in (API.V1, API.V2)}
    body = {"name": "WASI", "slug": "wasi"}
    for api, status, authorization in [
        (API.V1, 401, f"ApiKey {manager.username}:{texts[API.V1]}"),
        (API.V2, 403, f"Token {texts[API.V2]}"),
    ]:
        path = f"/api/{api}/downloads/os/"
        response = client.post(path, body, content_type="application/json", headers={"Authorization": authorization})
        assert response.status_code == status


@pytest.mark.parametrize("path", ["/users/keys/", "/admin/api-keys/new/", "/admin/api-keys/", "/admin/api-tokens/new/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_making_and_showing_keys_needs_a_second_factor(client, settings, path, method):
    settings.REQUIRE_SECOND_FACTOR = True
    owner = UserFactory(role="Site admins", username="owner")
    client.force_login(owner)
    form = {"name": "x", "scopes": ["read"], "days": "30", "user": "owner", "api": "v1"}
    response = getattr(client, method)(path, form if method == "post" else {})
    assert response["Location"].startswith("/accounts/2fa/")
    assert not ServiceKey.objects.exists()
    assert not APIToken.objects.exists()


def test_a_key_works_until_the_moment_it_expires(manager):
    key, _text = make(manager)
    assert list(ServiceKey.objects.working(key.expires_at - timedelta(seconds=1))) == [key]
    assert not ServiceKey.objects.working(key.expires_at).exists()
