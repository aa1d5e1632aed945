"""Role file: the roles that accounts of the old site get on this site, as decided by staff."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from users.groups import ROLES

STAFF, SUPERUSERS, GROUP = "staff", "superusers", "group:"
COLUMNS = ("account", "roles", "note")


class RoleMappingError(Exception):
    """Invalid role file, with the reason as a sentence."""


@dataclass(frozen=True)
class RoleMapping:
    """Roles by account: a username, "staff", "superusers", or "group:" with the name of an old group."""

    roles: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> "RoleMapping":
        """Return the mapping from a CSV file with the columns `account` and `roles` (separated by semicolons).

        Raises RoleMappingError.
        """
        try:
            with file.open(encoding="utf-8-sig", newline="") as table:
                rows = [{name: (value or "").strip() for name, value in row.items() if name} for row in csv.DictReader(table)]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise RoleMappingError(f"{file} cannot be read: {error}.") from error
        roles: dict[str, list[str]] = {}
        for number, row in enumerate(rows, 2):
            if "account" not in row or "roles" not in row:
                raise RoleMappingError(f"{file} needs the columns account and roles.")
            chosen = [role.strip() for role in row["roles"].split(";") if role.strip()]
            unknown = [role for role in chosen if role not in ROLES]
            if unknown:
                raise RoleMappingError(f"{file}, line {number}: there is no role {unknown[0]}. Roles are {', '.join(ROLES)}.")
            roles.setdefault(row["account"].casefold(), []).extend(chosen)
        return cls(roles)

    def names_of(self, fields: dict, groups: Iterable[str]) -> list[str]:
        """Return the roles assigned to an account by its name, by its groups, and as staff or superuser."""
        keys = [fields["username"], *(f"{GROUP}{name}" for name in groups)]
        keys += [STAFF] if fields["is_staff"] else []
        keys += [SUPERUSERS] if fields["is_superuser"] else []
        return sorted({role for key in keys for role in self.roles.get(key.casefold(), [])})
