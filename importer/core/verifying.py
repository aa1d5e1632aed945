"""Verify an import: compare rows, fields, URLs, API responses and visible text of both sites."""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from http import HTTPStatus
from importlib import import_module
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.test import Client

from cms.platform.logs import minimum_level

from .comparison import Check, Finding, checks, ours, plain, probes, theirs
from .registry import importers
from .report import Report
from .running import import_rows
from .sources import Spool

PART = 500
MAX_REDIRECTS = 5
MAX_EXAMPLES = 20
REDIRECTS = {
    HTTPStatus.MOVED_PERMANENTLY,
    HTTPStatus.FOUND,
    HTTPStatus.SEE_OTHER,
    HTTPStatus.TEMPORARY_REDIRECT,
    HTTPStatus.PERMANENT_REDIRECT,
}
EDITED = "it has been changed on this site"


@dataclass
class Verdict:
    """Result of a verification: numbers of comparisons, and the differences."""

    counts: list[dict] = field(default_factory=list)
    checksums: list[dict] = field(default_factory=list)
    paths: int = 0
    old_urls: int = 0
    texts: int = 0
    # Abilities of accounts on the old site, and whether this site grants them.
    rights: list[dict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def unexplained(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.reason]

    @property
    def explained(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.reason]

    def as_json(self) -> dict:
        return asdict(self) | {"unexplained": len(self.unexplained), "explained": len(self.explained)}


class _Explained:
    """Expected differences, from the report of the import itself."""

    def __init__(self, report: Report) -> None:
        self.refused = {(one["model"], str(one["id"])): one["reason"] for one in report.problems}
        self.kept = report.kept

    def reason(self, label: str, key: Any) -> str:
        found = self.refused.get((label, str(key)), "")
        return f"the import rejects it: {found}" if found else EDITED if (label, str(key)) in self.kept else ""


def verify(spool: Spool, progress: Callable[[str, int, int], None] = lambda *_: None) -> Verdict:
    """Compare the rows of the source with this site."""
    import_module("importer.checks")
    verdict = Verdict()
    # Changes that another import would make count as differences.
    report = import_rows(spool, dry_run=True, progress=progress)
    for label, counts in report.counts.items():
        if counts["created"] or counts["changed"]:
            number = counts["created"] + counts["changed"]
            verdict.findings.append(Finding("rows", label, "", f"an import would create or change {number} rows."))
    verdict.findings += [
        Finding("rows", one["model"], str(one["id"]), "it is missing.", f"the import rejects it: {one['reason']}")
        for one in report.problems
        if one["model"] in importers()
    ]
    verdict.findings += [
        Finding("rows", one["model"], str(one["id"]), one["reason"]) for one in report.problems if one["model"] not in importers()
    ]
    explained = _Explained(report)
    known = checks()
    totals = spool.counts()
    for label in [label for label in totals if label in known]:
        _compare_rows(label, known[label], spool, explained, verdict)
    client = client_of_site()
    # The report lists missing pages.
    with minimum_level("django.request", logging.CRITICAL):
        wanted = dict(_addresses(spool, known, explained))
        for done, (path, (label, key)) in enumerate(wanted.items(), 1):
            wrong = find_problem(client, path)
            if wrong:
                verdict.findings.append(Finding("address", label, key, f"{path} {wrong}"))
            progress("addresses", done, len(wanted))
        verdict.paths = len(wanted)
        for probe in probes():
            verdict.findings += [_with_reason(finding, explained) for finding in probe(spool, client)]
    return verdict


def _with_reason(finding: Finding, explained: _Explained) -> Finding:
    reason = finding.reason or explained.reason(finding.label, finding.key)
    return Finding(finding.what, finding.label, finding.key, finding.detail, reason)


def _rows(label: str, spool: Spool, explained: _Explained) -> Iterator[list[dict]]:
    """Yield the imported rows in batches, as dictionaries of fields with the old ID."""
    for part in spool.parts(label, PART):
        yield [row["fields"] | {"pk": row["pk"]} for row in part if (label, str(row["pk"])) not in explained.refused]


def _compare_rows(label: str, check: Check, spool: Spool, explained: _Explained, verdict: Verdict) -> None:
    there: Counter[str] = Counter()
    here: Counter[str] = Counter()
    digests = {name: [blake2b(digest_size=8), blake2b(digest_size=8)] for name in check.fields}
    number = 0
    for part in _rows(label, spool, explained):
        keys = {fields["pk"]: theirs(fields, check.key) for fields in part}
        wanted = [key for key in keys.values() if key is not None]
        rows = check.model._default_manager.filter(**{f"{check.ours}__in": wanted})
        known = {plain(ours(one, check.ours)): one for one in rows}
        for fields in [fields for fields in part if keys[fields["pk"]] is not None]:
            number += 1
            instance = known.get(plain(keys[fields["pk"]]))
            there[plain(theirs(fields, check.state[1])) if check.state else "all"] += 1
            if instance is None:
                verdict.findings.append(Finding("rows", label, str(fields["pk"]), "it is missing."))
                continue
            here[plain(ours(instance, check.state[0])) if check.state else "all"] += 1
            reason = explained.reason(label, fields["pk"])
            found = [*_fields_that_differ(check, fields, instance, digests), *_missing_words(check, fields, instance)]
            verdict.findings += [Finding(what, label, str(fields["pk"]), detail, reason) for what, detail in found]
            verdict.texts += bool(check.texts)
    for state in sorted(there | here):
        verdict.counts.append({"model": label, "state": state, "there": there[state], "here": here[state]})
    verdict.checksums += [
        {"model": label, "field": name, "rows": number, "there": there_sum.hexdigest(), "here": here_sum.hexdigest()}
        for name, (there_sum, here_sum) in digests.items()
    ]


def _fields_that_differ(check: Check, fields: dict, instance: models.Model, digests: dict) -> Iterator[tuple[str, str]]:
    for name, source in check.fields.items():
        expected, found = plain(theirs(fields, source)), plain(ours(instance, name))
        for digest, value in zip(digests[name], (expected, found), strict=True):
            digest.update(f"{fields['pk']}\x1f{value}\n".encode())
        if expected != found:
            yield "field", f"{name} is {found!r:.80}, and was {expected!r:.80}."


def _missing_words(check: Check, fields: dict, instance: models.Model) -> Iterator[tuple[str, str]]:
    if not check.texts:
        return
    there, here = check.texts
    lost = Counter(visible_words(there(fields))) - Counter(visible_words(here(instance)))
    if lost:
        yield "text", f"{lost.total()} words are missing: {' '.join(list(lost)[:MAX_EXAMPLES])}"


def visible_words(html: str) -> list[str]:
    """Return the words of a page that visitors see."""
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(["script", "style", "svg", "template", "noscript", "form", "iframe", "object"]):
        tag.decompose()
    for ornament in soup.select("span[aria-hidden], span.prompt"):
        ornament.decompose()
    return re.findall(r"\w+", soup.get_text(" ").lower())


def _addresses(spool: Spool, known: dict[str, Check], explained: _Explained) -> Iterator[tuple[str, tuple[str, str]]]:
    for label in spool.counts():
        paths_of = known[label].paths if label in known else None
        if paths_of is None:
            continue
        for part in _rows(label, spool, explained):
            for fields in part:
                yield from ((path, (label, str(fields["pk"]))) for path in paths_of(fields))


def client_of_site() -> Client:
    """Return a test client that sends the host name of this site."""
    base = urlsplit(settings.BASE_URL)
    return Client(
        SERVER_NAME=base.hostname or "localhost", raise_request_exception=False, headers={"X-Forwarded-Proto": base.scheme}
    )


def follow(client: Client, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Return the final status and URL after following redirects on this site. A redirect to another site counts as 200."""
    secure = settings.BASE_URL.startswith("https:")
    own_hosts = {"", client.defaults["SERVER_NAME"], urlsplit(settings.BASE_URL).netloc}
    url = path
    for _ in range(MAX_REDIRECTS):
        response = client.get(url, secure=secure, headers=headers or {})
        if response.status_code not in REDIRECTS:
            return response.status_code, url
        url = urljoin(url, response["Location"])
        if urlsplit(url).netloc not in own_hosts:
            return HTTPStatus.OK, url
        url = urlsplit(url)._replace(scheme="", netloc="").geturl()
        if url.startswith(settings.MEDIA_URL) and default_storage.exists(url.removeprefix(settings.MEDIA_URL)):
            # The web server delivers media.
            return HTTPStatus.OK, url
    return HTTPStatus.LOOP_DETECTED, url


def find_problem(client: Client, path: str) -> str:
    """Return the problem of a URL; empty if it works, is gone on purpose, or redirects to a URL that works."""
    status, url = follow(client, path)
    if status in {HTTPStatus.OK, HTTPStatus.GONE}:
        return ""
    if status == HTTPStatus.LOOP_DETECTED:
        return "is part of a redirect loop."
    return f"returns {status}" + ("." if url == path else f" after redirecting to {url}.")


def differences(
    what: str, label: str, expected: Iterable[dict], answers: dict[str, dict], key: Callable[[dict], str]
) -> Iterator[Finding]:
    """Yield findings for rows that an API returns differently or not at all."""
    for row in expected:
        answer = answers.get(key(row))
        if answer is None:
            yield Finding(what, label, key(row), "it does not respond.")
            continue
        for name, value in row.items():
            if answer.get(name) != value:
                yield Finding(what, label, key(row), f"{name} is {answer.get(name)!r:.80}, and was {value!r:.80}.")
