"""Small real servers on loopback for tests of what the site sends."""

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from django.db import connection


def database_url(*, past_pooler: bool = False) -> str:
    """The address of the test database, for a process of its own. The test must commit what that one shall see.

    `past_pooler` is for the engine's own tools, which leave settings behind in a session: tests/pooled.py.
    """
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    if past_pooler and (server := os.environ.get("PAST_POOLER")):
        return f"{server}/{at['NAME']}"
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


class RecordingServer:
    """Writes down each request; answers with `status` and `body` after `delay` seconds."""

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
