"""Requests with hostile values for each parameter of each route and form, generated with a fixed seed.

`tests/pydotorg/test_fuzz.py` sends a sample of them, `make fuzz` sends many and prints what docs/security.md says.
"""

import json
import random
import re
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import lxml.html
from django.core.cache import cache as site_cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client

ROOT = Path(__file__).resolve().parents[1]
DIGITS = "9" * 5000
# fmt: off
TEXTS = [
    *("", " ", "\x00", "a\x0bb", "\x7f", "\ud800", "\ufffe", "\r\nSet-Cookie: x=1", "%", "_", "'", '"', "\\", "' OR 1=1 --"),
    *("<script>alert(1)</script>", "{{ 7*7 }}", "${7*7}", "../../etc/passwd", "//evil.example", "javascript:alert(1)", "=1+1"),
    *("é", "😀", "ﷺ" * 500, "a" * 70_000, "\u202e", "İ", "ß", "٣", "²", "NaN", "inf", "-1", "0", "1e999", "1.5", "0x10", "null"),
    *("true", "[]", "{}", "[1,[2,[3]]]", '{"a":{"b":{"c":null}}}', "[" * 2000, '{"blocks": 3}', '{"entityMap":[],"blocks":[{}]}'),
    *("9" * 12, "9" * 30, DIGITS, f"-{DIGITS}", str(2**31), str(2**63), "2026-02-30", "0000-00-00", "9999-12-31", "99:99", "1e5"),
    *("Europe/Nowhere", "FREQ=DAILY;INTERVAL=0", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "cms.Box", "home.HomePage", "csv"),
    *("all", "-pk", "-id", "password", "__class__", "pk__in", "a,b,,c", "1,2,x", "@", "a@b", "http://[::1", "https://x:99999/"),
]  # fmt: skip
FILES = [
    b"",
    b"%PDF-1.7\n/Encrypt 1 0 R",
    b"PK\x03\x04garbage",
    b"\x89PNG\r\n\x1a\n broken",
    b"GIF89a",
    b"<svg",
    b"\xff\xfe\x00\x0b",
    b"a,b\n=1,\x00",
]
CHARSETS = ["utf-7", "utf-16", "latin-1", "bogus", "idna", "zlib"]
# These sign out, or return an error on purpose.
SKIPPED = re.compile(r"failwhale|logout|^/metrics|^/ready")
NAMES = re.compile(r"(?:GET|POST|query_params|params)(?:\.get|\.getlist)?[(\[]\s*[\"']([\w-]+)")


@cache
def names_in_source() -> list[str]:
    """Return the names of parameters that the code of this site and of Wagtail reads."""
    import wagtail  # noqa: PLC0415 -- only where it is installed.
    import wagtail_modeladmin  # noqa: PLC0415 -- the same.

    folders = [
        ROOT / name
        for name in ["cms", "community", "downloads", "events", "home", "jobs", "psf", "sponsors", "users", "pydotorg"]
    ]
    folders += [Path(package.__file__).parent for package in (wagtail, wagtail_modeladmin)]
    found = {name for folder in folders for path in folder.rglob("*.py") for name in NAMES.findall(path.read_text())}
    return sorted(
        found | {"page", "p", "q", "order", "ordering", "limit", "offset", "format", "fields", "type", "search", "export"}
    )


class Fuzzer:
    """Fuzzer that sends hostile requests as one user, each in a transaction that is rolled back, and records the responses."""

    def __init__(self, client: Client, who: str, seed: int):
        self.client, self.who = client, who
        self.random = random.Random(f"{seed}-{who}")  # noqa: S311 -- repeatable on purpose.
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.failures: dict[str, str] = {}
        self.error = ""
        client.raise_request_exception = False
        client.defaults["HTTP_X_FORWARDED_PROTO"] = "https"
        self.cookies = {name: morsel.value for name, morsel in client.cookies.items()}

    def __enter__(self):
        got_request_exception.connect(self.take_exception)
        return self

    def __exit__(self, *args):
        got_request_exception.disconnect(self.take_exception)

    def take_exception(self, **kwargs: Any) -> None:
        lines = traceback.format_exc().splitlines()
        frames = [line.strip() for line in lines if line.strip().startswith("File")]
        self.error = f"{lines[-1][:300]} <- {' <- '.join(frames[-3:])}"

    def send(self, method: str, url: str, **options: Any) -> Any:
        self.client.cookies.clear()
        for name, value in self.cookies.items():
            self.client.cookies[name] = value
        self.error = ""
        with transaction.atomic():
            start = time.perf_counter()
            try:
                response = self.client.generic(method, url, **options)
                status = response.status_code
                if response.streaming:
                    response.content_of_stream = b"".join(response.streaming_content)
            except Exception:  # noqa: BLE001 -- whatever escapes the handler is a finding.
                response, status = None, 599
                self.take_exception()
            self.seconds.append(time.perf_counter() - start)
            transaction.set_rollback(True)
        self.statuses[status] += 1
        if status >= 500:
            key = self.error or f"{status} {method} {urlsplit(url).path}"
            body = options.get("data", b"")
            self.failures.setdefault(key, f"{self.who}: {method} {url[:300]} {body[:300]!r}")
        if len(self.seconds) % 50 == 0:
            site_cache.clear()
        return response

    # -- drawing ------------------------------------------------------------------------------------------------------------

    def value(self) -> str:
        return self.random.choice(TEXTS)

    def address(self, address: str) -> str:
        """Return a URL with one of its parts replaced, or with hostile parameters."""
        parts = urlsplit(address)
        path, query = parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))
        if self.random.random() < 0.25:
            pieces = path.split("/")
            number = self.random.randrange(len(pieces))
            pieces[number] = quote(self.value()[:3000], safe="", errors="surrogatepass")
            path = "/".join(pieces)
        for _ in range(self.random.randrange(1, 4)):
            name = self.random.choice([*query, *names_in_source()])
            query[name] = self.value()[:6000]
        return f"{path}?{urlencode(query, errors='surrogatepass')}"

    def mutate(self, fields: dict[str, Any]) -> dict[str, Any]:
        data = dict(fields)
        for _ in range(self.random.randrange(1, 5)):
            name = self.random.choice([*data, *names_in_source()] if self.random.random() < 0.2 else [*data, "x"])
            draw = self.random.random()
            if draw < 0.1:
                data.pop(name, None)
            elif draw < 0.2:
                data[name] = [self.value(), self.value()]
            elif isinstance(data.get(name), SimpleUploadedFile):
                data[name] = SimpleUploadedFile(
                    f"x.{self.random.choice(['png', 'pdf', 'svg', 'zip', 'csv'])}", self.random.choice(FILES)
                )
            else:
                data[name] = self.value()
        return data

    def body(self, fields: dict[str, Any]) -> tuple[bytes, str]:
        """Return a body and its content type: a form as browsers send it, a form in a foreign encoding, or JSON."""
        from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart  # noqa: PLC0415 -- a detail of Django's client.

        draw = self.random.random()
        data = self.mutate(fields)
        if draw < 0.05:
            values = {name: self.random.choice([value, [value], {"x": value}, 10**30, None]) for name, value in data.items()}
            return json.dumps(values, default=str).encode(), "application/json"
        if draw < 0.08:
            return self.random.choice([b"\xff\xfe", b"{", b"[]", b"\x00" * 10, b"a" * 100_000]), self.random.choice(
                ["application/json", "text/plain", "application/xml", "multipart/form-data; boundary=x", "bogus"]
            )
        if draw < 0.12 or any(isinstance(value, SimpleUploadedFile) for value in data.values()):
            clean = {
                name: [text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for text in value]
                if isinstance(value, list)
                else value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
                if isinstance(value, str)
                else value
                for name, value in data.items()
            }
            return encode_multipart(BOUNDARY, clean), MULTIPART_CONTENT
        kind = "application/x-www-form-urlencoded"
        if draw < 0.16:
            kind += f"; charset={self.random.choice(CHARSETS)}"
        return urlencode(data, doseq=True, errors="surrogatepass").encode(), kind

    # -- rounds -------------------------------------------------------------------------------------------------------------

    def run(self, addresses: list[str], number: int) -> None:
        """Send this many requests: hostile URLs, and the forms in the responses with hostile fields."""
        addresses = [address for address in addresses if not SKIPPED.search(address)]
        self.random.shuffle(addresses)
        while len(self.seconds) < number:
            for address in addresses:
                if len(self.seconds) >= number:
                    break
                self.round(address)

    def round(self, address: str) -> None:
        draw = self.random.random()
        if draw < 0.45:
            self.send("GET", self.address(address))
        elif draw < 0.55:
            body, kind = self.body({})
            self.send(
                self.random.choice(["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]), address, data=body, content_type=kind
            )
        else:
            response = self.send("GET", address)
            for target, method, fields in self.random.sample(found := forms_of(response, address), min(2, len(found))):
                if SKIPPED.search(target):
                    continue
                if method == "get":
                    self.send("GET", f"{target}?{urlencode(self.mutate(fields), doseq=True, errors='surrogatepass')}")
                    continue
                for _ in range(2):
                    body, kind = self.body(fields)
                    self.send("POST", target, data=body, content_type=kind)


def forms_of(response: Any, address: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the forms of a page: target, method and fields."""
    if response is None or response.status_code != 200 or response.streaming or b"<form" not in response.content:
        return []
    found = []
    try:
        page = lxml.html.fromstring(response.content)
    except (ValueError, lxml.etree.ParserError):
        return []
    for form in page.iter("form"):
        target = (form.get("action") or address).split("#")[0] or address
        if target.startswith("/") and not target.startswith("//"):
            found.append((target, (form.get("method") or "get").lower(), dict(fields_of(form))))
    return found


def fields_of(form: Any) -> Iterator[tuple[str, Any]]:
    for field in form.iter("input", "select", "textarea"):
        name = field.get("name")
        if not name or name == "csrfmiddlewaretoken":
            continue
        if field.get("type") == "file":
            yield name, SimpleUploadedFile("x.png", b"\x89PNG\r\n\x1a\n broken")
        elif field.tag == "select":
            yield (
                name,
                next((option.get("value", "") for option in field.iter("option") if option.get("selected") is not None), ""),
            )
        elif field.get("type") in {"checkbox", "radio"}:
            if field.get("checked") is not None:
                yield name, field.get("value", "on")
        else:
            yield name, field.get("value") or (field.text or "" if field.tag == "textarea" else "")
    # Field that Wagtail's script adds for an empty StreamField.
    for block in form.xpath(".//*[@data-block]"):
        yield f"{block.get('id')}-count", "1"
        yield f"{block.get('id')}-0-type", "text"
        yield f"{block.get('id')}-0-order", "0"
        yield f"{block.get('id')}-0-deleted", ""
        yield f"{block.get('id')}-0-value", "null"


def quantile(seconds: list[float], share: float) -> float:
    return sorted(seconds)[int(len(seconds) * share)] if seconds else 0.0
