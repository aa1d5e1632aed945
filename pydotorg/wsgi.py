"""WSGI entry point of gunicorn. Keeps threads free for /health while requests wait for a service that is down."""

import os
import re
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.http.request import validate_host
from django.template.loader import get_template
from django.urls import reverse
from django.utils import translation
from django.utils.translation import to_language
from pygments.lexers import get_lexer_by_name

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pydotorg.settings.production")

# Current requests in one process: fewer than the threads of gunicorn.conf.py.
MAX_REQUESTS = 6
# Seconds that a further request waits for one of them to end.
PATIENCE = 0.5
# Templates that few requests need.
STAFF_TEMPLATE = re.compile(r"(^|/)(admin|email)/|^(modeladmin|wagtailadmin|ninja|styleguide)")
# One page of each kind that visitors and programs open most.
FIRST_PAGES = ["/", "/downloads/", "/events/", "/jobs/", "/blogs/", "/success-stories/", "/about/", "/api/v1/downloads/release/"]
PROBES = {"/health", "/_health"}
BUSY = b"All processes of this site are busy. Please try again in a few seconds.\n"


class Gate:
    """Let a limited number of requests into the application, and health probes always.

    A request that finds no room waits for a moment. While all requests inside are stuck, the ones behind it do not wait, so
    that the remaining threads respond to probes at once.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.room = threading.BoundedSemaphore(MAX_REQUESTS)
        self.is_stuck = False

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in PROBES:
            return self.application(environ, start_response)
        if not self.room.acquire(blocking=not self.is_stuck, timeout=None if self.is_stuck else PATIENCE):
            self.is_stuck = True
            headers = [("Content-Type", "text/plain"), ("Retry-After", "5"), ("Cache-Control", "no-store")]
            start_response("503 Service Unavailable", [*headers, ("Content-Length", str(len(BUSY)))])
            return [BUSY]
        try:
            return self.application(environ, start_response)
        finally:
            self.is_stuck = False
            self.room.release()


def preload() -> None:
    """Load what public pages need before gunicorn forks. Otherwise, the first request to each process would take a second."""
    from cms.content.blocks import CodeBlock  # noqa: PLC0415 -- the app registry is ready only now.

    # Reversing any name imports the views and compiles the patterns of all URLs, once for each language. Pages in English
    # name the address of their translations.
    for code in [settings.LANGUAGE_CODE, *(folder.name for folder in (settings.BASE_DIR / "locale").glob("*/"))]:
        with translation.override(to_language(code)):
            reverse("account_login")
    for language, _ in CodeBlock.LANGUAGES:
        get_lexer_by_name(language)
    folder = settings.BASE_DIR / "templates"
    for path in folder.glob("**/*.html"):
        name = path.relative_to(folder).as_posix()
        if not STAFF_TEMPLATE.search(name):
            get_template(name)


def warm_up() -> None:
    """Ask for a few pages before gunicorn forks, so that the first visitors of a process find its queries and lazy values ready.

    A page that fails is logged like any other. The site starts without its database, and then serves what it can.
    """
    base = urlsplit(settings.BASE_URL)
    is_allowed = validate_host(base.hostname, settings.ALLOWED_HOSTS)
    for path in FIRST_PAGES:
        environ: dict[str, Any] = {
            "PATH_INFO": path,
            "HTTP_HOST": base.netloc if is_allowed else settings.ALLOWED_HOSTS[0].lstrip("."),
            "HTTP_USER_AGENT": "pydotorg warm-up",
            "HTTP_X_FORWARDED_PROTO": base.scheme,
            "REMOTE_ADDR": "127.0.0.1",
        }
        setup_testing_defaults(environ)
        response = handler.get_response(WSGIRequest(environ))
        response.close()
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            break
    # A connection cannot be shared by the processes.
    connections.close_all()


handler = get_wsgi_application()
application = Gate(handler)
preload()
