"""The contract with the clients of the old APIs, replayed on imported rows as one conversation.

Each exchange states the response of the old site. If this site responds differently, it also names the row of the table
“Differences of the APIs” in docs/importing.md that decides it.
"""

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.cms.test_legacy_accounts import row, user

pytestmark = pytest.mark.django_db
DAY = "2026-01-02T10:00:00Z"
FTP = "https://www.python.org/ftp/python/"
V1, V2 = "/api/v1/downloads", "/api/v2/downloads"
HOST = "http://testserver"
META = {"created": DAY, "updated": DAY, "creator": None, "last_modified_by": None}
SIDES = dict.fromkeys(
    ["gpg_signature_file", "sigstore_signature_file", "sigstore_cert_file", "sigstore_bundle_file", "sbom_spdx2_file"], ""
)

PAGE = {
    "title": "Eggs",
    "path": "eggs",
    "description": "",
    "keywords": "",
    "template_name": "",
    "is_published": True,
    "content": "<p>Eggs.</p>",
    "content_markup_type": "html",
    "_content_rendered": "<p>Eggs.</p>",
}


def release(pk, name, slug, **changed):
    fields = META | {
        "name": name,
        "slug": slug,
        "version": 3,
        "is_latest": False,
        "is_published": True,
        "pre_release": False,
        "show_on_download_page": True,
        "release_date": DAY,
        "release_page": None,
        "release_notes_url": "",
        "content": "Eggs.",
        "content_markup_type": "markdown",
        "_content_rendered": "<p>Eggs.</p>",
    }
    return row("downloads.release", pk, **(fields | changed))


def file(pk, of, os, name, url, **changed):
    fields = META | SIDES | {"name": name, "slug": f"file-{pk}", "os": os, "release": of, "description": "", "url": f"{FTP}{url}"}
    values = {"is_source": os == 3, "md5_sum": "", "sha256_sum": "a" * 64, "filesize": 5, "download_button": False}
    return row("downloads.releasefile", pk, **(fields | values | changed))


ROWS = [
    user(71, "manager", is_staff=True),
    user(72, "clerk", is_staff=True),
    user(73, "ada"),
    *(
        row("tastypie.apikey", pk, user=[name], key=letter * 40, created=DAY)
        for pk, name, letter in [(1, "manager", "a"), (2, "ada", "c")]
    ),
    *(
        row("authtoken.token", letter * 40, user=[name], created=DAY)
        for name, letter in [("manager", "b"), ("ada", "d"), ("clerk", "e")]
    ),
    *(
        row("downloads.os", pk, **META, name=name, slug=slug)
        for pk, name, slug in [(1, "Windows", "windows"), (2, "macOS", "macos"), (3, "Source release", "source")]
    ),
    release(617, "Python 3.14.0", "python-3140", release_date="2026-03-04T05:06:07.000008Z"),
    release(1007, "Python 3.13.9", "python-3139", is_latest=False, release_notes_url="https://docs.python.org/3.13/"),
    release(1008, "Python 3.15.0a1", "python-3150a1", pre_release=True),
    release(1009, "Python 3.16.0", "python-3160", is_published=False),
    file(11, 617, 3, "Gzipped source tarball", "3.14.0/Python-3.14.0.tgz"),
    file(12, 617, 1, "Windows installer (64-bit)", "3.14.0/python-3.14.0-amd64.exe", download_button=True),
    file(13, 1007, 3, "Gzipped source tarball", "3.13.9/Python-3.13.9.tgz"),
    file(14, 1009, 3, "Gzipped source tarball", "3.16.0/Python-3.16.0.tgz"),
    row("pages.page", 7, **META, **PAGE),
]
WHO = {
    "nobody": {},
    "empty": {"Authorization": ""},
    "csv": {"Accept": "text/csv"},
    "bearer": {"Authorization": f"Bearer {'b' * 40}"},
    "v1 manager": {"Authorization": f"ApiKey manager:{'a' * 40}"},
    "v1 person": {"Authorization": f"ApiKey ada:{'c' * 40}"},
    "v1 wrong": {"Authorization": f"ApiKey manager:{'f' * 40}"},
    "v2 manager": {"Authorization": f"Token {'b' * 40}"},
    "v2 person": {"Authorization": f"Token {'d' * 40}"},
    "v2 wrong": {"Authorization": f"Token {'f' * 40}"},
}
NEW = {
    "name": "macOS installer",
    "slug": "3140-macOS-installer",
    "description": "",
    "is_source": False,
    "filesize": 7,
    "url": f"{FTP}3.14.0/python-3.14.0-macos11.pkg",
    "sha256_sum": "b" * 64,
    "download_button": True,
}
NEW_V1 = NEW | {"os": f"{V1}/os/2/", "release": f"{V1}/release/617/"}
NEW_V2 = NEW | {
    "os": f"{HOST}{V2}/os/3/",
    "release": f"{V2}/release/617/",
    "slug": "3140-xz",
    "url": f"{FTP}3.14.0/Python-3.14.0.tar.xz",
    "download_button": False,
    "name": "XZ",
}
SORTED = ["Python 3.13.9", "Python 3.14.0", "Python 3.15.0a1"]
RELEASE_KEYS = [
    *("name", "slug", "version", "is_published", "is_latest", "release_date", "pre_release", "release_page"),
    *("release_notes_url", "show_on_download_page", "resource_uri"),
]
FILE_KEYS = [
    *("name", "slug", "os", "release", "description", "is_source", "url", "gpg_signature_file", "md5_sum", "sha256_sum"),
    *("filesize", "download_button", "resource_uri", "sigstore_signature_file", "sigstore_cert_file"),
    *("sigstore_bundle_file", "sbom_spdx2_file"),
]


class Exchange(NamedTuple):
    """Request, and the status and content of the old site; `ours` and `decision` if this site responds differently."""

    who: str
    method: str
    path: str
    status: int
    content: object = None
    body: object = None
    ours: object = None
    decision: str = ""


def names(data):
    rows = data["objects"] if isinstance(data, dict) else data
    return [one["name"] for one in rows]


def ask(path, status=200, content=None, who="nobody", **more):
    return Exchange(who, "get", path, status, content, **more)


CONVERSATION = [
    # Version 2, reading.
    ask(f"{V2}/release/", content=SORTED),
    ask(f"{V2}/release/", content=SORTED, who="empty"),
    ask(f"{V2}/release/", content=SORTED, who="bearer"),
    ask(f"{V2}/release/", content=[*SORTED, "Python 3.16.0"], who="v2 manager"),
    ask(f"{V2}/release/", status=401, who="v2 wrong"),
    *(
        ask(f"{V2}/release/?{query}", content=found)
        for query, found in [
            ("is_published=true", SORTED),
            ("is_published=0", []),
            ("is_published=yes", SORTED),
            ("pre_release=TRUE", ["Python 3.15.0a1"]),
            ("pre_release=false&version=3", ["Python 3.13.9", "Python 3.14.0"]),
            ("name=Python+3.14.0", ["Python 3.14.0"]),
            ("slug=python-3139", ["Python 3.13.9"]),
            ("limit=1&page_size=20&order_by=-release_date&is_latest=true", SORTED),
            ("format=json", SORTED),
            ("show_on_download_page=true&is_prerelease=false", SORTED),
        ]
    ),
    ask(f"{V2}/release/?version=abc", status=400),
    ask(f"{V2}/release?version=3", status=301),
    ask(f"{V2}/release.json", content=SORTED),
    ask(f"{V2}/release/1009/", status=404),
    ask(f"{V2}/release/abc/", status=404),
    ask(f"{V2}/release/1009/", who="v2 manager"),
    ask(f"{V2}/os/", content=["Source release", "Windows", "macOS"]),
    ask(f"{V2}/os/?slug=source&spam=1", content=["Source release"]),
    ask(f"{V2}/release_file/?release=617", content=["Gzipped source tarball", "Windows installer (64-bit)"]),
    ask(f"{V2}/release_file/?os=1", content=["Windows installer (64-bit)"]),
    ask(f"{V2}/release_file/?os=3&release=1007", content=["Gzipped source tarball"]),
    *(ask(f"{V2}/release_file/?{query}", status=400) for query in ("format=json", "limit=5", "release=99", "os=abc")),
    ask(
        f"{V2}/release_file/?os=3",
        content=["Gzipped source tarball"] * 3,
        ours=["Gzipped source tarball"] * 2,
        decision="v1 and v2 hide files of draft releases",
    ),
    ask("/api/v2/pages/page/"),
    ask("/api/v2/pages/page/7/"),
    ask(f"{V2}/release/", status=406, who="csv"),
    Exchange("nobody", "head", f"{V2}/release/", 200),
    Exchange("nobody", "options", f"{V2}/release/", 200),
    # Version 1, reading.
    ask(f"{V1}/release/", content=SORTED),
    ask(f"{V1}/release/", content=SORTED, who="empty"),
    ask(f"{V1}/release/", status=401, who="v1 wrong"),
    ask(f"{V1}/release/?name=Python+3.16.0", content=["Python 3.16.0"], who="v1 manager"),
    *(
        ask(f"{V1}/release/?{query}", content=found)
        for query, found in [
            ("name=Python+3.14.0", ["Python 3.14.0"]),
            ("slug=python-3139", ["Python 3.13.9"]),
            ("is_published=True&pre_release=False", ["Python 3.13.9", "Python 3.14.0"]),
            ("version=3", SORTED),
            ("version__startswith=3", SORTED),
            ("spam=1", SORTED),
            ("limit=1", SORTED[:1]),
            ("limit=1&offset=1", SORTED[1:2]),
            ("limit=0", SORTED),
        ]
    ),
    *(ask(f"{V1}/release/?{query}", status=400) for query in ("limit=x", "offset=-1", "order_by=name", "name__regex=x")),
    ask(f"{V1}/os/?slug=source", content=["Source release"]),
    ask(f"{V1}/release_file/?os=1&format=json&release__slug=python-3140", content=["Windows installer (64-bit)"]),
    ask(f"{V1}/release_file/?os__slug=source&release__version=3&release=1007", content=["Gzipped source tarball"]),
    ask(f"{V1}/release_file/?release=999999", content=[]),
    ask(f"{V1}/release_file/?release=abc", status=400),
    ask(f"{V1}/release/1009/", status=401),
    ask(f"{V1}/release/617/"),
    ask("/api/v1/pages/page/7/"),
    # Version 1, writing: the order of the release script.
    Exchange("nobody", "post", f"{V1}/release_file/", 401, body=NEW_V1),
    Exchange("v1 person", "post", f"{V1}/release_file/", 401, body=NEW_V1),
    Exchange("v1 manager", "post", f"{V1}/release_file/", 201, body=NEW_V1),
    Exchange(
        "v1 manager",
        "post",
        f"{V1}/release_file/",
        500,
        body=NEW_V1,
        ours=400,
        decision="v1 and v2 refuse duplicates with 400 and a sentence",
    ),
    *(
        Exchange("v1 manager", "post", f"{V1}/release_file/", 400, body=NEW_V1 | {"slug": "x", "download_button": False} | wrong)
        for wrong in (
            {"url": "http://www.python.org/ftp/python/x.pkg"},
            {"url": "https://example.org/x.pkg"},
            {"url": f"{FTP}3.14.0/x.pkg", "sigstore_bundle_file": f"{FTP}3.14.0/other.sigstore"},
            {"url": f"{FTP}3.14.0/x.pkg", "os": f"{V1}/os/99/"},
            {"url": f"{FTP}3.14.0/x.pkg", "release": f"{V1}/release/99/"},
        )
    ),
    Exchange("v1 manager", "put", f"{V1}/release_file/11/", 405, body=NEW_V1),
    Exchange("v1 manager", "patch", f"{V1}/release_file/11/", 405, body={}),
    Exchange("v1 manager", "head", f"{V1}/release_file/", 405),
    Exchange("v1 manager", "delete", f"{V1}/release_file/", 400),
    Exchange("v1 manager", "delete", f"{V1}/release_file/?release=1007&os=3", 400),
    Exchange("nobody", "delete", f"{V1}/release_file/?release=1007", 401),
    Exchange("v1 manager", "delete", f"{V1}/release_file/?release=1007", 204),
    ask(f"{V1}/release_file/?release=1007", content=[]),
    Exchange("v1 manager", "delete", f"{V1}/release_file/12/", 204),
    Exchange("v1 manager", "delete", f"{V1}/release_file/12/", 404),
    # Version 2, writing.
    Exchange("nobody", "post", f"{V2}/release_file/", 401, body=NEW_V2),
    Exchange("bearer", "post", f"{V2}/release_file/", 401, body=NEW_V2),
    Exchange("v2 person", "post", f"{V2}/release_file/", 403, body=NEW_V2),
    Exchange("v2 manager", "post", f"{V2}/release_file/", 201, body=NEW_V2),
    Exchange(
        "v2 manager",
        "post",
        f"{V2}/release_file/",
        500,
        body=NEW_V2,
        ours=400,
        decision="v1 and v2 refuse duplicates with 400 and a sentence",
    ),
    *(
        Exchange("v2 manager", "post", f"{V2}/release_file/", 400, body=NEW_V2 | {"slug": "y", "url": f"{FTP}y.xz"} | wrong)
        for wrong in ({"os": f"{V1}/os/3/"}, {"os": 3}, {"release": f"{V2}/release/99/"}, {"filesize": "many"})
    ),
    Exchange("v2 manager", "patch", f"{V2}/release_file/11/", 200, body={"description": "Spam"}),
    Exchange("v2 manager", "delete", f"{V2}/release_file/", 405),
    Exchange("v2 manager", "delete", f"{V2}/release_file/delete_by_release/", 400),
    Exchange("v2 manager", "delete", f"{V2}/release_file/11/", 204),
    Exchange("v2 manager", "delete", f"{V2}/release_file/delete_by_release/?release=617", 204),
    ask(f"{V2}/release_file/?release=617", content=[]),
    # The logos of sponsors.
    ask("/api/v2/sponsors/logo-placement/", status=401),
    ask("/api/v2/sponsors/logo-placement/", status=401, who="v2 wrong"),
    ask("/api/v2/sponsors/logo-placement/", status=403, who="v2 person"),
]


@pytest.fixture
def client_of_old(client, tmp_path, settings):
    settings.BASE_URL = HOST
    source, roles = tmp_path / "rows.json", tmp_path / "roles.csv"
    source.write_text(json.dumps(ROWS))
    roles.write_text("account,roles,note\nmanager,Release managers,\n")
    call_command("import_pydotorg", source, roles=roles)
    return client


def answer_of(client, exchange):
    """Return the status of an exchange, and the names of its rows or its row if the contract states any."""
    more = {"data": json.dumps(exchange.body), "content_type": "application/json"} if exchange.body is not None else {}
    answer = getattr(client, exchange.method)(exchange.path, headers=WHO[exchange.who], **more)
    return answer, answer.status_code, names(answer.json()) if isinstance(exchange.content, list) else None


def test_the_contract_holds_as_one_conversation(client_of_old):
    guide = (Path(settings.BASE_DIR) / "docs" / "importing.md").read_text()
    failures = []
    for exchange in CONVERSATION:
        answer, status, content = answer_of(client_of_old, exchange)
        expected_status = exchange.ours if isinstance(exchange.ours, int) else exchange.status
        expected = exchange.ours if isinstance(exchange.ours, list) else exchange.content
        if (status, content) != (expected_status, expected):
            request = f"{exchange.who}: {exchange.method} {exchange.path}"
            failures.append(f"{request}: {status} {content or answer.content[:200]!r}, not {expected_status} {expected}")
        if exchange.ours is not None:
            assert f"| {exchange.decision}" in guide
        if status == 201:
            assert answer["Location"].split("/")[-2].isdigit()
            assert answer["Location"].startswith(f"{HOST}{V2}" if V2 in exchange.path else V1)
    assert not failures, "\n".join(failures)


def test_rows_have_the_bytes_of_the_contract(client_of_old):
    rows = client_of_old.get(f"{V2}/release/")
    assert rows["Content-Type"] == "application/json"
    assert rows.content.startswith(b'[{"name":"Python 3.13.9","slug":"python-3139","version":3,')
    assert [list(one) for one in rows.json()] == [RELEASE_KEYS] * 3
    assert [one["release_date"] for one in rows.json()] == [DAY, "2026-03-04T05:06:07.000008Z", DAY]
    files = client_of_old.get(f"{V2}/release_file/").json()
    assert [list(one) for one in files] == [FILE_KEYS] * 3
    assert {one["release"] for one in files} <= {one["resource_uri"] for one in rows.json()}
    first = client_of_old.get(f"{V1}/release/?limit=1").content.decode()
    assert first.startswith('{"meta": {"limit": 1, "next": "/api/v1/downloads/release/?')
    assert json.loads(first)["objects"][0]["release_date"] == "2026-01-02T10:00:00"
    assert list(json.loads(first)["objects"][0]) == sorted(RELEASE_KEYS)
