"""The register of API keys."""

import logging

import pytest
from wagtail.models import ModelLogEntry

from tests.factories.users import UserFactory, key_for
from users.models import ServiceKey

pytestmark = pytest.mark.django_db

KEYS = "/admin/api-keys/"


@pytest.fixture
def admin(client):
    user = UserFactory(role="Site admins")
    client.force_login(user)
    return user


def test_an_empty_register_says_what_to_do(client, admin):
    assert "No API keys yet." in client.get(KEYS).content.decode()


@pytest.mark.parametrize(("api", "header"), [("v1", "ApiKey robot:{}"), ("v2", "Token {}")])
def test_a_key_is_shown_once_and_never_listed(client, admin, api, header):
    robot = UserFactory(username="robot", role="Release managers")
    response = client.post(f"{KEYS}new/", {"user": "robot", "api": api})
    html = response.content.decode()
    text = html.split('class="secret">')[1].split("<")[0]
    key = ServiceKey.of(text, api=api)
    assert (key.owner, key.scopes) == (robot, ["read", "releases"])
    assert f"Authorization: {header.format(text)}" in html
    assert "no-store" in response["Cache-Control"]
    html = client.get(KEYS).content.decode()
    assert "robot" in html
    assert text not in html
    assert text not in client.get(f"{KEYS}revoke/{key.pk}/").content.decode()


def test_the_owner_may_be_named_by_email(client, admin):
    robot = UserFactory(email="robot@example.org", role="Sponsor publishers")
    client.post(f"{KEYS}new/", {"user": "Robot@example.org", "api": "v1"})
    assert ServiceKey.objects.get().owner == robot


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_others_than_release_managers_and_publishers_need_v3(client, admin, api):
    UserFactory(username="robot", role="Job board")
    html = client.post(f"{KEYS}new/", {"user": "robot", "api": api}).content.decode()
    assert "robot can create a key for v3" in html
    assert not ServiceKey.objects.exists()


def test_a_second_key_for_an_api_is_refused_while_the_first_works(client, admin):
    key_for(UserFactory(username="robot", role="Release managers"), "v1")
    response = client.post(f"{KEYS}new/", {"user": "robot", "api": "v1"})
    assert "robot already has a key for API v1. Revoke it first." in response.content.decode()
    ServiceKey.objects.get().revoke()
    assert client.post(f"{KEYS}new/", {"user": "robot", "api": "v1"}).status_code == 200
    assert ServiceKey.objects.count() == 2


@pytest.mark.parametrize("owner", ["nobody", "sleeper", "root"])
def test_no_key_for_strangers_inactive_people_and_superusers(client, admin, owner):
    UserFactory(username="sleeper", is_active=False)
    UserFactory(username="root", is_superuser=True)
    response = client.post(f"{KEYS}new/", {"user": owner, "api": "v1"})
    assert "There is no active account with this name for which you can create keys." in response.content.decode()
    assert not ServiceKey.objects.exists()


def test_superusers_make_keys_for_superusers(client, admin_client):
    UserFactory(username="root", is_superuser=True)
    admin_client.post(f"{KEYS}new/", {"user": "root", "api": "v2"})
    assert ServiceKey.objects.get().owner.username == "root"


def test_revoking_by_post_and_only_this_key(client, admin):
    robot = UserFactory()
    for api in ("v1", "v2"):
        key_for(robot, api)
    key = ServiceKey.objects.get(api="v1")
    path = f"{KEYS}revoke/{key.pk}/"
    assert client.get(path).status_code == 200
    assert ServiceKey.objects.filter(revoked_at=None).count() == 2
    client.post(path)
    assert ServiceKey.objects.get(revoked_at=None).api == "v2"


def test_keys_of_superusers_are_revoked_by_superusers(client, admin):
    key_for(UserFactory(is_superuser=True), "v1")
    path = f"{KEYS}revoke/{ServiceKey.objects.get().pk}/"
    assert path not in client.get(KEYS).content.decode()
    for method in (client.get, client.post):
        assert method(path).status_code == 302
    assert ServiceKey.objects.get().revoked_at is None


def test_an_unknown_key(client, admin):
    assert client.get(f"{KEYS}revoke/999/").status_code == 404


@pytest.mark.proves("S2-48j")
def test_what_was_done_stands_in_the_logs_without_the_key(client, admin, caplog):
    robot = UserFactory(username="robot", role="Release managers")
    with caplog.at_level(logging.INFO, "security"):
        html = client.post(f"{KEYS}new/", {"user": "robot", "api": "v1"}).content.decode()
        text = html.split('class="secret">')[1].split("<")[0]
        client.post(f"{KEYS}revoke/{ServiceKey.objects.get().pk}/")
    told = [(line.event, line.user_id, line.owner) for line in caplog.records if line.name == "security"]
    assert told == [("key_created", admin.pk, str(robot.pk)), ("key_revoked", admin.pk, str(robot.pk))]
    assert text not in caplog.text
    entries = ModelLogEntry.objects.filter(object_id=str(robot.pk)).order_by("pk")
    assert [(entry.action, entry.user, entry.data["kind"]) for entry in entries] == [
        ("users.create_key", admin, "API v1"),
        ("users.revoke_key", admin, "API v1"),
    ]
    assert text not in str([entry.data for entry in entries])


@pytest.mark.parametrize("role", ["Release managers", "Content editors", None])
@pytest.mark.parametrize("page", ["", "new/", "revoke/1/"])
def test_others_are_kept_out(client, role, page):
    client.force_login(UserFactory(role=role))
    assert client.post(KEYS + page, {"user": "robot", "api": "v1"}).status_code == 302


def test_queries_do_not_grow_with_the_rows(client, admin, django_assert_max_num_queries):
    key_for(UserFactory(), "v1")
    client.get(KEYS)
    with django_assert_max_num_queries(30) as few:
        client.get(KEYS)
    for user in UserFactory.create_batch(50):
        key_for(user, "v1")
    with django_assert_max_num_queries(len(few)):
        client.get(KEYS)
