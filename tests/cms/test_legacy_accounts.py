"""Accounts of the old site: people sign in with their old password, programs with their old keys."""

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group
from django.utils import timezone

from importer.core import import_rows, person
from tests.factories.downloads import ReleaseFactory
from tests.factories.users import key_for
from users.models import ServiceKey, User

pytestmark = pytest.mark.django_db
PASSWORD = "a tortoise and a hare"
ARGON2 = "django.contrib.auth.hashers.Argon2PasswordHasher"
PBKDF2 = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
DAY = "2026-01-02T10:00:00Z"
KEY, TOKEN = "a" * 40, "b" * 40


def user(pk, name, **changed):
    fields = {
        "password": PBKDF2PasswordHasher().encode(PASSWORD, "salt", 1000),
        "last_login": "2022-08-01T18:52:54Z",
        "is_superuser": False,
        "username": name,
        "first_name": "",
        "last_name": "",
        "email": f"{name.lower()}@example.org",
        "is_staff": False,
        "is_active": True,
        "date_joined": DAY,
        "bio": "",
        "search_visibility": 1,
        "public_profile": True,
        "groups": [],
        "user_permissions": [],
    }
    return {"model": "users.user", "pk": pk, "fields": fields | changed}


def row(label, pk, **fields):
    return {"model": label, "pk": pk, "fields": fields}


ROWS = [
    row("tastypie.apikey", 4, user=["ada"], key=KEY, created=DAY),
    row("authtoken.token", TOKEN, user=71, created=DAY),
    row("authtoken.token", "c" * 40, user=["nobody"], created=DAY),
    row("account.emailaddress", 9, user=["ada"], email="ada@example.org", verified=True, primary=True),
    user(
        71,
        "ada",
        groups=[["Job Board Admin"], ["Typists"]],
        user_permissions=[["change_release", "downloads", "release"], ["add_alarm", "events", "alarm"]],
    ),
    user(72, "Hidden", search_visibility=0, password=""),
    user(73, "ADA"),
    row("auth.group", 1, name="Job Board Admin", permissions=[]),
    row(
        "auth.group",
        2,
        name="Typists",
        permissions=[["change_box", "boxes", "box"], ["view_eventcategory", "events", "eventcategory"]],
    ),
]


@pytest.fixture
def report(settings):
    settings.PASSWORD_HASHERS = [ARGON2, PBKDF2]
    return import_rows(ROWS)


def test_people_and_their_rights_come_over(report):
    ada = User.objects.get(pk=71)
    assert (ada.username, ada.date_joined.year, ada.public_profile) == ("ada", 2026, True)
    assert {group.name for group in ada.groups.all()} == {"Job board", "Typists"}
    assert {one.codename for one in Group.objects.get(name="Typists").permissions.all()} == {
        *("change_box", "publish_box", "view_category")
    }
    assert ada.has_perm("downloads.change_release")
    assert ada.has_perm("jobs.moderate_job")
    assert "User ada: there is nothing here that add_alarm of events alarm could mean." in report.notes
    hidden = User.objects.get(pk=72)
    assert (hidden.public_profile, hidden.has_usable_password()) == (False, False)
    assert [(one["model"], one["id"]) for one in report.problems] == [("users.user", 73), ("authtoken.token", "c" * 40)]
    assert person(71) == person(["ADA"]) == ada


def test_the_old_password_opens_the_account_and_becomes_argon2(client, report):
    answer = client.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    assert (answer.status_code, client.session["_auth_user_id"]) == (302, "71")
    ada = User.objects.get(pk=71)
    assert ada.password.startswith("argon2")
    again = import_rows(ROWS)
    assert (again.changes(), again.counts["users.user"]["kept"]) == (0, 1)
    assert User.objects.get(pk=71).password == ada.password


def test_keys_and_tokens_go_on_working(client, report):
    release = ReleaseFactory()
    for_keys = {"Authorization": f"ApiKey ada:{KEY}"}
    assert client.get("/api/v1/downloads/release/", headers=for_keys).status_code == 200
    address = f"/api/v2/downloads/release/{release.pk}/"
    answer = client.patch(
        address, {"pre_release": True}, content_type="application/json", headers={"Authorization": f"Token {TOKEN}"}
    )
    assert answer.status_code == 200, answer.content
    token = ServiceKey.of(TOKEN, api="v2")
    assert (token.created_at.isoformat(), token.scopes) == ("2026-01-02T10:00:00+00:00", ["read", "releases"])
    assert (token.expires_at - timezone.now()).days == ServiceKey.MAX_DAYS - 1
    assert KEY not in str(ServiceKey.objects.values())
    assert TOKEN not in str(ServiceKey.objects.values())


def test_a_fresh_start_throws_no_account_away(report, admin_user):
    import_rows(ROWS, fresh=True)
    assert User.objects.filter(pk__in=[71, admin_user.pk]).count() == 2


def test_what_an_account_became_here_stays(report):
    User.objects.filter(pk=71).update(email="new@example.org", last_login=timezone.now())
    ServiceKey.objects.filter(api="v2").delete()
    key_for(User.objects.get(pk=71), "v2")
    changed = user(71, "ada", first_name="Ada")
    again = import_rows([changed, *ROWS[:2]], delta=True)
    assert (again.changes(), [one["model"] for one in again.conflicts]) == (0, ["users.user"])
    assert User.objects.get(pk=71).email == "new@example.org"
