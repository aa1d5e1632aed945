"""Check of the URL patterns of the old site: each is filled from the imported rows and requested as different users."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.test import Client
from django.utils import timezone

from users.models import ServiceKey, User

from .comparison import Finding
from .sources import Spool
from .verifying import client_of_site, follow

PATTERNS = Path(__file__).parent.parent / "old_urls.tsv"
REVIEWED = Path(__file__).parent.parent / "reviewed_urls.csv"
ANONYMOUS, OWNER, STAFF, TOKEN = "anonymous", "owner", "staff", "token holder"
SERVED = {HTTPStatus.OK, HTTPStatus.GONE}
# Answers to people whom the URL was not for on the old site either.
REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
# "(?P<name>regex)", "<converter:name>" and "<name>".
GROUP = re.compile(r"\(\?P<(\w+)>((?:[^()]|\([^()]*\))*)\)|<(?:\w+:)?(\w+)>")
OPTIONAL = re.compile(r"\((?:[^()]|\([^()]*\))*\)\?")
ONE_OF = re.compile(r"\(?([a-z_]+(?:\|[a-z_]+)+)\)?")
ADMIN = re.compile(r"/admin/(\w+)/(\w+)/")
# Resource of an API of the old site. Several URL names can share one resource.
RESOURCE = re.compile(r"downloads/(?:os|release_file|release)|pages/page")
# Values for URL patterns of the old admin that no row provides.
ADMIN_VALUES = {
    "app_label": "downloads",
    "model_name": "release",
    "view": "home",
    "template": "base.html",
    "direction": "up",
    "content_type_id": 1,
    "object_id": 1,
    "url": "no-such-page/",
}
# Models of the old admin that have a different name in a dump.
ROWS = {"authtoken.tokenproxy": "authtoken.token"}


class OldURL(NamedTuple):
    """URL pattern of the old site and its name there."""

    pattern: str
    name: str


@dataclass(frozen=True)
class Sample:
    """Values of a row for a URL pattern, and the account that owns the row."""

    values: Mapping[str, Any] = field(default_factory=dict)
    owner: User | None = None
    query: str = ""


Sampler = Callable[[], Sample | None]
_samplers: dict[str, tuple[Sampler, frozenset[str]]] = {}


def sampled(*names: str, audience: tuple[str, ...] = (ANONYMOUS, OWNER, STAFF, TOKEN)) -> Callable[[Sampler], Sampler]:
    """Register a function that returns values for old URL names or API resources, or None if there is no row.

    `audience` names the users who could open these URLs on the old site.
    """

    def add(sampler: Sampler) -> Sampler:
        _samplers.update(dict.fromkeys(names, (sampler, frozenset(audience))))
        return sampler

    return add


def read_patterns(file: Path = PATTERNS) -> list[OldURL]:
    """Return the URL patterns from a file with tab-separated columns: pattern and name."""
    lines = (line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return [OldURL(*[*line.split("\t"), ""][:2]) for line in lines]


def read_reviewed(file: Path = REVIEWED) -> dict[str, str]:
    """Return the reviewed reasons why some patterns are not served on this site."""
    with file.open(encoding="utf-8", newline="") as table:
        return {row["pattern"]: row["reason"] for row in csv.DictReader(table)}


def fill(pattern: str, values: Mapping[str, Any]) -> str | None:
    """Return a path for a pattern, or None if a value is missing."""
    missing: list[str] = []

    def value(match: re.Match) -> str:
        name, regex = match[1] or match[3], match[2]
        one_of = ONE_OF.fullmatch(regex or "")
        if name in values:
            return str(values[name])
        if one_of:
            return one_of[1].partition("|")[0]
        if regex and not set(regex) & set("[].*+?\\<>()"):
            return regex
        missing.append(name)
        return ""

    text = GROUP.sub(value, OPTIONAL.sub("", pattern))
    path = re.sub(r"[$^]", "", text).replace("/?", "/").replace("\\.", ".")
    return None if missing else path


@dataclass
class Walk:
    """Requests of one verification: a client for each user, and the responses so far."""

    spool: Spool
    answers: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    @cached_property
    def staff(self) -> User:
        return User.objects.create(username="verification", is_superuser=True, is_staff=True)

    @cached_property
    def keys(self) -> dict[str, str]:
        text = {api: f"{api}{'0' * 38}" for api in (ServiceKey.API.V1, ServiceKey.API.V2)}
        for api, key in text.items():
            ServiceKey.store(key, owner=self.staff, api=api, name="Verification", scopes=ServiceKey.scopes_of(self.staff), days=1)
        return {
            "/api/v1/": f"ApiKey {self.staff.username}:{text[ServiceKey.API.V1]}",
            "/api/v2/": f"Token {text[ServiceKey.API.V2]}",
        }

    def client(self, who: str, user: User | None) -> Client:
        label = f"{who} {user.pk if user else ''}"
        if label not in self.clients:
            client = client_of_site()
            if user:
                sign_in(client, user)
            self.clients[label] = client
        return self.clients[label]

    def ask(self, who: str, path: str, user: User | None) -> tuple[int, str]:
        """Return the final status and URL of a path after redirects. Everything written is rolled back."""
        label = f"{who} {user.pk if user else ''}"
        if (label, path) not in self.answers:
            headers = {"Authorization": self.keys[path[:8]]} if who == TOKEN and path[:8] in self.keys else {}
            client = self.client(who, user)
            with transaction.atomic():
                self.answers[label, path] = follow(client, path, headers)
                transaction.set_rollback(True)
        return self.answers[label, path]

    def row_key(self, label: str) -> str:
        """Return the ID of the first row of an old model, or an unused ID if there is none."""
        return next((str(row["pk"]) for row in self.spool.rows(ROWS.get(label, label))), "0")


def sign_in(client: Client, user: User) -> None:
    """Sign in with a second factor, so that pages respond instead of asking for one."""
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    factor, _ = Authenticator.objects.get_or_create(user=user, type=Authenticator.Type.TOTP, defaults={"data": {}})
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "mfa", "id": factor.pk, "type": "totp", "at": timezone.now().timestamp()}
    ]
    session.save()


def walk(spool: Spool, patterns: list[OldURL], progress: Callable[[str, int, int], None]) -> tuple[int, list[Finding]]:
    """Request all patterns. Return their number and the differences. Nothing is written."""
    reviewed = read_reviewed()
    findings: list[Finding] = []
    requested = 0
    with transaction.atomic():
        known = Walk(spool)
        for number, old in enumerate(patterns, 1):
            found = list(_walk_one(known, old, reviewed.get(old.pattern, "")))
            requested += not any(finding.key == "" for finding in found)
            findings += found
            progress("old URLs", number, len(patterns))
        transaction.set_rollback(True)
    return requested, findings


def _walk_one(known: Walk, old: OldURL, reason: str) -> Iterator[Finding]:
    admin = ADMIN.match(old.pattern)
    if admin:
        key = known.row_key(f"{admin[1]}.{admin[2]}")
        names = ("object_id", "pk", "id", "tree_id", "item_id")
        sample: Sample | None = Sample(ADMIN_VALUES | dict.fromkeys(names, key))
        audience = frozenset({STAFF})
    elif old.pattern.startswith("/admin/"):
        sample, audience = Sample(ADMIN_VALUES), frozenset({STAFF})
    else:
        resource = RESOURCE.search(old.pattern)
        known_as = resource[0] if resource else old.name
        sampler, audience = _samplers.get(known_as, (Sample, frozenset({ANONYMOUS, OWNER, STAFF, TOKEN})))
        sample = sampler()
    path = fill(old.pattern, sample.values) if sample else None
    if sample is None or path is None:
        yield Finding("URL", old.pattern, "", "it was not requested.", reason or "the source has no matching row")
        return
    path += sample.query
    people: dict[str, User | None] = {ANONYMOUS: None, OWNER: sample.owner, STAFF: known.staff, TOKEN: None}
    for who, user in people.items():
        if (who == OWNER and user is None) or (who == TOKEN and not path.startswith("/api/")):
            continue
        status, url = known.ask(who, path, user)
        if status not in SERVED and not (who not in audience and status in REFUSED):
            where = path if url == path else f"{path}, which redirects to {url},"
            yield Finding("URL", old.pattern, who, f"{where} returns {status}.", reason)
