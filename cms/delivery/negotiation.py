"""Formats of a page that a client can request in the Accept header: HTML and Markdown.

The caches in front replace the header by one of the two values, with the same rule (`deploy/varnish/default.vcl`,
`deploy/fastly/recv.vcl`), so that they store one copy of each type.
"""

import re

from django.http import HttpRequest

HTML, MARKDOWN = "text/html", "text/markdown"
# Markdown is named, and at most as good as something else. Browsers never name it.
WANTS_MARKDOWN = re.compile(r"(?i)(^|,)\s*text/markdown\s*(;\s*q=1(\.0*)?\s*)?(,|$)")
# Paths that read the header themselves.
OTHER_FORMATS = ("/api/", "/admin/")


def wants_markdown(request: HttpRequest) -> bool:
    return WANTS_MARKDOWN.search(request.headers.get("Accept", "")) is not None


def normalize_accept(request: HttpRequest) -> None:
    """Replace the Accept header, which differs from browser to browser, with the requested content type."""
    if not request.path.startswith(OTHER_FORMATS):
        request.META["HTTP_ACCEPT"] = MARKDOWN if wants_markdown(request) else HTML
