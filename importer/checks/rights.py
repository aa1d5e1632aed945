"""Comparison of permissions of accounts, keys and tokens on the old site and on this site."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.test import Client

from importer.core.comparison import Finding, probe
from importer.core.report import Report
from importer.core.sources import Spool
from importer.core.writing import person
from importer.rights import FLAG_NAMES, PLAIN, Rights, last_rights
from importer.sections.accounts import GROUPS, KEYS, ROLES, SITE_ROLES, TOKENS, USERS, group_of, group_rights, user_rights
from importer.sections.sponsors.rows import PREFIX
from sponsors.models import Sponsorship
from users.groups import permissions_of
from users.models import ServiceKey, User

JOB_ADMINS = "job board admin"
ADMIN, DRAFTS, WRITES = "Use the admin", "Read draft releases through API v1 and v2", "Write releases through API v1 and v2"
READ, PLACEMENTS, JOBS, PORTAL = (
    "Use a key or token",
    "Read logo placements through API v2",
    "Moderate jobs",
    "See own sponsorships",
)
# Role that grants each ability, for the proposed role file.
ROLE_FOR = {DRAFTS: "Release managers", WRITES: "Release managers", PLACEMENTS: "Sponsor publishers", JOBS: "Job board"}
PERMISSION_HERE = {
    ADMIN: "wagtailadmin.access_admin",
    DRAFTS: "downloads.change_release",
    WRITES: "downloads.add_release",
    JOBS: "jobs.moderate_job",
}
# Abilities of every staff account on the old site.
OF_STAFF = {ADMIN, DRAFTS, WRITES, PLACEMENTS}
VISIBLE = {"applied", "approved", "finalized"}
LOSS = "staff have no permissions without a role here: assign one in the roles file"


def names_of(rights: Rights) -> Iterator[str]:
    """Yield permissions as phrases."""
    yield from (FLAG_NAMES[name] for name in sorted(rights.flags))
    yield from (f"the group {name}" for name in sorted(rights.all_groups))
    yield from sorted(rights.permissions)


def differing(label: str, owner: str, there: Rights, here: Rights) -> Iterator[Finding]:
    wanted, found = set(names_of(there)), set(names_of(here))
    for name in sorted(wanted - found):
        yield Finding("rights", label, owner, f"{owner} lacks {name}, which the old site or the roles file grants.")
    for name in sorted(found - wanted):
        yield Finding("rights", label, owner, f"{owner} has {name}, which neither the old site nor the roles file grants.")


@probe
def compare_accounts(spool: Spool, client: Client) -> Iterator[Finding]:
    """Compare the permissions of each account with those in the source and in the role file."""
    report = Report()
    for row in spool.rows(USERS):
        user = person(row["pk"])
        if user:
            here = Rights.of(user)
            there = user_rights(row["fields"], report, last_rights(USERS, row["pk"]))
            if here != PLAIN or there != PLAIN:
                yield from differing(USERS, user.username, there, here)


@probe
def compare_groups(spool: Spool, client: Client) -> Iterator[Finding]:
    """Compare the permissions of each imported group with the source, and those of each role with `users/groups.py`."""
    report = Report()
    for row in spool.rows(GROUPS):
        group = group_of([row["fields"]["name"]])
        if group and group.name not in SITE_ROLES:
            yield from differing(GROUPS, group.name, group_rights(row, report), rights_of(group))
        elif group is None:
            name = ROLES.get(row["fields"]["name"].lower(), row["fields"]["name"])
            yield Finding("rights", GROUPS, str(row["pk"]), f"there is no group {name}.")
    for role in SITE_ROLES:
        group = Group.objects.filter(name=role).first()
        if group is None:
            yield Finding("rights", "role", role, f"there is no role {role}.")
            continue
        table = permissions_of(role).select_related("content_type")
        wanted = Rights(permissions=frozenset(f"{one.content_type.app_label}.{one.codename}" for one in table))
        yield from differing("role", role, wanted, rights_of(group))


def rights_of(group: Group) -> Rights:
    found = group.permissions.select_related("content_type")
    return Rights(permissions=frozenset(f"{one.content_type.app_label}.{one.codename}" for one in found))


@dataclass
class Person:
    """Account that may lose permissions: its permissions, keys and sponsorships on the old site."""

    fields: dict
    user: User
    wanted: Rights
    keys: dict[str, str]
    has_sponsorship: bool = False

    @property
    def kinds(self) -> str:
        kinds = [FLAG_NAMES[name] for name in ("is_superuser", "is_staff") if self.fields[name]]
        kinds += [f"API {api} key" for api in self.keys]
        kinds += ["sponsor"] if self.has_sponsorship else []
        return ", ".join(kinds) or "member of a group"

    def abilities_there(self) -> Iterator[str]:
        """Yield the actions that the views of the old site allowed for the account."""
        if not self.fields["is_active"]:
            return
        is_staff, is_superuser = self.fields["is_staff"], self.fields["is_superuser"]
        groups = {str(one[0] if isinstance(one, list) else one).lower() for one in self.fields["groups"]}
        if is_staff:
            yield ADMIN
        if self.keys:
            yield READ
        if is_staff and self.keys:
            yield from (DRAFTS, WRITES)
        may_publish = "sponsors.sponsor_publisher" in self.wanted.permissions
        if "v2" in self.keys and (is_staff or is_superuser or may_publish):
            yield PLACEMENTS
        if is_superuser or JOB_ADMINS in groups:
            yield JOBS
        if self.has_sponsorship:
            yield PORTAL
        yield from sorted(self.wanted.permissions)

    def can(self, ability: str) -> bool:
        """Return whether the account has an ability on this site."""
        if ability == READ:
            return all(self.key_has(api, ServiceKey.Scope.READ) for api in self.keys)
        if ability == PLACEMENTS:
            return self.key_has(ServiceKey.API.V2, ServiceKey.Scope.PLACEMENTS)
        if ability == WRITES:
            return all(self.key_has(api, ServiceKey.Scope.RELEASES) for api in self.keys)
        if ability == PORTAL:
            return Sponsorship.objects.visible_to(self.user).exists()
        return self.user.has_perm(PERMISSION_HERE.get(ability, ability))

    def key_has(self, api: str, scope: str) -> bool:
        keys = ServiceKey.objects.working().filter(owner=self.user, api=api)
        allowed = ServiceKey.scopes_of(self.user)
        return any(scope in key.scopes and set(key.scopes) <= set(allowed) for key in keys)


def people_of(spool: Spool) -> Iterator[Person]:
    """Yield the accounts with permissions, keys, tokens or sponsorships."""
    keys: dict[int, dict[str, str]] = defaultdict(dict)
    for label, api in ((KEYS, ServiceKey.API.V1), (TOKENS, ServiceKey.API.V2)):
        for row in spool.rows(label):
            user = person(row["fields"]["user"])
            if user:
                keys[user.pk][api] = row["fields"]["key"]
    sponsors = sponsors_of(spool)
    for row in spool.rows(USERS):
        user, fields = person(row["pk"]), row["fields"]
        if user is None:
            continue
        has_rights = any(fields[name] for name in ("is_staff", "is_superuser", "groups", "user_permissions"))
        if has_rights or user.pk in keys or user.pk in sponsors:
            wanted = all_permissions(fields)
            yield Person(fields, user, wanted, keys.get(user.pk, {}), has_sponsorship=user.pk in sponsors)


def all_permissions(fields: dict) -> Rights:
    """Return an account's own and group permissions on the old site, by their names on this site."""
    report = Report()
    own = user_rights(fields, report, None).permissions
    groups = [group for group in map(group_of, fields["groups"]) if group]
    return Rights(permissions=own.union(*(rights_of(group).permissions for group in groups if group.name not in SITE_ROLES)))


def sponsors_of(spool: Spool) -> set[int]:
    """Return the IDs, on this site, of the accounts that could view a sponsorship on the old site: contacts and applicants."""
    seen = [row["fields"] for row in spool.rows(f"{PREFIX}sponsorship") if row["fields"]["status"] in VISIBLE]
    owners = {fields["sponsor"] for fields in seen}
    references = [fields["submited_by"] for fields in seen]
    references += [row["fields"]["user"] for row in spool.rows(f"{PREFIX}sponsorcontact") if row["fields"]["sponsor"] in owners]
    return {user.pk for user in map(person, filter(None, references)) if user}


def rights_table(spool: Spool) -> list[dict[str, str]]:
    """Return a row for each account and each ability on the old site, with whether this site grants it."""
    return [
        {"account": one.user.username, "kinds": one.kinds, "ability": ability, "here": "yes" if one.can(ability) else "no"}
        for one in people_of(spool)
        for ability in one.abilities_there()
    ]


def proposed_roles(table: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the lines of a proposed role file for the accounts that lose permissions. Staff complete and confirm it."""
    lost: dict[str, list[str]] = defaultdict(list)
    for row in table:
        if row["here"] == "no":
            lost[row["account"]].append(row["ability"])
    return [
        {
            "account": account,
            "roles": "; ".join(sorted({ROLE_FOR[ability] for ability in abilities if ability in ROLE_FOR})),
            "note": f"loses: {', '.join(abilities)}",
        }
        for account, abilities in lost.items()
    ]


@probe
def name_losses(spool: Spool, client: Client) -> Iterator[Finding]:
    """Report every account that loses a permission."""
    for row in rights_table(spool):
        if row["here"] == "no":
            reason = LOSS if row["ability"] in OF_STAFF else ""
            yield Finding("rights", USERS, row["account"], f"{row['account']} ({row['kinds']}) loses: {row['ability']}.", reason)
