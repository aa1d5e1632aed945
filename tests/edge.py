"""A real cache in front: Varnish with the deployed configuration."""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.db import DEFAULT_DB_ALIAS, connections
from django.test.testcases import QuietWSGIRequestHandler

from deploy.drills.stage import free_port

VARNISHD = shutil.which("varnishd") or "/usr/sbin/varnishd"
VCL = Path(__file__).resolve().parents[1] / "deploy" / "varnish" / "default.vcl"
TOKEN = "secret"
# The site compresses.
PARAMETER = "http_gzip_support=off"


@contextmanager
def varnish(origin: str, folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Start Varnish in front of a URL, and yield its URL."""
    if not Path(VARNISHD).exists():
        pytest.skip(f"There is no Varnish at {VARNISHD}.")
    # Varnish requires a host name with a single address.
    host, port = origin.removeprefix("http://").replace("localhost", "127.0.0.1").split(":")
    config = folder / "site.vcl"
    config.write_text(VCL.read_text(encoding="utf-8"))
    shutil.copy(VCL.with_name("parameters.vcl"), folder)
    probe = '{.url = "/health"; .interval = 5s; .timeout = 3s; .window = 3; .threshold = 2;}'
    (folder / "backends.vcl").write_text(f'backend default {{.host = "{host}"; .port = "{port}"; .probe = {probe}}}\n')
    address = f"127.0.0.1:{free_port()}"
    server = subprocess.Popen(
        [
            VARNISHD,
            "-j",
            "none",
            "-F",
            "-a",
            address,
            "-f",
            str(config),
            "-n",
            str(folder / "work"),
            "-s",
            "malloc,32m",
            "-p",
            PARAMETER,
        ],
        env=os.environ | (environment or {"CDN_API_TOKEN": TOKEN}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://{address}/health")
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(url: str) -> None:
    for _ in range(100):
        try:
            if requests.get(url, timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    pytest.fail("Varnish did not answer within ten seconds.")


class OneConnectionServer(ThreadedWSGIServer):
    """Server that uses the connection of the test, which waits for the response in the meantime."""

    def _close_connections(self):
        """Keep the connection open, because the test still uses it."""


@contextmanager
def site_of_the_transaction() -> Iterator[str]:
    """Serve the site within the transaction of the test, so that nothing has to be committed and cleaned up."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.inc_thread_sharing()
    server = OneConnectionServer(("127.0.0.1", 0), QuietWSGIRequestHandler, connections_override={connection.alias: connection})
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with pytest.MonkeyPatch.context() as patch:
            # At the start and end of a request, Django closes connections that are in a transaction.
            patch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
            yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        connection.dec_thread_sharing()
