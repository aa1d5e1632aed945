"""Public schema of API v3: a new path, parameter or public field changes the snapshot."""

from collections.abc import Iterator

import pytest
from syrupy.extensions.json import JSONSnapshotExtension

from pydotorg import api

pytestmark = pytest.mark.django_db
# Wagtail describes these itself, and changes them with its releases.
WAGTAIL = {"documents", "images", "locales", "pages", "redirects", "schema", "sites", "snippets", "whoami"}


@pytest.mark.proves("S2-20")
def test_the_contract_is_pinned(client, snapshot):
    """Clients rely on the contract, so update it only on purpose, with `pytest --snapshot-update`."""
    schema = client.get("/api/v3/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    paths = {path: item for path, item in schema["paths"].items() if path.split("/")[3] not in WAGTAIL}
    components = schema["components"]["schemas"]
    wanted, names = list(find_references(paths)), set()
    while wanted:
        name = wanted.pop()
        if name not in names:
            names.add(name)
            wanted += find_references(components[name])
    assert snapshot(extension_class=JSONSnapshotExtension) == {
        "paths": paths,
        "schemas": {name: components[name] for name in sorted(names)},
    }


def find_references(node) -> Iterator[str]:
    """Return the names of the schemas to which a part of the description refers."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        for child in node.values():
            yield from find_references(child)
    elif isinstance(node, list):
        for child in node:
            yield from find_references(child)


def test_the_description_is_built_once_and_cached(client, monkeypatch):
    first = client.get("/api/v3/openapi.json")
    assert "s-maxage" in first["Cache-Control"]
    monkeypatch.setattr(api.v3, "get_openapi_schema", None)
    assert client.get("/api/v3/openapi.json").content == first.content
    assert client.get("/api/v3/openapi.json", headers={"If-None-Match": first["ETag"]}).status_code == 304
