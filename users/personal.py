"""Personal data of a user: jobs, events, stories and more. Each section registers its part in its `personal.py`::

register("jobs", "Jobs", url="jobs:job_mine", rows=lambda user: user.jobs.all(), export=["title", "status"])

`forget` removes other personal data, which is not published, when the account is deleted.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.functional import Promise
from wagtail.models import Revision

MAX_SHOWN = 5


@dataclass(frozen=True)
class Part:
    """Personal data of one section. `rows` returns a queryset, newest first; `export` names the exported columns.

    Without `url_name` there is no page that lists all of it.
    """

    key: str
    title: str
    url_name: str
    rows: Callable[[Any], models.QuerySet]
    export: Sequence[str]
    state: Callable[[Any], str | Promise]
    forget: Callable[[Any], Any]
    in_profile: bool
    link: Callable[[Any], str]

    @property
    def url(self) -> str:
        return reverse(self.url_name) if self.url_name else ""

    def shown(self, user: Any) -> list[dict[str, str]]:
        """Return the first rows: title, state, and the URL of the owner's page."""
        return [{"title": str(row), "state": str(self.state(row)), "url": self.link(row)} for row in self.rows(user)[:MAX_SHOWN]]

    def exported(self, user: Any) -> list[dict[str, Any]]:
        return list(self.rows(user).values(*self.export))


def clean_versions(rows: models.QuerySet, **values: Any) -> None:
    """Set values in all stored revisions of rows, so that removed data cannot return with an older revision."""
    ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
    versions = Revision.objects.filter(content_type=ContentType.objects.get_for_model(rows.model), object_id__in=ids)
    changed = []
    for version in versions.only("content").iterator(chunk_size=200):
        if any(version.content.get(name) != value for name, value in values.items()):
            version.content |= values
            changed.append(version)
    Revision.objects.bulk_update(changed, ["content"], batch_size=200)


def emails_of(user: Any) -> set[str]:
    """Return every email address of an account, confirmed or not."""
    return {email for email in [user.email, *user.emailaddress_set.values_list("email", flat=True)] if email}


def containing(rows: models.QuerySet, field: str, values: Iterable[str]) -> models.QuerySet:
    """Return rows whose JSON field contains one of these words as a whole string, ignoring case."""
    wanted = models.Q(pk__in=[])
    for value in values:
        # SQLite stores non-ASCII characters as escapes.
        wanted |= models.Q(as_text__icontains=json.dumps(value)) | models.Q(as_text__icontains=f'"{value}"')
    return rows.annotate(as_text=Cast(field, models.TextField())).filter(wanted)


PARTS: dict[str, Part] = {}


def register(
    key: str,
    title: str,
    *,
    url: str = "",
    rows: Callable[[Any], models.QuerySet],
    export: Iterable[str],
    state: Callable[[Any], str | Promise] = lambda _: "",
    forget: Callable[[Any], Any] = lambda _: None,
    in_profile: bool = True,
    link: Callable[[Any], str] = lambda _: "",
) -> None:
    PARTS[key] = Part(key, title, url, rows, tuple(export), state, forget, in_profile, link)


def parts() -> list[Part]:
    return sorted(PARTS.values(), key=lambda part: part.title)


def account_of(user: Any) -> dict[str, Any]:
    """Return the account data for the export."""
    return {
        "username": user.username,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "bio": user.bio,
        "public_profile": user.public_profile,
        "date_joined": user.date_joined,
        "last_login": user.last_login,
        "groups": list(user.groups.order_by("name").values_list("name", flat=True)),
        "service_keys": list(
            user.service_keys.values("name", "prefix", "created_at", "expires_at", "last_used_at", "revoked_at")
        ),
    }
