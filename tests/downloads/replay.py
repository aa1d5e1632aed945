"""The contract with the clients of the old APIs as requests with the answers of the old site, built from the rows of a dump."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha1
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import requests

V1, V2 = "/api/v1/downloads", "/api/v2/downloads"
FTP = "https://www.python.org/ftp/python/"
PLACEMENTS = "/api/v2/sponsors/logo-placement/"
RELEASE_KEYS = [
    *("name", "slug", "version", "is_published", "is_latest", "release_date", "pre_release", "release_page"),
    *("release_notes_url", "show_on_download_page", "resource_uri"),
]
FILE_KEYS = [
    *("name", "slug", "os", "release", "description", "is_source", "url", "gpg_signature_file", "md5_sum", "sha256_sum"),
    *("filesize", "download_button", "resource_uri", "sigstore_signature_file", "sigstore_cert_file"),
    *("sigstore_bundle_file", "sbom_spdx2_file"),
]
SIDES = {
    "gpg_signature_file": ".asc",
    "sigstore_signature_file": ".sig",
    "sigstore_cert_file": ".crt",
    "sigstore_bundle_file": ".sigstore",
    "sbom_spdx2_file": ".spdx.json",
}
# The accounts that each dump gets for the replay: rows of the old site, and the roles file.
DAY = "2026-01-02T10:00:00Z"
PEOPLE = ["contract_manager", "contract_clerk", "contract_person", "contract_publisher"]
ROLES = "account,roles,note\ncontract_manager,Release managers,\ncontract_publisher,Sponsor publishers,\n"
DRAFTS = "v1 and v2 hide files of draft releases"
LATEST = "v1 and v2 compute `is_latest`"
DUPLICATES = "v1 and v2 refuse duplicates with 400 and a sentence"
SUFFIX = "v2 never adds `?format=json` or `.json` to `resource_uri`"
DATED = "the feed of jobs has a `pubDate`"
RSS = "application/rss+xml; charset=utf-8"
# Enough to write each type of file; the APIs limit the writes of an hour.
RELEASES_WRITTEN = 5


def accounts() -> list[dict]:
    """Return the rows of the accounts, keys and tokens that the replay uses."""
    rows = []
    for pk, name in enumerate(PEOPLE, 990_001):
        fields: dict[str, Any] = dict.fromkeys(["first_name", "last_name", "bio", "password"], "")
        fields |= {"username": name, "email": f"{name}@example.org", "last_login": None, "date_joined": DAY, "is_active": True}
        fields |= {"is_superuser": False, "is_staff": name != "contract_person", "search_visibility": 0, "public_profile": False}
        rows.append({"model": "users.user", "pk": pk, "fields": fields | {"groups": [], "user_permissions": []}})
        owner = {"user": [name], "created": DAY}
        rows.append({"model": "tastypie.apikey", "pk": pk, "fields": owner | {"key": key_of(name, "v1")}})
        rows.append({"model": "authtoken.token", "pk": key_of(name, "v2"), "fields": owner})
    return rows


def key_of(user: str, api: str) -> str:
    """Return the key of an account for an API, or one that no account has."""
    return sha1(f"{user} {api}".encode(), usedforsecurity=False).hexdigest()


def headers_of(who: str) -> dict[str, str]:
    """Return the headers of "v1 manager", "v2 wrong" and so on."""
    api, _, name = who.partition(" ")
    if api not in {"v1", "v2"}:
        return {
            "": {},
            "bearer": {"Authorization": f"Bearer {key_of('contract_manager', 'v2')}"},
            "empty": {"Authorization": ""},
        }[who]
    key = key_of(f"contract_{name}", api)
    user = f"contract_{name}" if f"contract_{name}" in PEOPLE else "contract_manager"
    # The release script sends a content type with every request, also without a body.
    return {"Authorization": f"ApiKey {user}:{key}" if api == "v1" else f"Token {key}", "Content-Type": "application/json"}


class Exchange(NamedTuple):
    """Request, and the status and content of the old site; `decision` where this site answers otherwise."""

    method: str
    path: str
    status: int = 200
    who: str = ""
    body: Any = None
    headers: dict[str, str] = {}
    # Bytes, or a function that returns what is wrong with the answer.
    content: bytes | Callable[[requests.Response], str] | None = None
    ours: tuple[int, bytes | Callable[[requests.Response], str] | None] | None = None
    decision: str = ""

    @property
    def group(self) -> str:
        part = "v1" if self.path.startswith("/api/v1/") else "v2" if self.path.startswith("/api/v2/") else "pages and feeds"
        return f"{part} {'reads' if self.method in {'GET', 'HEAD', 'OPTIONS'} else 'writes'}"


def code_points(*names: str) -> tuple[bytes, ...]:
    return tuple(name.encode() for name in names)


class Dump:
    """Rows of a dump, in the format and order of the old APIs."""

    def __init__(self, rows: list[dict], base: str) -> None:
        self.base = base
        tables: dict[str, dict] = {}
        for row in rows:
            tables.setdefault(row["model"], {})[row["pk"]] = row["fields"]
        self.tables = tables
        self.os = dict(sorted(tables.get("downloads.os", {}).items(), key=lambda row: code_points(row[1]["name"])))
        releases = tables.get("downloads.release", {})
        self.releases = dict(sorted(releases.items(), key=lambda row: (code_points(row[1]["name"]), -row[0])))
        files = tables.get("downloads.releasefile", {})
        self.files = dict(sorted(files.items(), key=lambda row: (self.order_of(row[1]), -row[0])))

    def order_of(self, file: dict) -> tuple:
        release, os = self.releases[file["release"]], self.os[file["os"]]
        return not release["is_published"], code_points(release["name"], os["name"], file["name"])

    def published(self, **values: Any) -> dict[int, dict]:
        """Return the published releases with these values."""
        wanted = (values | {"is_published": True}).items()
        return {pk: row for pk, row in self.releases.items() if all(row[name] == value for name, value in wanted)}

    def files_of(self, **values: Any) -> dict[int, dict]:
        return {pk: row for pk, row in self.files.items() if all(row[name] == value for name, value in values.items())}

    def without_drafts(self, files: dict[int, dict]) -> dict[int, dict]:
        return {pk: row for pk, row in files.items() if self.releases[row["release"]]["is_published"]}

    def v2(self, kind: str, rows: dict[int, dict]) -> list[dict]:
        """Return rows as API v2 of the old site did."""
        start = f"{self.base}{V2}"
        keys = {"release": RELEASE_KEYS, "release_file": FILE_KEYS, "os": ["name", "slug", "resource_uri"]}[kind]
        found = []
        for pk, fields in rows.items():
            row = fields | {"resource_uri": f"{start}/{kind}/{pk}/"}
            if kind == "release_file":
                row |= {name: f"{start}/{name}/{fields[name]}/" for name in ("os", "release")}
            if kind == "release" and fields["release_page"]:
                row["release_page"] = f"{self.base}/api/v2/pages/page/{fields['release_page']}/"
            found.append({key: row[key] for key in keys})
        return found

    def v1(self, kind: str, rows: dict[int, dict]) -> list[dict]:
        """Return rows as API v1 of the old site did: with paths, and dates without a zone."""
        found = []
        for row in self.v2(kind, rows):
            uris = {name: row[name] for name in ("resource_uri", "os", "release", "release_page") if row.get(name)}
            row |= {name: urlsplit(uri).path.replace("/api/v2/", "/api/v1/") for name, uri in uris.items()}
            if kind == "release":
                row["release_date"] = datetime.fromisoformat(row["release_date"]).replace(tzinfo=None).isoformat()
            found.append(row)
        return found


def compact(data: Any) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()


def sorted_json(data: Any) -> bytes:
    return json.dumps(data, sort_keys=True, ensure_ascii=False).encode()


def page(rows: list[dict], path: str, *, query: str = "", limit: int = 20, offset: int = 0) -> bytes:
    """Return a page of API v1 in its envelope."""
    start = f"{path}?{query}&" if query else f"{path}?"
    following = f"{start}limit={limit}&offset={offset + limit}" if offset + limit < len(rows) else None
    previous = f"{start}limit={limit}&offset={offset - limit}" if offset - limit >= 0 else None
    meta = {"limit": limit, "next": following, "offset": offset, "previous": previous, "total_count": len(rows)}
    return sorted_json({"meta": meta, "objects": rows[offset : offset + limit]})


def reads_of_v2(dump: Dump) -> Iterator[Exchange]:
    releases, public = f"{V2}/release/", dump.published()

    def listed(query: str, rows: dict[int, dict], **more: Any) -> Exchange:
        return Exchange("GET", f"{releases}{query}", content=compact(dump.v2("release", rows)), **more)

    yield listed("", public)
    yield listed("", public, who="empty")
    yield listed("", public, who="bearer")
    yield listed("", public, who="v2 person")
    yield listed("", dump.releases, who="v2 manager")
    yield Exchange("GET", releases, 401, who="v2 wrong")
    for accept in ("*/*", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"):
        yield listed("", public, headers={"Accept": accept})
    yield Exchange("GET", releases, 406, headers={"Accept": "text/csv"})
    yield Exchange("HEAD", releases)
    yield Exchange("OPTIONS", releases)
    yield Exchange("GET", f"{V2}/release?version=3", 301, content=leads_to(f"{releases}?version=3"))
    for query in (
        *("is_published=true", "is_published=True", "is_published=1", "is_published=yes", "limit=1", "limit=200", "page_size=20"),
        *("order_by=-release_date", "is_prerelease=false", "show_on_download_page=true", "is_latest=true", "spam=1"),
    ):
        yield listed(f"?{query}", public)
    yield listed("?format=json", public, decision=SUFFIX)
    yield listed("?is_published=false", {})
    for value, text in ((True, "TRUE"), (True, "1"), (False, "false"), (False, "0")):
        yield listed(f"?pre_release={text}", dump.published(pre_release=value))
    for version in (2, 3):
        yield listed(f"?version={version}&is_published=true", dump.published(version=version))
        yield listed(f"?version={version}&pre_release=false", dump.published(version=version, pre_release=False))
    yield listed("?version=3&pre_release=false&is_published=true", dump.published(version=3, pre_release=False))
    yield Exchange("GET", f"{releases}?version=abc", 400)
    for pk, row in dump.releases.items():
        found = {pk: row} if row["is_published"] else {}
        yield listed(f"?name={quote(row['name']).replace('%20', '+')}", dump.published(name=row["name"]))
        yield listed(f"?slug={row['slug']}", found)
        yield Exchange(
            "GET", f"{releases}{pk}/", 200 if found else 404, content=compact(*dump.v2("release", found)) if found else None
        )
        detail = compact(*dump.v2("release", {pk: row}))
        yield Exchange("GET", f"{releases}{pk}/", who="v2 manager", content=detail)
    yield Exchange("GET", f"{releases}999999/", 404)
    yield Exchange("GET", f"{V2}/os/", content=compact(dump.v2("os", dump.os)))
    for pk, row in dump.os.items():
        yield Exchange("GET", f"{V2}/os/?slug={row['slug']}&spam=1", content=compact(dump.v2("os", {pk: row})))
        yield Exchange("GET", f"{V2}/os/{pk}/", content=compact(*dump.v2("os", {pk: row})))
    yield from files_of_v2(dump)
    yield Exchange("GET", PLACEMENTS, 401)
    yield Exchange("GET", PLACEMENTS, 401, who="v2 wrong")
    yield Exchange("GET", PLACEMENTS, 403, who="v2 person")
    yield Exchange("GET", f"{PLACEMENTS}?publisher=pypi&flight=sponsors", who="v2 publisher", content=is_list)
    for query in ("publisher=spam", "flight=spam", "year=spam"):
        yield Exchange("GET", f"{PLACEMENTS}?{query}", 400, who="v2 publisher")


def files_of_v2(dump: Dump) -> Iterator[Exchange]:
    path = f"{V2}/release_file/"

    def listed(query: str, rows: dict[int, dict]) -> Exchange:
        ours = dump.without_drafts(rows)
        decision = DRAFTS if ours != rows else ""
        instead = (200, compact(dump.v2("release_file", ours))) if decision else None
        return Exchange("GET", f"{path}{query}", content=compact(dump.v2("release_file", rows)), ours=instead, decision=decision)

    yield listed("", dump.files)
    for pk in dump.os:
        yield listed(f"?os={pk}", dump.files_of(os=pk))
    for pk, row in dump.releases.items():
        if row["is_published"]:
            yield listed(f"?release={pk}", dump.files_of(release=pk))
            yield from (listed(f"?os={os}&release={pk}", dump.files_of(os=os, release=pk)) for os in dump.os)
        else:
            yield Exchange("GET", f"{path}?release={pk}", ours=(400, None), decision=DRAFTS)
    for pk, row in dump.files.items():
        is_draft = not dump.without_drafts({pk: row})
        instead: dict[str, Any] = {"ours": (404, None), "decision": DRAFTS} if is_draft else {}
        yield Exchange("GET", f"{path}{pk}/", content=compact(*dump.v2("release_file", {pk: row})), **instead)
        yield listed(f"?slug={row['slug']}", dump.files_of(slug=row["slug"]))
    for name in sorted({row["name"] for row in dump.files.values()}):
        yield listed(f"?name={quote(name)}", dump.files_of(name=name))
    described = {pk: row for pk, row in dump.files.items() if "macOS" in row["description"]}
    yield listed("?description__contains=macOS", described)
    for query in ("format=json", "limit=5", "spam=1", "release=999999", "os=999999", "os=abc"):
        yield Exchange("GET", f"{path}?{query}", 400)


def reads_of_v1(dump: Dump) -> Iterator[Exchange]:
    path, public = f"{V1}/release/", dump.v1("release", dump.published())

    def listed(query: str = "", rows: list[dict] = public, **more: Any) -> Exchange:
        return Exchange("GET", f"{path}?{query}" if query else path, content=page(rows, path, query=query), **more)

    def found(**values: Any) -> list[dict]:
        return dump.v1("release", dump.published(**values))

    yield listed()
    yield listed(who="empty")
    yield listed(who="v1 person")
    yield listed(rows=dump.v1("release", dump.releases), who="v1 manager")
    yield Exchange("GET", path, 401, who="v1 wrong", content=is_empty)
    yield Exchange("GET", f"{path}?username=contract_manager&api_key={key_of('contract_manager', 'v1')}", 401)
    yield Exchange("GET", f"{V1}/release?version=3", 301, content=leads_to(f"{path}?version=3"))
    for limit, offset in ((1, 0), (1, 1), (2, 1), (1000, 0)):
        content = page(public, path, limit=limit, offset=offset)
        yield Exchange("GET", f"{path}?limit={limit}&offset={offset}", content=content)
    for limit in (0, 5000):
        yield Exchange("GET", f"{path}?limit={limit}", content=page(public, path, limit=1000))
    yield listed("is_published=True&pre_release=False", found(pre_release=False))
    yield listed("pre_release=True", found(pre_release=True))
    yield listed("version=3", found(version=3))
    yield listed("version__startswith=2", found(version=2))
    yield listed("spam=1")
    yield listed("format=json")
    for query in ("limit=x", "offset=-1", "order_by=name", "name__regex=x", "name__contains=x"):
        yield Exchange("GET", f"{path}?{query}", 400)
    for pk, row in dump.releases.items():
        one = dump.v1("release", {pk: row} if row["is_published"] else {})
        query = f"name={quote(row['name']).replace('%20', '+')}"
        yield listed(query, found(name=row["name"]))
        yield listed(f"slug={row['slug']}", one)
        yield Exchange("GET", f"{path}{pk}/", 200 if one else 401, content=sorted_json(*one) if one else is_empty)
        yield Exchange("GET", f"{path}{pk}/", who="v1 manager", content=sorted_json(*dump.v1("release", {pk: row})))
    yield Exchange("GET", f"{path}999999/", 404, content=is_empty)
    yield Exchange("HEAD", path, 405)
    yield Exchange("GET", f"{V1}/os/", content=page(dump.v1("os", dump.os), f"{V1}/os/"))
    for pk, row in dump.os.items():
        query = f"slug={row['slug']}"
        content = page(dump.v1("os", {pk: row}), f"{V1}/os/", query=query)
        yield Exchange("GET", f"{V1}/os/?{query}", who="v1 manager", content=content)
        yield Exchange("GET", f"{V1}/os/{pk}/", content=sorted_json(*dump.v1("os", {pk: row})))
    yield from files_of_v1(dump)


def files_of_v1(dump: Dump) -> Iterator[Exchange]:
    path = f"{V1}/release_file/"

    def listed(query: str, rows: dict[int, dict]) -> Exchange:
        ours = dump.without_drafts(rows)
        decision = DRAFTS if ours != rows else ""
        start = f"{path}?{query}" if query else path
        instead = (200, page(dump.v1("release_file", ours), path, query=query)) if decision else None
        content = page(dump.v1("release_file", rows), path, query=query)
        return Exchange("GET", start, content=content, ours=instead, decision=decision)

    yield listed("", dump.files)
    for pk, row in dump.os.items():
        yield listed(f"os={pk}", dump.files_of(os=pk))
        yield listed(f"os__slug={row['slug']}", dump.files_of(os=pk))
        yield listed(f"os__name={quote(row['name']).replace('%20', '+')}", dump.files_of(os=pk))
    for pk, row in dump.releases.items():
        yield listed(f"release={pk}", dump.files_of(release=pk))
        yield listed(f"release__slug={row['slug']}", dump.files_of(release=pk))
        yield from (
            listed(f"os={os}&format=json&release__slug={row['slug']}", dump.files_of(os=os, release=pk)) for os in dump.os
        )
    for version in (2, 3):
        of = {pk for pk, row in dump.releases.items() if row["version"] == version}
        yield listed(f"release__version={version}", {pk: row for pk, row in dump.files.items() if row["release"] in of})
    for pk, row in dump.files.items():
        is_draft = not dump.without_drafts({pk: row})
        instead: dict[str, Any] = {"ours": (401, None), "decision": DRAFTS} if is_draft else {}
        yield Exchange("GET", f"{path}{pk}/", content=sorted_json(*dump.v1("release_file", {pk: row})), **instead)
        yield listed(f"slug={row['slug']}", dump.files_of(slug=row["slug"]))
    yield listed("release=999999", {})
    yield Exchange("GET", f"{path}?release=abc", 400)


def is_empty(answer: requests.Response) -> str:
    is_html = answer.headers.get("Content-Type", "").startswith("text/html")
    return "" if is_html and not answer.content else f"it is {answer.headers.get('Content-Type')} {answer.content[:80]!r}"


def is_list(answer: requests.Response) -> str:
    return "" if isinstance(answer.json(), list) else "it is no list"


def has_sentence(answer: requests.Response) -> str:
    return "" if answer.json().get("error_message") else "it has no error_message"


def names_fields(answer: requests.Response) -> str:
    told = answer.json()
    is_right = told and all(isinstance(value, list) for value in told.values())
    return "" if is_right else f"it is {told}, not a list for each field"


def leads_to(target: str, *, exactly: bool = True) -> Callable[[requests.Response], str]:
    def check(answer: requests.Response) -> str:
        location = re.sub(r"^https?://[^/]+", "", answer.headers.get("Location", ""))
        is_right = location == target if exactly else location.startswith(target)
        return "" if is_right else f"it leads to {location}, not to {target}"

    return check


def is_created(start: str) -> Callable[[requests.Response], str]:
    def check(answer: requests.Response) -> str:
        location = answer.headers.get("Location", "")
        is_right = location.startswith(start) and location.strip("/").rpartition("/")[2].isdigit()
        return "" if is_right else f"its Location is {location}"

    return check


def payload(fields: dict, start: str) -> dict:
    """Return a file as a client of the API sends it."""
    row = {name: fields[name] for name in FILE_KEYS if name != "resource_uri"}
    return row | {name: f"{start}/{name}/{fields[name]}/" for name in ("os", "release")}


def is_accepted(fields: dict) -> bool:
    """Return whether the old site accepted a file: its URL is ours, and those of other files start with it."""
    url = fields["url"]
    return url.startswith("https://www.python.org/") and all(
        fields[name] in {"", f"{url}{suffix}"} for name, suffix in SIDES.items()
    )


def refusals(base: dict, start: str) -> list[dict]:
    """Return files that the old site refused with 400."""
    new = base | {"slug": "contract-x", "download_button": False, "url": f"{FTP}contract-x"} | dict.fromkeys(SIDES, "")
    return [
        new | {"url": "http://www.python.org/ftp/python/contract-x"},
        new | {"url": "https://example.org/contract-x"},
        *(new | {name: f"{FTP}other{suffix}"} for name, suffix in SIDES.items()),
        new | {"os": f"{start}/os/999999/"},
        new | {"release": f"{start}/release/999999/"},
        new | {"filesize": "many"},
    ]


def writes_of_v1(dump: Dump) -> Iterator[Exchange]:
    path = f"{V1}/release_file/"
    written = [pk for pk in dump.published() if dump.files_of(release=pk)][:RELEASES_WRITTEN]

    def post(body: dict, status: int = 201, **more: Any) -> Exchange:
        content = {201: is_created(f"{V1}/release_file/"), 400: has_sentence, 401: is_empty}.get(status)
        return Exchange("POST", path, status, who=more.pop("who", "v1 manager"), body=body, content=content, **more)

    for pk in written:
        files = dump.files_of(release=pk)
        yield Exchange("DELETE", f"{path}?release={pk}", 401, content=is_empty)
        yield Exchange("DELETE", f"{path}?release={pk}", 401, who="v1 clerk", content=is_empty)
        yield Exchange("DELETE", f"{path}?release={pk}", 204, who="v1 manager")
        yield Exchange("GET", f"{path}?release={pk}", content=page([], path, query=f"release={pk}"))
        for fields in files.values():
            yield post(payload(fields, V1), 201 if is_accepted(fields) else 400)
        yield Exchange("GET", f"{path}?release={pk}", content=has_files(files))
    first = next(iter(dump.files_of(release=written[0]).values()))
    sent = payload(first, V1)
    yield post(sent, 500, ours=(400, None), decision=DUPLICATES)
    yield post(sent, 401, who="")
    yield post(sent, 401, who="v1 wrong")
    yield post(sent, 401, who="v1 person")
    yield from (post(body, 400) for body in refusals(sent, V1))
    some = next(iter(dump.files_of(release=written[-1])))
    yield Exchange("DELETE", f"{path}{some}/", 404, who="v1 manager", content=is_empty)
    yield Exchange("DELETE", path, 400, who="v1 manager")
    yield Exchange("DELETE", f"{path}?release={written[0]}&os=3", 400, who="v1 manager")
    yield Exchange("DELETE", f"{path}?os=3", 400, who="v1 manager")
    for kind in ("release_file", "release", "os"):
        yield Exchange("PUT", f"{V1}/{kind}/1/", 405, who="v1 manager", body={}, content=is_empty)
        yield Exchange("PATCH", f"{V1}/{kind}/1/", 405, who="v1 manager", body={}, content=is_empty)
        yield Exchange("HEAD", f"{V1}/{kind}/", 405, who="v1 manager")
    new = {"name": "Python 3.99.0", "version": 3, "is_published": True, "release_date": "2026-03-04T05:06:07", "spam": "ignored"}
    yield Exchange("POST", f"{V1}/release/", 401, body=new, content=is_empty)
    yield Exchange("POST", f"{V1}/release/", 201, who="v1 manager", body=new, content=is_created(f"{V1}/release/"))
    yield Exchange("GET", "/downloads/release/python-3990/", content=has(r"Python 3\.99\.0"))


def has_files(files: dict[int, dict]) -> Callable[[requests.Response], str]:
    """Check that a list has these files again, under new IDs."""

    def check(answer: requests.Response) -> str:
        found = answer.json()
        rows = found["objects"] if isinstance(found, dict) else found
        columns = [name for name in FILE_KEYS if name not in {"os", "release", "resource_uri"}]
        ours = [[row[name] for name in columns] for row in rows]
        theirs = [[row[name] for name in columns] for row in files.values() if is_accepted(row)]
        return "" if ours == theirs else f"its files are {[row[1] for row in ours]}, not {[row[1] for row in theirs]}"

    return check


def writes_of_v2(dump: Dump) -> Iterator[Exchange]:
    path, start = f"{V2}/release_file/", f"{dump.base}{V2}"
    written = [pk for pk in dump.published() if dump.files_of(release=pk)][:RELEASES_WRITTEN]

    def post(body: dict, status: int = 201, **more: Any) -> Exchange:
        content = {201: is_created(f"{start}/release_file/"), 400: names_fields}.get(status)
        return Exchange("POST", path, status, who=more.pop("who", "v2 manager"), body=body, content=content, **more)

    by_release = f"{path}delete_by_release/"
    for pk in written:
        files = dump.files_of(release=pk)
        yield Exchange("DELETE", f"{by_release}?release={pk}", 401)
        yield Exchange("DELETE", f"{by_release}?release={pk}", 403, who="v2 person")
        yield Exchange("DELETE", f"{by_release}?release={pk}", 204, who="v2 manager")
        yield Exchange("GET", f"{path}?release={pk}", content=compact([]))
        for number, fields in enumerate(files.values()):
            # A URI may also be a path.
            yield post(payload(fields, start if number % 2 else V2), 201 if is_accepted(fields) else 400)
        yield Exchange("GET", f"{path}?release={pk}", content=has_files(files))
    sent = payload(next(iter(dump.files_of(release=written[0]).values())), start)
    yield post(sent, 500, ours=(400, None), decision=DUPLICATES)
    yield post(sent, 401, who="")
    yield post(sent, 401, who="bearer")
    yield post(sent, 401, who="v2 wrong")
    yield post(sent, 403, who="v2 person")
    yield from (post(body, 400) for body in refusals(sent, start))
    yield from (post(sent | {"os": value}, 400) for value in (f"{V1}/os/3/", 3))
    yield Exchange("DELETE", path, 405, who="v2 manager")
    yield Exchange("DELETE", by_release, 400, who="v2 manager")
    release = {"name": "Python 3.98.0", "slug": "python-3980", "version": 3, "is_published": True, "release_date": DAY}
    yield Exchange("POST", f"{V2}/release/", 201, who="v2 manager", body=release, content=is_created(f"{start}/release/"))
    pk = next(iter(dump.os))
    yield Exchange("PATCH", f"{V2}/os/{pk}/", 200, who="v2 manager", body={"name": "Contract"}, content=has('"name":"Contract"'))
    row = dump.v2("os", {pk: dump.os[pk]})[0]
    yield Exchange("PUT", f"{V2}/os/{pk}/", 200, who="v2 manager", body=row, content=compact(row))


def has(pattern: str, *, content_type: str = "") -> Callable[[requests.Response], str]:
    def check(answer: requests.Response) -> str:
        if content_type and answer.headers["Content-Type"] != content_type:
            return f"it is {answer.headers['Content-Type']}"
        return "" if re.search(pattern, answer.text) else f"there is no {pattern}"

    return check


def pages(dump: Dump) -> Iterator[Exchange]:
    """Yield the pages and feeds that programs read."""
    stable = dump.published(pre_release=False)
    for pk, row in dump.releases.items():
        path = f"/downloads/release/{row['slug']}/"
        if not row["is_published"]:
            yield Exchange("GET", path, 404)
            continue
        yield Exchange("GET", path, content=has(re.escape(row["name"])))
        yield Exchange("GET", path.rstrip("/"), 301, content=leads_to(path))
        if any(file["name"] == "Gzipped source tarball" for file in dump.files_of(release=pk).values()):
            yield Exchange("GET", path, content=has(r'<a[^>]*href="https://www\.python\.org/ftp/[^>]*>\s*Gzipped source tarball'))
            yield Exchange("GET", path, content=has(r"<table[\s\S]*<thead"))
    lines = sorted({row["slug"][7:8] for row in stable.values()} & {"2", "3"})
    names = ["", *(f"/python{line}" for line in lines), *(["/prerelease"] if dump.published(pre_release=True) else [])]
    for name in [*names, *(f"/{name}" for name in minor_versions(stable))]:
        for end in ("/", ""):
            yield Exchange("GET", f"/downloads/latest{name}{end}", 302, content=leads_to("/downloads/release/", exactly=False))
    yield Exchange("GET", "/downloads/source/", content=has(r"href=.*?/Python[._-]v?(3(?:\.\d+)*)\.t"))
    yield Exchange("GET", "/downloads/windows/", content=has(r"Latest Python 3 Release - Python ([\d.]+)"))
    yield Exchange("GET", "/downloads/macos/")
    yield Exchange("GET", "/downloads/", content=has(r'class="[^"]*\brelease-number\b'))
    if any(row["path"].strip("/") == "downloads/metadata/sigstore" for row in dump.tables.get("pages.page", {}).values()):
        yield Exchange("GET", "/downloads/metadata/sigstore/", content=has("<table"))
    yield Exchange("GET", "/downloads/feed.rss", content=is_release_feed(dump))
    ours = (200, is_job_feed(has_dates=True))
    yield Exchange("GET", "/jobs/feed/rss/", content=is_job_feed(has_dates=False), ours=ours, decision=DATED)
    yield Exchange("GET", "/jobs/feed/rss", 301, content=leads_to("/jobs/feed/rss/"))
    has_archive = any(file["url"].endswith(".tar.xz") for file in dump.without_drafts(dump.files).values())
    yield Exchange("GET", "/box/supernav-python-downloads/", content=has(r"https://.+?\.tar\.xz") if has_archive else None)
    yield Exchange("GET", "/box/no-such-box/", 404)
    yield from (Exchange("GET", f"/box/{row['label']}/") for row in dump.tables.get("boxes.box", {}).values())
    for row in dump.tables.get("events.calendar", {}).values():
        yield Exchange("GET", f"/events/{row['slug']}/", content=has("<h1"))
    yield Exchange("GET", "/funding.json", content=lambda answer: "" if answer.json() else "it is empty")


def minor_versions(stable: dict[int, dict]) -> list[str]:
    found = (re.match(r"Python 3\.(\d+)\.", row["name"]) for row in stable.values())
    return sorted({f"python3.{match[1]}" for match in found if match})


def is_release_feed(dump: Dump) -> Callable[[requests.Response], str]:
    def check(answer: requests.Response) -> str:
        published = {f"/downloads/release/{row['slug']}/": row["release_date"] for row in dump.published().values()}
        links = re.findall(r"<link>([^<]+)", answer.text)[1:]
        dates = re.findall(r"<description>Release date: ([^<]+)", answer.text)
        newest = sorted(published.values(), reverse=True)[:10]
        times = [datetime.fromisoformat(moment).isoformat(sep=" ") for moment in newest]
        # Releases of the same second have no order.
        if [published.get(urlsplit(link).path) for link in links] != newest:
            return f"its links are {links}"
        if dates != times:
            return f"its dates are {dates}, not {times}"
        return has("<rss", content_type=RSS)(answer)

    return check


def is_job_feed(*, has_dates: bool) -> Callable[[requests.Response], str]:
    def check(answer: requests.Response) -> str:
        items = answer.text.split("<item>")[1:]
        if len(items) > 20 or not all(re.match(r"<title>[^<]+, [^<]+</title>", item) for item in items):
            return f"it has {len(items)} items: {items[:1]}"
        if any(("<pubDate>" in item) != has_dates for item in items):
            return "its items have a pubDate" if not has_dates else "its items have no pubDate"
        return has("<rss", content_type=RSS)(answer)

    return check


def conversation(rows: list[dict], base: str) -> Iterator[Exchange]:
    """Yield each request of the contract for the rows of a dump that this site has imported."""
    dump = Dump(rows, base)
    for part in (reads_of_v2, reads_of_v1, pages, writes_of_v1, writes_of_v2):
        yield from part(dump)


def problem_of(exchange: Exchange, answer: requests.Response, status: int, content: Any) -> str:
    """Return how an answer differs from a status and content, or an empty string."""
    if answer.status_code != status:
        return f"{answer.status_code}, not {status}: {answer.text[:200]}"
    if callable(content):
        return content(answer)
    if content is not None and answer.content != content:
        return f"{answer.content[:400]!r}, not {content[:400]!r}"
    if exchange.group.startswith("v2 reads") and status == 200 and exchange.method == "GET":
        kind = answer.headers["Content-Type"]
        return "" if kind == "application/json" else f"its type is {kind}"
    return ""


def without_latest(content: bytes) -> bytes:
    return re.sub(rb'("is_latest": ?)(true|false)', rb"\1-", content)


def judge(exchange: Exchange, answer: requests.Response) -> tuple[str, str]:
    """Return "equal", "decided" with the decision, or "different" with the problem."""
    problem = problem_of(exchange, answer, exchange.status, exchange.content)
    if not problem:
        return "equal", ""
    if exchange.ours:
        problem = problem_of(exchange, answer, *exchange.ours)
        return ("different", problem) if problem else ("decided", exchange.decision)
    same_status = answer.status_code == exchange.status
    if same_status and isinstance(exchange.content, bytes) and without_latest(answer.content) == without_latest(exchange.content):
        return "decided", LATEST
    return "different", problem


def replay(rows: list[dict], base: str) -> Iterator[tuple[Exchange, str, str]]:
    """Send each request of the contract to a running site, and yield it with what came of it."""
    for exchange in conversation(rows, base):
        body = (
            {"data": json.dumps(exchange.body), "headers": {"Content-Type": "application/json"}}
            if exchange.body is not None
            else {}
        )
        headers = {**headers_of(exchange.who), **exchange.headers, **body.pop("headers", {})}
        answer = requests.request(
            exchange.method, f"{base}{exchange.path}", headers=headers, allow_redirects=False, timeout=60, **body
        )
        yield exchange, *judge(exchange, answer)
