"""The register of API keys."""

import logging

import pytest
from rest_framework.authtoken.models import Token
from tastypie.models import ApiKey
from wagtail.models import ModelLogEntry

from tests.factories.users import UserFactory

pytestmark = pytest.mark.django_db

KEYS = "/admin/api-keys/"


@pytest.fixture
def admin(client):
    user = UserFactory(role="Site admins")
    client.force_login(user)
    return user


def test_an_empty_register_says_what_to_do(client, admin):
    assert "Nobody has a key yet." in client.get(KEYS).content.decode()


@pytest.mark.parametrize(("kind", "model", "header"), [("v1", ApiKey, "ApiKey robot:{}"), ("v2", Token, "Token {}")])
def test_a_key_is_shown_once_and_never_listed(client, admin, kind, model, header):
    robot = UserFactory(username="robot", role="Release managers")
    response = client.post(f"{KEYS}new/", {"user": "robot", "kind": kind})
    key = model.objects.get(user=robot).key
    html = response.content.decode()
    assert key in html
    assert f"Authorization: {header.format(key)}" in html
    assert "no-store" in response["Cache-Control"]
    html = client.get(KEYS).content.decode()
    assert "robot" in html
    assert key not in html
    assert key not in client.get(f"{KEYS}revoke/{kind}/{robot.pk}/").content.decode()


def test_the_owner_may_be_named_by_e_mail(client, admin):
    robot = UserFactory(email="robot@example.org", role="Sponsor publishers")
    client.post(f"{KEYS}new/", {"user": "Robot@example.org", "kind": "v1"})
    assert ApiKey.objects.get().user == robot


@pytest.mark.parametrize("kind", ["v1", "v2"])
def test_others_than_release_managers_and_publishers_need_v3(client, admin, kind):
    UserFactory(username="robot", role="Job board")
    html = client.post(f"{KEYS}new/", {"user": "robot", "kind": kind}).content.decode()
    assert "robot can make a key for v3" in html
    assert not ApiKey.objects.exists()
    assert not Token.objects.exists()


def test_a_second_key_of_a_kind_is_refused(client, admin):
    robot = UserFactory(username="robot", role="Release managers")
    key = ApiKey.objects.create(user=robot).key
    response = client.post(f"{KEYS}new/", {"user": "robot", "kind": "v1"})
    assert "robot has a key for API v1 already. Revoke it first." in response.content.decode()
    assert ApiKey.objects.get().key == key


@pytest.mark.parametrize("owner", ["nobody", "sleeper", "root"])
def test_no_key_for_strangers_inactive_people_and_superusers(client, admin, owner):
    UserFactory(username="sleeper", is_active=False)
    UserFactory(username="root", is_superuser=True)
    response = client.post(f"{KEYS}new/", {"user": owner, "kind": "v1"})
    assert "No active account of this name whose keys you may make." in response.content.decode()
    assert not ApiKey.objects.exists()


def test_superusers_make_keys_for_superusers(client, admin_client):
    UserFactory(username="root", is_superuser=True)
    admin_client.post(f"{KEYS}new/", {"user": "root", "kind": "v2"})
    assert Token.objects.get().user.username == "root"


@pytest.mark.parametrize(("kind", "model"), [("v1", ApiKey), ("v2", Token)])
def test_revoking_by_post_and_only_this_kind(client, admin, kind, model):
    robot = UserFactory()
    ApiKey.objects.create(user=robot)
    Token.objects.create(user=robot)
    address = f"{KEYS}revoke/{kind}/{robot.pk}/"
    assert client.get(address).status_code == 200
    assert model.objects.exists()
    client.post(address)
    assert not model.objects.exists()
    assert ApiKey.objects.count() + Token.objects.count() == 1


def test_keys_of_superusers_are_revoked_by_superusers(client, admin):
    root = UserFactory(is_superuser=True)
    ApiKey.objects.create(user=root)
    assert f"revoke/v1/{root.pk}/" not in client.get(KEYS).content.decode()
    assert client.post(f"{KEYS}revoke/v1/{root.pk}/").status_code == 302
    assert ApiKey.objects.exists()


def test_an_unknown_kind_or_owner(client, admin):
    assert client.get(f"{KEYS}revoke/v9/{admin.pk}/").status_code == 404
    assert client.get(f"{KEYS}revoke/v1/999/").status_code == 404


@pytest.mark.proves("S2-48j")
def test_what_was_done_stands_in_the_logs_without_the_key(client, admin, caplog):
    robot = UserFactory(username="robot", role="Release managers")
    with caplog.at_level(logging.INFO, "security"):
        client.post(f"{KEYS}new/", {"user": "robot", "kind": "v1"})
        key = ApiKey.objects.get().key
        client.post(f"{KEYS}revoke/v1/{robot.pk}/")
    told = [(line.event, line.user_id, line.owner) for line in caplog.records if line.name == "security"]
    assert told == [("key_created", admin.pk, str(robot.pk)), ("key_revoked", admin.pk, str(robot.pk))]
    assert key not in caplog.text
    entries = ModelLogEntry.objects.filter(object_id=str(robot.pk)).order_by("pk")
    assert [(entry.action, entry.user, entry.data["kind"]) for entry in entries] == [
        ("users.create_key", admin, "API v1"),
        ("users.revoke_key", admin, "API v1"),
    ]
    assert key not in str([entry.data for entry in entries])


@pytest.mark.parametrize("role", ["Release managers", "Content editors", None])
@pytest.mark.parametrize("page", ["", "new/", "revoke/v1/1/"])
def test_others_are_kept_out(client, role, page):
    client.force_login(UserFactory(role=role))
    assert client.post(KEYS + page, {"user": "robot", "kind": "v1"}).status_code == 302


def test_queries_do_not_grow_with_the_rows(client, admin, django_assert_max_num_queries):
    ApiKey.objects.create(user=UserFactory())
    client.get(KEYS)
    with django_assert_max_num_queries(20) as few:
        client.get(KEYS)
    for user in UserFactory.create_batch(50):
        ApiKey.objects.create(user=user)
    with django_assert_max_num_queries(len(few)):
        client.get(KEYS)
