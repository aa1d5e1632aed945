"""The Python console in the browser: Pyodide in a web worker, from files that `deploy/console.py` installs."""

import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from cms.content.models.settings import SiteSettings

# File of the package -> type. Its names are fixed: the loader asks for them.
TYPES = {
    "pyodide-lock.json": "application/json",
    "pyodide.asm.mjs": "text/javascript",
    "pyodide.asm.wasm": "application/wasm",
    "pyodide.mjs": "text/javascript",
    "python_stdlib.zip": "application/zip",
}


class Console(NamedTuple):
    folder: Path
    # Versions of Pyodide and of the Python in it.
    version: str
    python: str
    # Bytes that a browser loads, compressed.
    size: int


def placed_console() -> Console | None:
    """Return the console of this installation, or None if its files are not installed."""
    return read_console(Path(settings.CONSOLE_ROOT))


@lru_cache(maxsize=4)
def read_console(folder: Path) -> Console | None:
    """Return the console in a folder, read once for each process."""
    package, lock = folder / "package.json", folder / "pyodide-lock.json"
    copies = [folder / f"{name}.gz" for name in TYPES]
    if not all(path.is_file() for path in (package, lock, *copies)):
        return None
    version, python = json.loads(package.read_text())["version"], json.loads(lock.read_text())["info"]["python"]
    return Console(folder, version, python, sum(path.stat().st_size for path in copies))


@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """Show the Python shell. If it is not installed, redirect to the external one in the site settings, or to the front page."""
    if placed_console() is None:
        return redirect(SiteSettings.for_request(request).shell_url or "/")
    response = render(request, "cms/shell.html")
    patch_cache_control(response, public=True, max_age=60, s_maxage=3600)
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Serve the script of the worker. WebAssembly runs only under the worker's policy, never under that of a page.

    Code in the worker loads nothing but the files of the console, so it cannot send requests with the session of its user.
    """
    console = placed_console()
    if console is None:
        raise Http404
    response = HttpResponse(render_to_string("cms/console_worker.js", {"console": console}), content_type="text/javascript")
    # A source without a scheme has that of the page.
    files = f"{request.get_host()}/shell/{console.version}/"
    response["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {files} 'wasm-unsafe-eval'; connect-src {files}; base-uri 'none'; form-action 'none'"
    )
    # Short, because it names the version.
    patch_cache_control(response, public=True, max_age=60)
    return response


@require_safe
def console_file(request: HttpRequest, version: str, name: str) -> HttpResponseBase:
    """Serve a file of Pyodide, compressed if the browser accepts it. A new version has a new URL."""
    console = placed_console()
    if console is None or version != console.version or name not in TYPES:
        raise Http404
    is_compressed = "gzip" in request.headers.get("Accept-Encoding", "")
    path = console.folder / (f"{name}.gz" if is_compressed else name)
    response = FileResponse(path.open("rb"), filename=name, content_type=TYPES[name])
    if is_compressed:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    patch_cache_control(response, public=True, immutable=True, max_age=31536000)
    return response
