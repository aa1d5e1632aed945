"""The three APIs against their descriptions: schemathesis sends what those allow, and what they do not, with a valid key.

API v3 describes itself. Versions 1 and 2 have no description of their own; the one here names their lists and parameters.
"""

import os
import re
from collections import defaultdict
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import schemathesis
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from wagtail.models import APIToken

from downloads.models import OS, Release, ReleaseFile
from tests.factories.downloads import ReleaseFileFactory
from tests.factories.users import UserFactory, key_for
from tests.pydotorg.test_routes import Demo, demo  # noqa: F401 -- a fixture.

pytestmark = [pytest.mark.django_db, pytest.mark.nightly]
EXAMPLES = int(os.environ.get("API_EXAMPLES", "30"))
TEXT, NUMBER, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
COLUMNS = {
    "os": {"name": TEXT, "slug": TEXT},
    "release": {"name": TEXT, "slug": TEXT, "version": NUMBER, "is_published": FLAG, "pre_release": FLAG, "release_date": TEXT},
    "release_file": {"name": TEXT, "slug": TEXT, "os": TEXT, "release": TEXT, "url": TEXT, "filesize": NUMBER, "is_source": FLAG},
}


def older_schema(version: str) -> dict[str, Any]:
    """Return a description of API v1 or v2: for each resource the list, a row, and what writes them."""
    paths = {}
    for name, columns in COLUMNS.items():
        filters = [{"name": column, "in": "query", "schema": kind} for column, kind in columns.items()]
        filters += [{"name": name, "in": "query", "schema": TEXT} for name in ("limit", "offset", "order_by", "format")]
        body = {"content": {"application/json": {"schema": {"type": "object", "properties": columns}}}}
        pk = [{"name": "pk", "in": "path", "required": True, "schema": NUMBER}]
        answers = {"responses": {"default": {"description": "Any"}}}
        paths[f"/api/{version}/downloads/{name}/"] = {
            "get": {"parameters": filters, **answers},
            "post": {"requestBody": body, **answers},
        }
        paths[f"/api/{version}/downloads/{name}/{{pk}}/"] = {
            "get": {"parameters": pk, **answers},
            "delete": {"parameters": pk, **answers},
            **({method: {"parameters": pk, "requestBody": body, **answers} for method in ("put", "patch")}),
        }
    return {"openapi": "3.0.3", "info": {"title": version, "version": "1"}, "paths": paths}


class Caller:
    """Sends the cases of an operation as the owner of a key, each in a transaction that is rolled back."""

    def __init__(self, headers: dict[str, str], known: dict[str, list[Any]]):
        self.headers, self.known = headers, known
        self.client = Client(raise_request_exception=False)
        self.statuses: dict[str, set[int]] = defaultdict(set)
        self.count = 0

    def send(self, name: str, method: str, url: str, **options: Any) -> None:
        with transaction.atomic():
            status = self.client.generic(method, url, headers=self.headers, **options).status_code
            transaction.set_rollback(True)
        self.count += 1
        self.statuses[name].add(status)
        if self.count % 100 == 0:
            cache.clear()
        assert status < 500, f"{method} {url[:300]} {options}"

    def call(self, case: Any, *, with_rows: bool) -> None:
        arguments = dict(case.path_parameters or {})
        if with_rows:
            arguments |= {name: self.known[name][0] for name in arguments if name in self.known}
        path = re.sub(r"{(\w+)}", lambda match: quote(str(arguments.get(match[1], "x")), safe="", errors="replace"), case.path)
        query = {} if with_rows else dict(case.query or {})
        url = f"{path}?{urlencode(query, doseq=True, errors='replace')}" if query else path
        sent = case.as_transport_kwargs(base_url="http://testserver")
        options: dict[str, Any] = {}
        if sent.get("json") is not None:
            import json  # noqa: PLC0415

            options = {"data": json.dumps(sent["json"]).encode(), "content_type": "application/json"}
        elif isinstance(sent.get("data"), bytes | str):
            options = {"data": sent["data"], "content_type": "application/json"}
        self.send(f"{case.method} {case.path}", case.method, url, **options)


def check(schema: dict[str, Any], caller: Caller) -> None:
    for result in schemathesis.openapi.from_dict(schema).get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(
                max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(case=operation.as_strategy(generation_mode=mode))
            def run(case, mode=mode):
                caller.call(case, with_rows=False)
                if mode == GenerationMode.POSITIVE:
                    caller.call(case, with_rows=True)

            try:
                run()
            except schemathesis.errors.SchemathesisError:
                # An operation without parameters has no invalid requests.
                if mode == GenerationMode.POSITIVE:
                    raise


def report(name: str, caller: Caller) -> None:
    never = sorted(operation for operation, found in caller.statuses.items() if not any(200 <= status < 300 for status in found))
    print(f"\n{name}: {caller.count} requests, {len(caller.statuses)} operations; never 2xx: {never}")


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_versions_1_and_2_answer_whatever_is_sent(demo, version):  # noqa: F811
    user = UserFactory(role="Release managers")
    scheme = f"ApiKey {user.username}:" if version == "v1" else "Token "
    file = ReleaseFileFactory()
    caller = Caller({"Authorization": f"{scheme}{key_for(user, version)}"}, {"pk": [file.pk]})
    check(older_schema(version), caller)
    root = f"/api/{version}/downloads"
    for name, model in (("os", OS), ("release", Release), ("release_file", ReleaseFile)):
        row = model.objects.latest("pk")
        caller.send(f"get {name}", "GET", f"{root}/{name}/{row.pk}/")
    report(version, caller)


def test_version_3_answers_whatever_is_sent(demo):  # noqa: F811
    user = UserFactory(is_superuser=True)
    known: dict[str, list[Any]] = {name: [value] for name, value in demo.by_argument.items()}
    known |= {"slug": [Release.objects.visible().first().slug], "pk": [1]}
    token = APIToken.create_token(user=user, name="contract")[1]
    caller = Caller({"Authorization": f"Bearer {token}"}, known)
    check(Client().get("/api/v3/openapi.json").json(), caller)
    report("v3", caller)
