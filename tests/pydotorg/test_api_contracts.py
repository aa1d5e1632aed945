"""The three APIs match their descriptions: schemathesis sends valid and invalid requests with a valid key.

API v3 describes itself. Versions 1 and 2 have no description of their own; the one here names their lists and parameters.
"""

import json
import os
import re
import traceback
from collections import defaultdict
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.generation.hypothesis.reporting import UnsatisfiableSchema
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import APIToken

from cms.api.base import WriteThrottle
from cms.content.models.boxes import Box
from cms.content.models.media import CustomImage
from home.models import HomePage
from tests.factories.downloads import OSFactory, ReleaseFactory, ReleaseFileFactory
from tests.factories.users import UserFactory, key_for
from tests.pydotorg.test_routes import Demo, demo  # noqa: F401 -- a fixture.

pytestmark = [pytest.mark.django_db, pytest.mark.nightly]
# Requests of each kind for each operation: with rows that exist, valid, and invalid.
EXAMPLES = int(os.environ.get("API_EXAMPLES", "12"))
TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
COLUMNS = {
    "os": {"name": TEXT, "slug": TEXT},
    "release": {"name": TEXT, "slug": TEXT, "version": NUMBER, "is_published": FLAG, "pre_release": FLAG, "release_date": TEXT},
    "release_file": {"name": TEXT, "slug": TEXT, "os": TEXT, "release": TEXT, "url": TEXT, "filesize": NUMBER, "is_source": FLAG},
}


# Version 1 has no methods that change a row, and lets only files be deleted as a list.
METHODS = {"v1": ["delete"], "v2": ["put", "patch", "delete"]}


def older_schema(version: str) -> dict[str, Any]:
    """Return a description of API v1 or v2: for each resource the list, a row, and what writes them."""
    paths = {}
    for name, columns in COLUMNS.items():
        filters = [{"name": column, "in": "query", "schema": kind} for column, kind in columns.items()]
        filters += [{"name": name, "in": "query", "schema": TEXT} for name in ("limit", "offset", "order_by", "format")]
        body = {"requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": columns}}}}}
        pk = {"parameters": [{"name": "pk", "in": "path", "required": True, "schema": NUMBER}]}
        answers = {"responses": {"default": {"description": "Any"}}}
        paths[f"/api/{version}/downloads/{name}/"] = {"get": {"parameters": filters, **answers}, "post": {**body, **answers}}
        paths[f"/api/{version}/downloads/{name}/{{pk}}/"] = {
            "get": {**pk, **answers},
            **{method: {**pk, **answers, **({} if method == "delete" else body)} for method in METHODS[version]},
        }
    return {"openapi": "3.0.3", "info": {"title": version, "version": "1"}, "paths": paths}


def with_arguments(path: str, arguments: dict[str, Any]) -> str:
    return re.sub(r"{(\w+)}", lambda match: quote(str(arguments.get(match[1], "x")), safe="", errors="replace"), path)


class Caller:
    """Client that sends the cases of an operation as the owner of a key, each in a transaction that is rolled back.

    `known` maps the beginning of a path to the arguments of an existing object.
    """

    def __init__(self, headers: dict[str, str], known: dict[str, dict[str, Any]]):
        self.headers, self.known = headers, known
        self.client = Client(raise_request_exception=False)
        self.statuses: dict[str, set[int]] = defaultdict(set)
        self.count = 0
        # What was sent, by the error that it caused.
        self.failures: dict[str, str] = {}
        self.error = ""
        got_request_exception.connect(self.take_exception)

    def take_exception(self, **kwargs: Any) -> None:
        self.error = "".join(traceback.format_exc(limit=-3))

    def row(self, path: str) -> dict[str, Any]:
        return next((arguments for start, arguments in self.known.items() if path.startswith(start)), {})

    def send_valid(self, method: str, path: str, data: Any = None, query: str = "") -> None:
        """Send a request of an operation that succeeds."""
        options = {} if data is None else {"data": json.dumps(data), "content_type": "application/json"}
        self.send(f"{method} {path}", method, with_arguments(path, self.row(path)) + query, **options)

    def send(self, name: str, method: str, url: str, **options: Any) -> None:
        with transaction.atomic():
            status = self.client.generic(method, url, headers=self.headers, **options).status_code
            transaction.set_rollback(True)
        self.count += 1
        self.statuses[name].add(status)
        if self.count % 100 == 0:
            cache.clear()
        if status >= 500:
            self.failures.setdefault(self.error, f"{method} {url[:300]} {str(options)[:300]}")

    def call(self, case: Any, *, with_rows: bool) -> None:
        arguments = dict(case.path_parameters or {})
        if with_rows:
            known = self.row(case.path)
            arguments |= {name: known[name] for name in arguments if name in known}
        path = with_arguments(case.path, arguments)
        query = {} if with_rows else dict(case.query or {})
        url = f"{path}?{urlencode(query, doseq=True, errors='replace')}" if query else path
        sent = case.as_transport_kwargs(base_url="http://testserver")
        options: dict[str, Any] = {}
        if sent.get("json") is not None:
            options = {"data": json.dumps(sent["json"]).encode(), "content_type": "application/json"}
        elif isinstance(sent.get("data"), bytes | str):
            options = {"data": sent["data"], "content_type": "application/json"}
        self.send(f"{case.method} {case.path}", case.method, url, **options)


def check(schema: dict[str, Any], caller: Caller) -> None:
    for result in schemathesis.openapi.from_dict(schema).get_all_operations():
        operation = result.ok()
        try:
            send_examples(operation, caller, GenerationMode.POSITIVE)
        except UnsatisfiableSchema:
            # The type of a snippet is one of a list that the description leaves empty.
            caller.send_valid(operation.method.upper(), operation.path)
        # An operation without parameters has no invalid requests.
        with suppress(schemathesis.errors.SchemathesisError, UnsatisfiableSchema):
            send_examples(operation, caller, GenerationMode.NEGATIVE)


def send_examples(operation: Any, caller: Caller, mode: GenerationMode) -> None:
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        caller.call(case, with_rows=False)
        if mode == GenerationMode.POSITIVE:
            caller.call(case, with_rows=True)

    run()


def report(name: str, caller: Caller, may_fail: re.Pattern[str] | None = None) -> None:
    """Print the counts. Fails for an operation that never succeeded."""
    print(f"\n{name}: {caller.count} requests, {len(caller.statuses)} operations")
    failed = [name for name, found in caller.statuses.items() if not any(200 <= status < 300 for status in found)]
    print(f"never answered with success: {failed}")
    never = [operation for operation in failed if not (may_fail and may_fail.search(operation))]
    errors = "\n\n".join(f"{sent}\n{error}" for error, sent in caller.failures.items())
    assert (errors, never) == ("", [])


@pytest.fixture(autouse=True)
def _no_limit_of_writes(monkeypatch):
    monkeypatch.setattr(WriteThrottle, "rate", "100000/hour", raising=False)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_versions_1_and_2_answer_whatever_is_sent(demo, version):  # noqa: F811
    user = UserFactory(role="Release managers", is_superuser=True)
    scheme = f"ApiKey {user.username}:" if version == "v1" else "Token "
    system = OSFactory()
    drafts = [ReleaseFactory(name=f"Python 3.97.{number}", slug=f"python-397{number}", live=False) for number in range(2)]
    file = ReleaseFileFactory(release=drafts[0], os=system)
    root = f"/api/{version}/downloads"
    rows = {"os": OSFactory(slug="atari", name="Atari"), "release": drafts[1], "release_file": file}
    known = {f"{root}/{name}/": {"pk": row.pk} for name, row in rows.items()}
    caller = Caller({"Authorization": f"{scheme}{key_for(user, version)}"}, known)
    check(older_schema(version), caller)
    links = {"os": f"{root}/os/{system.pk}/", "release": f"{root}/release/{drafts[0].pk}/"}
    bodies = {
        "os": {"name": "Amiga", "slug": "amiga"},
        "release": {"name": "Python 3.98.0", "slug": "python-3980", "is_published": False},
        "release_file": {"name": "Source", "slug": "3980-source", "url": "https://www.python.org/ftp/python/a.tgz", **links},
    }
    for name, body in bodies.items():
        caller.send_valid("POST", f"{root}/{name}/", body)
        for method in METHODS[version]:
            caller.send_valid(method.upper(), f"{root}/{name}/{{pk}}/", None if method == "delete" else body)
    report(version, caller)


def test_version_3_answers_whatever_is_sent(demo):  # noqa: F811
    user = UserFactory(is_superuser=True)
    token = APIToken.create_token(user=user, name="contract")[1]
    known = {f"/{start}": values for start, values in demo.by_prefix.items()} | {"/api/v3/": demo.by_argument | {"pk": 1}}
    box, page = demo.row(Box), HomePage.objects.get()
    known["/api/v3/snippets/"] = {"type": "cms.Box", "pk": box.pk, "revision_id": box.save_revision().pk}
    known["/api/v3/pages/"] = {"page_id": page.pk, "revision_id": page.save_revision().pk}
    image = CustomImage.objects.create(title="Logo", file=get_test_image_file())
    known["/api/v3/content/images/"] = {"pk": image.pk}
    # The first entry that fits counts.
    known = dict(sorted(known.items(), key=lambda entry: -len(entry[0])))
    caller = Caller({"Authorization": f"Bearer {token}"}, known)
    schema = Client().get("/api/v3/openapi.json").json()
    check(schema, caller)
    caller.send_valid("POST", "/api/v3/releases/", {"name": "Python 3.98.1"})
    # Random requests name no row of Wagtail's own operations: test_api_operations.py has valid ones.
    report("v3", caller, may_fail=re.compile(r"/api/v3/(pages|sites|redirects|snippets|documents|images|locales)/"))
