"""Checks of downloads: rows of a dump, and responses of both APIs."""

import json
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from django.test import Client

from downloads.models import OS, Release, ReleaseFile
from importer.core.comparison import Check, Finding, checked, probe
from importer.core.sources import Spool
from importer.core.verifying import differences, find_problem
from importer.sections.downloads import DUMPED_FILES, DUMPED_OS, DUMPED_RELEASES, FILE_KEYS, FILES, RELEASE_KEYS, RELEASES

V1_PAGE = 1000
PRIVATE = "it is, or belongs to, a draft, which only release managers can see"
DRAFTS = (("release", Release.objects.filter(live=False)), ("release_file", ReleaseFile.objects.filter(release__live=False)))
COMPUTED = "here the latest release is asked for; there people ticked a box"

checked(DUMPED_OS, Check(OS, {"slug": "slug", "name": "name"}, paths=lambda fields: [f"/downloads/{fields['slug']}/"]))
checked(
    DUMPED_RELEASES,
    Check(
        Release,
        {ours: theirs for ours, theirs in RELEASE_KEYS.items() if ours != "live"},
        state=("live", "is_published"),
        paths=lambda fields: [f"/downloads/release/{fields['slug']}/"] if fields["is_published"] else [],
        texts=(lambda fields: fields.get("_content_rendered") or "", lambda release: str(release.body)),
    ),
)
checked(
    DUMPED_FILES,
    Check(
        ReleaseFile, {**{name: name for name in FILE_KEYS}, "sha256_sum": "sha256_sum", "os_id": "os", "release_id": "release"}
    ),
)


def pk_of(uri: str) -> str:
    return uri.rstrip("/").rpartition("/")[2]


def as_v2(row: dict) -> dict:
    """Return a row of API v2 with paths instead of URLs."""
    return {name: urlsplit(value).path if name in {"resource_uri", "os", "release"} else value for name, value in row.items()}


def as_v1(row: dict) -> dict:
    """Return the row of API v1 that corresponds to a row of API v2."""
    found = {
        name: value.replace("/api/v2/", "/api/v1/") if isinstance(value, str) else value for name, value in as_v2(row).items()
    }
    if "release_date" in found:
        found["release_date"] = datetime.fromisoformat(found["release_date"]).replace(tzinfo=None).isoformat()
    return found


def answers_of_v2(client: Client, name: str) -> dict[str, dict]:
    rows = json.loads(client.get(f"/api/v2/downloads/{name}/").content)
    return {pk_of(row["resource_uri"]): as_v2(row) for row in rows}


def answers_of_v1(client: Client, name: str) -> dict[str, dict]:
    found: dict[str, dict] = {}
    offset, total = 0, 1
    while offset < total:
        answer = json.loads(client.get(f"/api/v1/downloads/{name}/?limit={V1_PAGE}&offset={offset}").content)
        total = answer["meta"]["total_count"]
        offset += answer["meta"]["limit"] or total
        found |= {pk_of(row["resource_uri"]): row for row in answer["objects"]}
    return found


def captured(label: str, spool: Spool) -> Iterator[dict]:
    """Yield the rows that API v2 of the old site returned. For a dump, build them from its rows."""
    if label in {RELEASES, FILES}:
        yield from spool.rows(label)
    for row in spool.rows(label) if label in {DUMPED_RELEASES, DUMPED_FILES} else ():
        fields = row["fields"]
        if label == DUMPED_RELEASES:
            uri = {"resource_uri": f"/api/v2/downloads/release/{row['pk']}/"}
            yield {name: fields[name] for name in [*RELEASE_KEYS.values(), "is_latest"]} | uri
        else:
            uri = {"resource_uri": f"/api/v2/downloads/release_file/{row['pk']}/"}
            owners = {name: f"/api/v2/downloads/{name}/{fields[name]}/" for name in ("os", "release")}
            yield {name: fields[name] for name in [*FILE_KEYS, "sha256_sum"]} | owners | uri


@probe
def answers_of_the_apis(spool: Spool, client: Client) -> Iterator[Finding]:
    drafts = {f"/{name}/{pk}/" for name, model in DRAFTS for pk in model.values_list("pk", flat=True)}
    for name, labels in (("release", (RELEASES, DUMPED_RELEASES)), ("release_file", (FILES, DUMPED_FILES))):
        answers = {"API v2": (answers_of_v2(client, name), as_v2), "API v1": (answers_of_v1(client, name), as_v1)}
        for label in labels:
            for api, (found, shape) in answers.items():
                rows = map(shape, captured(label, spool))
                for finding in differences(api, label, rows, found, lambda row: pk_of(row["resource_uri"])):
                    reason = COMPUTED if finding.detail.startswith("is_latest ") else ""
                    reason = PRIVATE if f"/{name}/{finding.key}/" in drafts else reason
                    yield Finding(finding.what, finding.label, finding.key, finding.detail, reason)
    for row in spool.rows(RELEASES):
        path = f"/downloads/release/{row['slug']}/"
        wrong = find_problem(client, path) if row["is_published"] else ""
        if wrong:
            yield Finding("address", RELEASES, pk_of(row["resource_uri"]), f"{path} {wrong}")
