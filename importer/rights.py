"""Permissions of accounts and groups: apply grants and revocations made on the old site since the last import."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from users.models import User

from .models import ImportedRow

FLAGS = ("is_active", "is_staff", "is_superuser")
FLAG_NAMES = {"is_active": "active", "is_staff": "staff", "is_superuser": "superuser"}


@dataclass(frozen=True)
class Rights:
    """Permissions of an account or a group: flags, names of groups and roles, and permissions as "app.codename"."""

    flags: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        return self == Rights()

    @property
    def all_groups(self) -> frozenset[str]:
        return self.groups | self.roles

    def as_json(self) -> dict[str, list[str]]:
        return {name: sorted(values) for name, values in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: dict[str, list[str]]) -> Self:
        return cls(**{name: frozenset(values) for name, values in stored.items()})

    @classmethod
    def of(cls, user: User) -> Self:
        """Return the current permissions of an account."""
        found = user.user_permissions.select_related("content_type")
        return cls(
            flags=frozenset(name for name in FLAGS if getattr(user, name)),
            groups=frozenset(user.groups.values_list("name", flat=True)),
            permissions=frozenset(f"{one.content_type.app_label}.{one.codename}" for one in found),
        )


# Default for an account without a record.
PLAIN = Rights(flags=frozenset({"is_active"}))


def last_rights(label: str, pk: Any) -> Rights | None:
    """Return the permissions recorded at the last import of a row, or None if there is no record."""
    return all_last_rights(label, [pk]).get(str(pk))


def all_last_rights(label: str, pks: Iterable[Any]) -> dict[str, Rights]:
    """Return the permissions recorded at the last import of rows, by old ID."""
    rows = ImportedRow.objects.filter(label=label, key__in=map(str, pks)).exclude(rights=None)
    return {row.key: Rights.from_json(row.rights or {}) for row in rows}


def permissions_named(names: Iterable[str]) -> Any:
    """Return a queryset of the permissions with these names."""
    wanted = Q(pk__in=[])
    for name in names:
        app, _, codename = name.partition(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return Permission.objects.filter(wanted)


def apply_permissions(relation: Any, wanted: Rights, known: Rights | None) -> list[str]:
    """Apply the permission changes of the old site. Return the changes as phrases."""
    before = known.permissions if known else frozenset()
    here = {f"{one.content_type.app_label}.{one.codename}" for one in relation.select_related("content_type")}
    given, taken = (wanted.permissions - before) - here, (before - wanted.permissions) & here
    if given:
        relation.add(*permissions_named(given))
    if taken:
        relation.remove(*permissions_named(taken))
    return [*(f"given {name}" for name in sorted(given)), *(f"revoked {name}" for name in sorted(taken))]


def apply_user_rights(user: User, wanted: Rights, known: Rights | None) -> list[str]:
    """Apply the changes of an account's permissions on the old site. Return the changes as phrases."""
    before = known or PLAIN
    changed = []
    for name in sorted(wanted.flags ^ before.flags):
        value = name in wanted.flags
        if getattr(user, name) != value:
            setattr(user, name, value)
            user.save(update_fields=[name])
            changed.append(f"{'given' if value else 'revoked'} {FLAG_NAMES[name]}")
    here = set(user.groups.values_list("name", flat=True))
    given, taken = (wanted.all_groups - before.all_groups) - here, (before.all_groups - wanted.all_groups) & here
    if given:
        user.groups.add(*Group.objects.filter(name__in=given))
    if taken:
        user.groups.remove(*Group.objects.filter(name__in=taken))
    changed += [*(f"given the group {name}" for name in sorted(given)), *(f"revoked the group {name}" for name in sorted(taken))]
    return changed + apply_permissions(user.user_permissions, wanted, known)
