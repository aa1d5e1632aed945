"""Import accounts: groups, users with password hashes, email addresses and API keys.

Changes made to an account on this site, such as a new password, are never overwritten.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime

from cms.platform.sequences import reset_sequence
from importer.core.deletions import ends_with
from importer.core.registry import importer
from importer.core.report import Report
from importer.core.writing import USERS, is_edited_here, person, write
from importer.models import ImportedRow
from importer.rights import FLAGS, PLAIN, Rights, all_last_rights, apply_permissions, apply_user_rights, last_rights
from users.groups import ROLES as SITE_ROLES
from users.models import ServiceKey, User

GROUPS, ADDRESSES, KEYS, TOKENS = "auth.group", "account.emailaddress", "tastypie.apikey", "authtoken.token"
# Old groups -> roles of this site.
ROLES = {"job board admin": "Job board"}
# Models with a different name here. Page permissions come from roles, not from model permissions.
MODELS = {
    ("auth", "user"): ("users", "user"),
    ("banners", "banner"): ("cms", "banner"),
    ("blogs", "feed"): ("community", "feed"),
    ("blogs", "feedaggregate"): ("community", "feedaggregate"),
    ("blogs", "blogentry"): ("community", "blogentry"),
    ("boxes", "box"): ("cms", "box"),
    ("companies", "company"): ("community", "company"),
    ("events", "eventcategory"): ("events", "category"),
    ("events", "eventlocation"): ("events", "location"),
    ("nominations", "election"): ("psf", "election"),
    ("nominations", "electionkind"): ("psf", "electionkind"),
    ("nominations", "nominee"): ("psf", "nominee"),
    ("redirects", "redirect"): ("wagtailredirects", "redirect"),
    ("sitetree", "treeitem"): ("cms", "menu"),
    ("sponsors", "contract"): ("sponsors", "contract"),
    ("sponsors", "sponsorbenefit"): ("sponsors", "sponsorshipbenefit"),
    ("sponsors", "sponsorcontact"): ("sponsors", "contact"),
    ("sponsors", "sponsoremailnotificationtemplate"): ("sponsors", "messagetemplate"),
    ("sponsors", "sponsorship"): ("sponsors", "sponsorship"),
    ("sponsors", "sponsorshipbenefit"): ("sponsors", "benefit"),
    ("sponsors", "sponsorshippackage"): ("sponsors", "package"),
    ("sponsors", "sponsorshipprogram"): ("sponsors", "sponsorshipprogram"),
    ("successstories", "storycategory"): ("community", "storycategory"),
    ("users", "membership"): ("psf", "membership"),
}
MAX_BIO_LENGTH = 2000
# Label of account permissions in the report.
RIGHTS = "users.user rights"
# Name of imported keys.
IMPORTED = "Key from the old site"


def permissions(references: Iterable[Any], report: Report, owner: str) -> Iterator[Permission]:
    """Yield the permissions that correspond to old ones, given as codename, app and model."""
    for reference in references:
        if not isinstance(reference, list):
            report.note(f"{owner}: permission {reference} is a number. Create the dump with --natural-foreign.")
            continue
        codename, app, model = reference
        app_here, model_here = MODELS.get((app, model), (app, model))
        action = codename.removesuffix(model)
        names = [f"{action}{model_here}" if action != codename else codename]
        # On the old site every change was published.
        names += [f"publish_{model_here}"] if action == "change_" else []
        found = Permission.objects.filter(content_type__app_label=app_here, content_type__model=model_here, codename__in=names)
        if not found:
            report.note(f"{owner}: the permission {codename} of {app} {model} has no equivalent here.")
        yield from found


def group_of(reference: Any) -> Group | None:
    """Return the group with a name or an old ID."""
    if isinstance(reference, int):
        here = ImportedRow.objects.filter(label=GROUPS, key=str(reference)).values_list("target", flat=True).first()
        return Group.objects.filter(pk=here).first() if here else None
    name = reference[0] if isinstance(reference, list) else reference
    return Group.objects.filter(name__iexact=ROLES.get(name.lower(), name)).first()


def names_of(found: Iterable[Permission]) -> list[str]:
    return sorted({f"{one.content_type.app_label}.{one.codename}" for one in found})


def group_rights(row: dict, report: Report) -> Rights:
    """Return the permissions of an old group. Permissions of roles come from `users/groups.py` and are not imported."""
    name = row["fields"]["name"]
    if ROLES.get(name.lower(), name) in SITE_ROLES:
        return Rights()
    return Rights(permissions=frozenset(names_of(permissions(row["fields"]["permissions"], report, f"Group {name}"))))


def user_rights(fields: dict, report: Report, known: Rights | None) -> Rights:
    """Return the permissions of an account on the old site, and its roles from the role file."""
    groups = [group.name for group in map(group_of, fields["groups"]) if group]
    chosen = report.roles.names_of(fields, old_groups(fields)) if report.roles else known.roles if known else []
    return Rights(
        flags=frozenset(name for name in FLAGS if fields[name]),
        groups=frozenset(groups),
        permissions=frozenset(names_of(permissions(fields["user_permissions"], report, f"User {fields['username']}"))),
        roles=frozenset(chosen),
    )


def old_groups(fields: dict) -> list[str]:
    return [one[0] if isinstance(one, list) else str(one) for one in fields["groups"]]


@importer(GROUPS, None)
def import_groups(rows: list[dict], report: Report) -> None:
    """Import groups and their permissions. The permissions of a role are not changed."""
    for row in rows:
        with report.row(GROUPS, row):
            name = row["fields"]["name"]
            group = group_of(name)
            is_new = group is None
            group = group or Group.objects.create(name=name)
            wanted = group_rights(row, report)
            known = None if is_new else last_rights(GROUPS, row["pk"])
            if not wanted.is_empty or known:
                changed = apply_permissions(group.permissions, wanted, known)
                report.rights[GROUPS][str(row["pk"])] = wanted.as_json()
                note_changes(f"Group {name}", changed, report, is_new=is_new)
            else:
                changed = []
            report.count(GROUPS, "created" if is_new else "changed" if changed else "unchanged")
            report.place(GROUPS, row["pk"], group.pk)


@importer(USERS, None, after=[GROUPS], in_parts=True)
def import_users(rows: list[dict], report: Report) -> None:
    people = get_user_model().objects
    here = people.in_bulk([row["pk"] for row in rows])
    before = all_last_rights(USERS, [row["pk"] for row in rows])
    for row in rows:
        with report.row(USERS, row):
            fields = row["fields"]
            values = user_values(fields)
            known = here.get(row["pk"])
            if known and known.username.lower() != fields["username"].lower():
                raise ValidationError(f"its ID belongs to {known.username} on this site.")
            namesake = people.filter(username__iexact=fields["username"]).exclude(pk=row["pk"]).first()
            if namesake:
                refuse_second(namesake, row["pk"], report)
                report.keep(USERS, row["pk"], namesake.username)
                known = namesake
            elif known and all(getattr(known, name) == value for name, value in values.items()):
                report.count(USERS, "unchanged")
            elif known and (is_used_here(known, values["last_login"]) or is_edited_here(known)):
                report.keep(USERS, row["pk"], known.username)
            else:
                user = known or get_user_model()(pk=row["pk"], **{name: fields[name] for name in FLAGS})
                for name, value in values.items():
                    setattr(user, name, value)
                user.full_clean()
                user.save(force_insert=known is None)
                report.count(USERS, "changed" if known else "created")
                known = user
            import_rights(known, row, before.get(str(row["pk"])), report, is_new=row["pk"] not in here)
            report.place(USERS, row["pk"], known.pk)
    reset_sequence(get_user_model())


def import_rights(user: User, row: dict, known: Rights | None, report: Report, *, is_new: bool) -> None:
    """Apply the permissions that an account gained or lost on the old site since its last import, even if it was changed here."""
    wanted = user_rights(row["fields"], report, known)
    if wanted == (known or PLAIN):
        return
    changed = apply_user_rights(user, wanted, known)
    report.rights[USERS][str(row["pk"])] = wanted.as_json()
    note_changes(f"User {user.username}", changed, report, is_new=is_new)
    if changed and not is_new:
        report.count(RIGHTS, "changed")


def note_changes(owner: str, changed: list[str], report: Report, *, is_new: bool) -> None:
    if changed and not is_new:
        report.note(f"{owner}: {', '.join(changed)}.")


def refuse_second(namesake: User, pk: int, report: Report) -> None:
    """Raise ValidationError if the account already matches another old user. An account created here can match one old user."""
    came = ImportedRow.objects.filter(label=USERS, target=str(namesake.pk)).exclude(key=str(pk)).exists()
    if came or namesake.pk in [target for key, target in report.targets[USERS].items() if key != str(pk)]:
        raise ValidationError(f"{namesake.username} has the same name in different capitalization.")


def user_values(fields: dict) -> dict:
    names = ("username", "first_name", "last_name", "email")
    return {name: fields[name] for name in names} | {
        # Users without a password get an unusable one and sign in after a reset.
        "password": fields["password"] or UNUSABLE_PASSWORD_PREFIX,
        "last_login": moment(fields["last_login"]),
        "date_joined": moment(fields["date_joined"]),
        "bio": (fields.get("bio") or "")[:MAX_BIO_LENGTH],
        # On the old site a profile hidden from search engines was hidden completely.
        "public_profile": bool(fields["public_profile"] and fields["search_visibility"]),
    }


def moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def is_used_here(user: User, last_login: datetime | None) -> bool:
    """Return whether the user has signed in to this site since the export."""
    return bool(user.last_login and (last_login is None or user.last_login > last_login))


def owner(fields: dict) -> int:
    user = person(fields["user"])
    if user is None:
        raise ValidationError(f"user {fields['user']} is missing.")
    return user.pk


@importer(ADDRESSES, None, after=[USERS], in_parts=True)
def import_old_urls(rows: list[dict], report: Report) -> None:
    def values(fields: dict[str, Any]) -> dict[str, Any]:
        return {"user_id": owner(fields)} | {name: fields[name] for name in ("email", "verified", "primary")}

    write(ADDRESSES, EmailAddress, rows, values, report)


def store_keys(label: str, api: str, rows: list[dict], report: Report) -> None:
    """Store the digests of keys with scopes from their owners' permissions, and revoke keys that the old site replaced.

    A key that its owner has created or revoked here is not changed.
    """
    for row in rows:
        with report.row(label, row):
            user, text = get_user_model().objects.get(pk=owner(row["fields"])), row["fields"]["key"]
            keys = ServiceKey.objects.filter(owner=user, api=api)
            known = keys.filter(key_hash__in=ServiceKey.digests_of(text)).first()
            scopes = sorted(ServiceKey.scopes_of(user))
            if known and known.scopes == scopes:
                report.count(label, "unchanged")
            elif known:
                known.scopes = scopes
                known.save(update_fields=["scopes"])
                report.note(
                    f"{user.username}: the {known.get_api_display()} key now has the scopes: {', '.join(known.scope_labels)}."
                )
                report.count(label, "changed")
            elif keys.exclude(name=IMPORTED).exists():
                report.count(label, "unchanged")
            else:
                replaced = keys.filter(revoked_at=None)
                is_new = not replaced
                for key in replaced:
                    key.revoke()
                # Keys are valid for one year after the import.
                key = ServiceKey.store(text, owner=user, api=api, name=IMPORTED, scopes=scopes, days=ServiceKey.MAX_DAYS)
                ServiceKey.objects.filter(pk=key.pk).update(created_at=moment(row["fields"]["created"]))
                report.place(label, row["pk"], key.pk)
                report.count(label, "created" if is_new else "changed")


@importer(KEYS, None, after=[USERS], in_parts=True, always=True)
def import_keys(rows: list[dict], report: Report) -> None:
    store_keys(KEYS, ServiceKey.API.V1, rows, report)


@importer(TOKENS, None, after=[USERS], in_parts=True, always=True)
def import_tokens(rows: list[dict], report: Report) -> None:
    store_keys(TOKENS, ServiceKey.API.V2, rows, report)


@ends_with(USERS)
def end_account(row: ImportedRow) -> str | None:
    """Deactivate an account, which also disables its keys. Its content is kept."""
    user = get_user_model().objects.filter(pk=row.target or row.key, is_active=True).first()
    if user is None:
        return None
    user.is_active = False
    user.save(update_fields=["is_active"])
    return f"User {user.username} was deleted on the old site and is deactivated."


def end_key(row: ImportedRow) -> str | None:
    """Revoke a key that the old site has deleted."""
    key = ServiceKey.objects.filter(pk=row.target, revoked_at=None).first() if row.target else None
    if key is None:
        return None
    key.revoke()
    return f"The {key.get_api_display()} key of {key.owner.username} was deleted on the old site and is revoked."


for _label in (KEYS, TOKENS):
    ends_with(_label)(end_key)
