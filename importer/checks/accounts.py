"""Checks of accounts, banners and redirects."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from wagtail.contrib.redirects.models import Redirect

from cms.content import old_urls
from cms.content.conversion import normalize_url
from cms.content.models.banners import Banner
from importer.core.comparison import Check, Finding, checked, probe
from importer.core.sources import Spool
from importer.core.verifying import find_problem
from importer.core.writing import person
from importer.sections.accounts import ROLES
from users.models import ServiceKey


def owner(fields: dict[str, Any]) -> int | None:
    user = person(fields["user"])
    return user.pk if user else None


checked("auth.group", Check(Group, {}, key=lambda fields: ROLES.get(fields["name"].lower(), fields["name"]), ours="name"))
checked(
    "users.user",
    Check(
        get_user_model(),
        {
            **{name: name for name in ("username", "email", "first_name", "last_name", "date_joined")},
            "password": lambda fields: fields["password"] or "!",
            "public_profile": lambda fields: bool(fields["public_profile"] and fields["search_visibility"]),
        },
        key="username",
        ours="username",
        state=("is_active", "is_active"),
    ),
)
checked(
    "account.emailaddress",
    Check(EmailAddress, {"email": "email", "user_id": owner, "primary": "primary"}, state=("verified", "verified")),
)


def key_check(text: str) -> Check:
    """Return a check that compares keys by their digests, because only digests are stored."""
    return Check(
        ServiceKey,
        {"owner_id": owner, "created_at": "created"},
        key=lambda row: ServiceKey.hash_of(row[text]),
        ours="key_hash",
    )


checked("tastypie.apikey", key_check("key"))
checked("authtoken.token", key_check("key"))
checked(
    "banners.banner",
    Check(
        Banner,
        {"message": "message", "link_text": "title", "url": lambda fields: normalize_url(fields["link"])},
        state=("live", "active"),
    ),
)
checked(
    "redirects.redirect",
    Check(
        Redirect,
        {"link": lambda fields: normalize_url(fields["new_path"]) or None},
        key=lambda fields: Redirect.normalise_path(fields["old_path"]),
        ours="old_path",
        paths=lambda fields: [fields["old_path"]],
    ),
)


@probe
def check_old_urls(spool: Spool, client: Client) -> Iterator[Finding]:
    """Check the redirects of the old web server, which are a table in this project."""
    for rule in old_urls.rules():
        if rule.path and rule.target.startswith("/") and (wrong := find_problem(client, rule.path)):
            yield Finding("address", "old_urls", rule.path, wrong, "it leads to no page of the source")
