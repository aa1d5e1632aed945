"""Accounts of the old site: people sign in with their old password, programs with their old keys."""

from hashlib import blake2b

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone

from importer.core import import_rows, person
from importer.core.roles import RoleMapping, RoleMappingError
from importer.models import ImportedRow
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


def digest_of_token(token):
    return blake2b(token.encode(), digest_size=8).hexdigest()


def row(label, pk, **fields):
    return {"model": label, "pk": pk, "fields": fields}


ADA = {
    "groups": [["Job Board Admin"], ["Typists"]],
    "user_permissions": [["change_release", "downloads", "release"], ["add_alarm", "events", "alarm"]],
}
ROWS = [
    row("tastypie.apikey", 4, user=["ada"], key=KEY, created=DAY),
    row("authtoken.token", TOKEN, user=71, created=DAY),
    row("authtoken.token", "c" * 40, user=["nobody"], created=DAY),
    row("account.emailaddress", 9, user=["ada"], email="ada@example.org", verified=True, primary=True),
    user(71, "ada", **ADA),
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
    assert "User ada: the permission add_alarm of events alarm has no equivalent here." in report.notes
    hidden = User.objects.get(pk=72)
    assert (hidden.public_profile, hidden.has_usable_password()) == (False, False)
    assert [(one["model"], one["id"]) for one in report.problems] == [
        ("users.user", 73),
        ("authtoken.token", digest_of_token("c" * 40)),
    ]
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
    changed = user(71, "ada", first_name="Ada", **ADA)
    again = import_rows([changed, *ROWS[:2]], delta=True)
    assert (again.changes(), [one["model"] for one in again.conflicts]) == (0, ["users.user"])
    assert User.objects.get(pk=71).email == "new@example.org"


def names_of(user):
    return sorted(user.groups.values_list("name", flat=True)), sorted(user.user_permissions.values_list("codename", flat=True))


def test_a_right_that_the_old_site_revokes_is_revoked_here_also_from_a_used_account(report):
    """An account that has signed in here keeps its own data, but not the permissions that it lost."""
    User.objects.filter(pk=71).update(email="new@example.org", last_login=timezone.now())
    ada = User.objects.get(pk=71)
    ada.groups.add(Group.objects.get(name="Events"))
    less = [
        user(71, "ada", groups=[["Typists"]], is_active=True),
        row("auth.group", 2, name="Typists", permissions=[]),
        *ROWS[:2],
    ]
    again = import_rows(less, delta=True)
    assert names_of(ada) == (["Events", "Typists"], [])
    assert not Group.objects.get(name="Typists").permissions.exists()
    assert (
        "User ada: revoked the group Job board, revoked downloads.change_release, revoked downloads.publish_release."
        in again.notes
    )
    assert ServiceKey.of(TOKEN, api="v2").scopes == ["read"]
    assert User.objects.get(pk=71).email == "new@example.org"
    assert import_rows(less).changes() == 0
    import_rows([user(71, "ada", is_active=False, is_staff=True)])
    assert (User.objects.get(pk=71).is_active, User.objects.get(pk=71).is_staff) == (False, True)


def test_a_right_removed_by_staff_here_does_not_come_back(report):
    ada = User.objects.get(pk=71)
    ada.groups.clear()
    User.objects.filter(pk=72).update(is_active=False)
    assert import_rows(ROWS).changes() == 0
    assert names_of(ada)[0] == []
    assert not User.objects.get(pk=72).is_active


def test_a_file_of_people_gives_roles_which_stay_until_it_says_otherwise(report, tmp_path):
    file = tmp_path / "roles.csv"
    file.write_text("account,roles,note\nADA,Release managers; Events,\nstaff,Sponsor publishers,\n")
    rows = [*ROWS, user(80, "sync", is_staff=True), row("authtoken.token", "d" * 40, user=["sync"], created=DAY)]
    import_rows(rows, roles=RoleMapping.read(file))
    assert names_of(User.objects.get(pk=71))[0] == ["Events", "Job board", "Release managers", "Typists"]
    assert ServiceKey.of("d" * 40, api="v2").scopes == ["placements", "read"]
    assert import_rows(rows).changes() == 0
    file.write_text("account,roles\nada,Events\nstaff,Sponsor publishers\n")
    import_rows(rows, roles=RoleMapping.read(file))
    assert names_of(User.objects.get(pk=71))[0] == ["Events", "Job board", "Typists"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("account,roles\nada,Wizards\n", "there is no role Wizards"), ("name\nada\n", "needs the columns account and roles")],
)
def test_a_file_of_roles_that_cannot_be_used_is_refused(tmp_path, text, sentence):
    file = tmp_path / "roles.csv"
    file.write_text(text)
    with pytest.raises(RoleMappingError, match=sentence):
        RoleMapping.read(file)
    with pytest.raises(CommandError, match=sentence):
        call_command("import_pydotorg", file, roles=file)


def test_a_replaced_key_is_revoked_and_the_new_one_works(report):
    token, key = "e" * 40, "f" * 40
    keys = [row("authtoken.token", token, user=71, created=DAY), row("tastypie.apikey", 4, user=71, key=key, created=DAY)]
    assert import_rows(keys).changes() == 2
    assert ServiceKey.objects.working().count() == 2
    assert ServiceKey.of(token, api="v2").owner_id == ServiceKey.of(key, api="v1").owner_id == 71


def test_no_token_is_stored_as_the_id_of_a_row(report):
    assert set(ImportedRow.objects.filter(label="authtoken.token").values_list("key", flat=True)) == {digest_of_token(TOKEN)}


def test_what_the_old_site_deleted_ends_here_if_the_source_is_complete(report):
    rest = [one for one in ROWS if one["pk"] != 72 and "key" not in one["fields"] and one["model"] != "authtoken.token"]
    assert import_rows(rest).changes() == 0
    ended = import_rows(rest, complete=True)
    assert not User.objects.get(pk=72).is_active
    assert not ServiceKey.objects.working().exists()
    assert "User Hidden was deleted on the old site and is deactivated." in ended.notes
    assert "The API v2 key of ada was deleted on the old site and is revoked." in ended.notes
    assert import_rows(rest, complete=True).changes() == 0
