"""Users cannot change an account with more permissions than their own, or grant a group or permission that they lack."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from wagtail.models import APIToken, Collection, GroupCollectionPermission, GroupPagePermission, Page
from wagtail.permissions import policy_registry

from cms.content.models.reviews import PageReviewTask
from tests.factories.users import UserFactory
from users.authority import Authority
from users.groups import ROLES
from users.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def admin(client):
    """Return a site admin who has just confirmed the password."""
    user = UserFactory(username="admin")
    user.set_password(PASSWORD)
    user.save()
    user.groups.add(Group.objects.get(name="Site admins"))
    client.force_login(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return user


@pytest.fixture
def root():
    return UserFactory(username="root", is_superuser=True)


@pytest.fixture
def auditors():
    """Return a group with a permission that site admins lack."""
    group = Group.objects.create(name="Auditors of everything")
    group.permissions.add(Permission.objects.get(codename="delete_sentemail"))
    return group


def user_form(user, **changed):
    groups = list(user.groups.values_list("pk", flat=True))
    return new_user_form(user.username, email=user.email, groups=groups, is_active="on") | changed


def new_user_form(name, **more):
    return {"username": name, "email": f"{name}@example.org", "first_name": "A", "last_name": "B"} | more


def group_form(group, permissions=(), pages=(), collections=()):
    form = {"name": group.name, "permissions": [permission.pk for permission in permissions]}
    prefixes = ["collection_permissions", "image_permissions", "document_permissions", "site_permissions"]
    for prefix in ["page_permissions", *prefixes]:
        form |= {f"{prefix}-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
        form |= {f"{prefix}-MIN_NUM_FORMS": "0", f"{prefix}-MAX_NUM_FORMS": "1000"}
    for number, (page, codename) in enumerate(pages):
        form["page_permissions-TOTAL_FORMS"] = str(number + 1)
        form |= {f"page_permissions-{number}-page": page.pk, f"page_permissions-{number}-permissions": [codename]}
    for number, (collection, permission) in enumerate(collections):
        form["collection_permissions-TOTAL_FORMS"] = str(number + 1)
        form |= {
            f"collection_permissions-{number}-collection": collection.pk,
            f"collection_permissions-{number}-permissions": [permission.pk],
        }
    return form


def is_refused(response):
    """Return whether the admin redirects. A bulk action may also skip the accounts that the user may not change."""
    place = response.get("Location", "")
    return response.status_code == 302 and (place == "/admin/" or place.startswith(("/admin/bulk/", "/accounts/login/")))


def routes_to(user):
    return [
        ("get", f"/admin/users/edit/{user.pk}/", {}),
        ("post", f"/admin/users/edit/{user.pk}/", user_form(user, email="thief@example.org")),
        ("get", f"/admin/users/delete/{user.pk}/", {}),
        ("post", f"/admin/users/delete/{user.pk}/", {}),
        ("post", f"/admin/bulk/users/user/delete/?id={user.pk}", {}),
        ("post", f"/admin/bulk/users/user/set_active_state/?id={user.pk}", {"mark_as_active": "False"}),
        ("post", f"/admin/bulk/users/user/assign_role/?id={user.pk}", {"role": Group.objects.get(name="Events").pk}),
    ]


@pytest.mark.parametrize("owner", ["superuser", "own permission", "group with more"])
@pytest.mark.parametrize("number", range(7))
def test_a_site_admin_changes_no_account_with_more_rights(client, admin, auditors, owner, number):
    person = UserFactory(username="person", is_superuser=owner == "superuser")
    if owner == "own permission":
        person.user_permissions.add(Permission.objects.get(codename="delete_sentemail"))
    if owner == "group with more":
        person.groups.add(auditors)
    method, path, form = routes_to(person)[number]
    before = User.objects.values().get(pk=person.pk), set(person.groups.all())
    assert is_refused(getattr(client, method)(path, form))
    assert (User.objects.values().get(pk=person.pk), set(person.groups.all())) == before


@pytest.mark.parametrize("number", range(7))
def test_deactivated_accounts_keep_their_rank(client, admin, number):
    person = UserFactory(is_superuser=True, is_active=False)
    method, path, form = routes_to(person)[number]
    assert is_refused(getattr(client, method)(path, form))


@pytest.mark.parametrize("role", ROLES)
def test_a_site_admin_manages_every_role(client, admin, role):
    person = UserFactory(role=role)
    assert client.get(f"/admin/users/edit/{person.pk}/").status_code == 200
    client.post(f"/admin/users/edit/{person.pk}/", user_form(person, email="new@example.org"))
    assert User.objects.get(pk=person.pk).email == "new@example.org"
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("new@example.org", False, True)]


def test_the_user_form_gives_only_what_the_editor_has(client, admin, auditors):
    person = UserFactory(username="person")
    path = f"/admin/users/edit/{person.pk}/"
    assert auditors.name not in client.get(path).content.decode()
    client.post(path, user_form(person, groups=[auditors.pk]))
    client.post(path, user_form(person, is_superuser="on"))
    client.post("/admin/users/new/", new_user_form("new", groups=[auditors.pk]))
    client.post("/admin/users/new/", new_user_form("newer", is_superuser="on"))
    assert not User.objects.filter(is_superuser=True).exists()
    assert not auditors.user_set.exists()


def test_nobody_raises_their_own_account(client, admin, auditors):
    path = f"/admin/users/edit/{admin.pk}/"
    client.post(path, user_form(admin, groups=[auditors.pk], is_superuser="on", email="other@example.org"))
    admin.refresh_from_db()
    assert (admin.is_superuser, admin.email) == (False, "admin@example.org")
    assert auditors not in admin.groups.all()


def test_the_user_form_has_no_password(client, admin):
    person = UserFactory(username="person", role="Events")
    path = f"/admin/users/edit/{person.pk}/"
    client.post(path, user_form(person, password1="another long one", password2="another long one"))
    client.post("/admin/users/new/", new_user_form("new", password1="x" * 12, password2="x" * 12))
    assert not User.objects.get(username="new").has_usable_password()
    assert not User.objects.get(pk=person.pk).check_password("another long one")


@pytest.mark.parametrize("field", ["email", "groups", "is_active"])
def test_changing_who_may_do_what_needs_the_password_again(client, admin, field):
    person = UserFactory(username="person")
    client.force_login(UserFactory(role="Site admins"))
    changed = {
        "email": "new@example.org",
        "groups": [Group.objects.get(name="Events").pk],
        "is_active": "",
    }
    response = client.post(f"/admin/users/edit/{person.pk}/", user_form(person, **{field: changed[field]}))
    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert User.objects.get(pk=person.pk).is_active


def test_a_role_with_more_rights_is_not_given_in_bulk(client, admin, auditors):
    person = UserFactory()
    assert is_refused(client.post(f"/admin/bulk/users/user/assign_role/?id={person.pk}", {"role": auditors.pk}))
    assert not auditors.user_set.exists()


def test_bulk_actions_work_within_the_authority(client, admin):
    person = UserFactory()
    role = Group.objects.get(name="Events")
    client.post(f"/admin/bulk/users/user/assign_role/?id={person.pk}", {"role": role.pk})
    assert role in person.groups.all()


@pytest.mark.parametrize("path", ["edit", "delete"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_group_with_more_rights_is_out_of_reach(client, admin, auditors, path, method):
    form = group_form(auditors)
    assert is_refused(getattr(client, method)(f"/admin/groups/{path}/{auditors.pk}/", form if method == "post" else {}))
    assert Group.objects.get(pk=auditors.pk).permissions.count() == 1


@pytest.mark.parametrize("is_own", [True, False])
def test_the_group_form_gives_no_permission_that_the_editor_lacks(client, admin, is_own):
    group = Group.objects.get(name="Site admins") if is_own else Group.objects.create(name="Helpers")
    wanted = Permission.objects.get(codename="delete_sentemail")
    client.post(f"/admin/groups/edit/{group.pk}/", group_form(group, [wanted]))
    client.post("/admin/groups/new/", group_form(Group(name="New"), [wanted]))
    assert not wanted.group_set.exists()


def test_the_group_form_gives_no_right_on_pages_or_collections_that_the_editor_lacks(client, admin):
    own = Group.objects.get(name="Site admins")
    GroupPagePermission.objects.filter(group=own).delete()
    GroupCollectionPermission.objects.filter(group=own).delete()
    group = Group.objects.create(name="Helpers")
    path = f"/admin/groups/edit/{group.pk}/"
    page, collection = Page.objects.get(depth=2), Collection.objects.get(depth=1)
    assert is_refused(client.post(path, group_form(group, pages=[(page, "publish_page")])))
    wanted = Permission.objects.get(codename="delete_collection")
    assert is_refused(client.post(path, group_form(group, collections=[(collection, wanted)])))
    assert not group.page_permissions.exists()
    assert not group.collection_permissions.exists()


def test_the_group_form_gives_what_the_editor_has_from_the_same_place_down(client, admin):
    group = Group.objects.create(name="Helpers")
    path = f"/admin/groups/edit/{group.pk}/"
    wanted = Permission.objects.get(codename="change_box")
    page = Page.objects.get(depth=2)
    client.post(path, group_form(group, [wanted], pages=[(page, "publish_page")]))
    assert list(group.permissions.all()) == [wanted]
    assert group.page_permissions.get().page == page


def test_api_tokens_of_accounts_with_more_rights_are_out_of_reach(client, admin, root):
    token, _ = APIToken.create_token(user=root, name="x")
    client.post("/admin/api-tokens/new/", {"name": "y", "user": root.pk})
    assert APIToken.objects.count() == 1
    for path in (f"/admin/api-tokens/edit/{token.pk}/", f"/admin/api-tokens/delete/{token.pk}/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"name": "z"}).status_code == 404
    token.refresh_from_db()
    assert (token.name, token.revoked_at) == ("x", None)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "Site admins"])
def test_other_roles_open_no_users_and_no_groups(client, role):
    client.force_login(UserFactory(role=role))
    person, group = UserFactory(), Group.objects.create(name="Helpers")
    for path in (f"/admin/users/edit/{person.pk}/", f"/admin/users/delete/{person.pk}/", "/admin/users/new/"):
        assert is_refused(client.get(path)), path
        assert is_refused(client.post(path, user_form(person, groups=[group.pk]))), path
    client.post(f"/admin/groups/edit/{group.pk}/", group_form(group, [Permission.objects.get(codename="change_box")]))
    assert (person.groups.count(), group.permissions.count(), User.objects.filter(pk=person.pk).count()) == (0, 0, 1)


def test_every_task_of_a_workflow_is_a_right(admin):
    group = Group.objects.create(name="Reviewers")
    task = PageReviewTask.objects.create(name="Secret review", addresses="/psf/")
    assert Authority(admin).covers(group)
    task.groups.add(group)
    assert not Authority(admin).covers(group)


@pytest.mark.parametrize("model", [User, Group])
def test_the_rule_is_the_permission_policy_of_the_model(admin, root, auditors, model):
    beyond = root if model is User else auditors
    policy = policy_registry.get_by_type(model)
    for action in ("change", "delete"):
        assert not policy.user_has_permission_for_instance(admin, action, beyond)
    assert policy.user_has_permission_for_instance(root, "change", beyond)
