"""Small loopback servers for tests of outgoing requests."""

import json
import operator
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import urlsplit

from django.db import connection


def database_url(name: str = "", *, past_pooler: bool = False) -> str:
    """Return the URL of the test database for another process, which only sees committed rows.

    `name` selects another database on the same server. `past_pooler` bypasses the pooler of tests/pooled.py, for database tools
    that change session settings.
    """
    at = connection.settings_dict
    name = name or at["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    if past_pooler and (server := os.environ.get("PAST_POOLER")):
        return f"{server}/{name}"
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{name}"


class RecordingServer:
    """Server that records each request and responds with `status` and `body` after `delay` seconds."""

    def __init__(self, *, status: int = 200, body: bytes = b"{}", delay: float = 0):
        self.status, self.body, self.delay = status, body, delay
        self.headers: dict[str, str] = {}
        self.requests: list[SimpleNamespace] = []

    def __enter__(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                outer.requests.append(
                    SimpleNamespace(method=self.command, path=self.path, headers=dict(self.headers), body=self.rfile.read(length))
                )
                time.sleep(outer.delay)
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.body)))
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(outer.body)

            do_GET = do_HEAD = do_POST = do_PURGE = answer  # noqa: N815 -- the parent looks for these names.

            def log_message(self, *args):
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


DONE = (200, {"acknowledged": True})


class SearchServer:
    """Server that implements the part of Elasticsearch that the site uses: indices, aliases, bulk upload and queries."""

    def __init__(self):
        self.indices: dict[str, dict] = {}
        self.mappings: dict[str, dict] = {}
        self.aliases: dict[str, str] = {}

    def __enter__(self):
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                status, found = outer.answer(self.command, urlsplit(self.path).path.strip("/").split("/"), body)
                sent = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=8")
                self.send_header("X-Elastic-Product", "Elasticsearch")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(sent)

            do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 -- the parent looks for these names.

            def log_message(self, *args):
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()

    def documents(self, name: str) -> dict:
        return self.indices[self.aliases.get(name, name)]

    def keep(self, name: str, key: str, document: dict) -> None:
        """Store a document, with the columns filled by `copy_to` in its mapping."""
        mapping = self.mappings.get(self.aliases.get(name, name), {})
        for column, value in list(document.items()):
            for other in listed(mapping.get(column, {}).get("copy_to", [])):
                document[other] = [*document.get(other, []), *listed(value)]
        self.documents(name)[key] = document

    def answer(self, method: str, path: list[str], body: str) -> tuple[int, dict]:
        name, act = path[0], path[1] if len(path) > 1 else ""
        if "_bulk" in (name, act):
            return self.bulk(name, body)
        if act == "_alias":
            return self.alias(method, path)
        if not act:
            return self.index(method, name)
        if name not in {*self.indices, *self.aliases}:
            return 404, {}
        if act in {"_search", "_count"}:
            return self.search(name, json.loads(body))
        if act == "_mapping":
            self.mappings.setdefault(self.aliases.get(name, name), {}).update(json.loads(body)["properties"])
        elif act == "_doc" and method == "DELETE":
            self.documents(name).pop(path[2], None)
        elif act == "_doc":
            self.keep(name, path[2], json.loads(body))
        return DONE

    def bulk(self, name: str, body: str) -> tuple[int, dict]:
        lines = [json.loads(line) for line in body.splitlines()]
        for head, document in zip(lines[::2], lines[1::2], strict=True):
            self.keep(head["index"].get("_index", name), head["index"]["_id"], document)
        return 200, {"errors": False, "items": [{"index": {"status": 201, **head["index"]}} for head in lines[::2]]}

    def index(self, method: str, name: str) -> tuple[int, dict]:
        if method == "PUT":
            self.indices[name] = {}
        elif method == "DELETE":
            self.indices.pop(name, None)
        elif name not in {*self.indices, *self.aliases}:
            return 404, {}
        return DONE

    def search(self, name: str, asked: dict) -> tuple[int, dict]:
        hits = [(key, document) for key, document in self.documents(name).items() if matches(asked["query"], document)]
        fields = [{"_id": key, "_score": 1.0, "fields": {"pk": [document["pk"]]}} for key, document in hits]
        counts = {key: {"buckets": []} for key in asked.get("aggregations", {})}
        return 200, {"count": len(hits), "hits": {"hits": fields[: asked.get("size", 10)]}, "aggregations": counts}

    def alias(self, method: str, path: list[str]) -> tuple[int, dict]:
        if path[0] == "_alias":
            target = self.aliases.get(path[2] if len(path) > 2 else path[1])
            return (200, {target: {"aliases": {}}}) if target else (404, {})
        if method == "PUT":
            self.aliases[path[2]] = path[0]
        return DONE


def matches(query: dict, document: dict) -> bool:
    """Return whether a document matches a query, for the types of queries that the site sends."""
    (kind, asked), *_ = query.items()
    if kind == "bool":
        return (
            all(matches(part, document) for key in ("must", "filter") for part in listed(asked.get(key, [])))
            and not any(matches(part, document) for part in listed(asked.get("must_not", [])))
            and (not asked.get("should") or any(matches(part, document) for part in listed(asked["should"])))
        )
    if kind == "multi_match":
        columns = [name.split("^")[0] for name in asked["fields"]]
        return all(any(word in text_of(document, name) for name in columns) for word in asked["query"].lower().split())
    return kind == "match_all" or matches_column(kind, *next(iter(asked.items())), document)


def matches_column(kind: str, column: str, wanted, document: dict) -> bool:
    value = document.get(column)
    if kind == "match" and isinstance(wanted, dict):
        return all(word in text_of(document, column) for word in wanted["query"].lower().split())
    if kind == "prefix":
        return str(value).startswith(wanted)
    if kind == "range":
        tests = {"gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le}
        return value is not None and all(tests[key](value, limit) for key, limit in wanted.items())
    return value in wanted if kind == "terms" else wanted in listed(value)


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def text_of(document: dict, column: str) -> str:
    return " ".join(str(part) for part in listed(document.get(column, ""))).lower()
