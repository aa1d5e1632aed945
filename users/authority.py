"""Authority of users: nobody can change an account, or grant a group or permission, that exceeds their own permissions.

The permission policies below enforce this in Wagtail's views. The lists of API keys and of Wagtail's API tokens use it to find
the accounts whose keys a user may manage.
"""

from collections import defaultdict
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from wagtail.models import GroupCollectionPermission, GroupPagePermission, GroupSitePermission, Task
from wagtail.permission_policies import ModelPermissionPolicy

from .models import User

# Type of a permission, ID of the permission or task, and its scope: the path of a page or collection, or the ID of a site.
Right = tuple[str, int, str]


def rights_by_group() -> dict[int, set[Right]]:
    """Return the permissions granted by each group: permissions on models, sites, pages and collections, and workflow tasks."""
    rights: dict[int, set[Right]] = defaultdict(set)
    for group, permission in Group.permissions.through.objects.values_list("group_id", "permission_id"):
        rights[group].add(("model", permission, ""))
    pages = GroupPagePermission.objects.values_list("group_id", "permission_id", "page__path")
    collections = GroupCollectionPermission.objects.values_list("group_id", "permission_id", "collection__path")
    sites = GroupSitePermission.objects.values_list("group_id", "permission_id", "site_id")
    for kind, rows in (("page", pages), ("collection", collections), ("site", sites)):
        for group, permission, place in rows:
            rights[group].add((kind, permission, str(place)))
    for relation in Group._meta.related_objects:
        if relation.many_to_many and issubclass(relation.related_model, Task):
            for group, task in Group.objects.filter(**{f"{relation.name}__isnull": False}).values_list("pk", relation.name):
                rights[group].add(("task", task, ""))
    return rights


class Authority:
    """Current permissions of a user, and the accounts and groups whose permissions do not exceed them."""

    def __init__(self, user: User):
        self.is_superuser = user.is_active and user.is_superuser
        self.rights: set[Right] = {("model", pk, "") for pk in user.user_permissions.values_list("pk", flat=True)}
        if not self.is_superuser:
            by_group = rights_by_group()
            self.rights.update(*(by_group[pk] for pk in user.groups.values_list("pk", flat=True)))

    def has(self, right: Right) -> bool:
        """Return whether this includes a permission, or the same permission on a parent page or collection."""
        kind, pk, place = right
        if self.is_superuser or right in self.rights or (kind == "site" and ("model", pk, "") in self.rights):
            return True
        return kind in {"page", "collection"} and any(
            mine[:2] == (kind, pk) and place.startswith(mine[2]) for mine in self.rights
        )

    def permissions(self) -> QuerySet[Permission]:
        """Return the model permissions that this user may grant."""
        if self.is_superuser:
            return Permission.objects.all()
        return Permission.objects.filter(pk__in=[pk for kind, pk, _ in self.rights if kind == "model"])

    def groups(self) -> QuerySet[Group]:
        """Return the groups that grant no right beyond this authority."""
        if self.is_superuser:
            return Group.objects.all()
        beyond = [pk for pk, rights in rights_by_group().items() if not all(map(self.has, rights))]
        return Group.objects.exclude(pk__in=beyond)

    def users(self) -> QuerySet[User]:
        """Return the accounts, active or not, that have no right beyond this authority."""
        if self.is_superuser:
            return User.objects.all()
        groups = Group.objects.exclude(pk__in=self.groups())
        permissions = Permission.objects.exclude(pk__in=self.permissions())
        users = User.objects.filter(is_superuser=False)
        return users.exclude(groups__in=groups).exclude(user_permissions__in=permissions)

    def covers(self, account_or_group: User | Group) -> bool:
        rows: QuerySet[Any] = self.groups() if isinstance(account_or_group, Group) else self.users()
        return rows.filter(pk=account_or_group.pk).exists()


class WithinAuthorityPolicy(ModelPermissionPolicy):
    """Restrict changes of accounts and groups to the authority of the user."""

    def user_has_permission_for_instance(self, user: User, action: str, instance: Any) -> bool:
        allowed = super().user_has_permission_for_instance(user, action, instance)
        return allowed and (action == "view" or Authority(user).covers(instance))


def token_owners(user: User) -> QuerySet[User]:
    """Return the accounts whose API tokens a user may create, rename and revoke: their own, and those they may change."""
    if not user.has_perm("users.change_user"):
        return User.objects.filter(pk=user.pk)
    return Authority(user).users()
