"""Surrogate keys: identify the content of a response for the cache in front of the site.

A response carries `Surrogate-Key` with the key of the site, its section (the first part of the path), and what its view or
templates add with `add_keys`.
"""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

SITE_KEY = "pydotorg-app"
# A path can contain any text. Fastly limits the header to 16 KB.
SECTION = re.compile(r"[\w.-]{1,60}", re.ASCII)


def add_keys(request: HttpRequest, *keys: str) -> None:
    """Add surrogate keys to the response to this request."""
    request.__dict__.setdefault("surrogate_keys", {}).update(dict.fromkeys(keys))


def share(request: HttpRequest, response: HttpResponse, *keys: str, seconds: int) -> HttpResponse:
    """Let caches store a response that is the same for all visitors, unless its cache headers are already set.

    Browsers keep it for a minute at most, our cache for `seconds` or until one of the keys is purged.
    """
    add_keys(request, *keys)
    if not response.has_header("Cache-Control"):
        patch_cache_control(response, public=True, max_age=min(60, seconds), s_maxage=seconds)
    return response


def shared(*keys: str, seconds: int = 300) -> Callable:
    """Mark a view whose response is the same for all visitors: cached by browsers for a minute, by our cache until a purge.

    For a response that also changes with time, `seconds` is its lifetime.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            # Added before the view runs, so that error responses carry them too.
            add_keys(request, *keys)
            return share(request, view(request, *args, **kwargs), seconds=seconds)

        return inner

    return decorate


def key_of_path(path: str) -> list[str]:
    """Return the key of a section: the first part of the path, if it can be a key."""
    section = path.strip("/").split("/")[0]
    return [section] if SECTION.fullmatch(section) else []


def surrogate_key_header(request: HttpRequest, response: HttpResponse) -> str:
    keys = [SITE_KEY, *key_of_path(request.path)]
    keys += getattr(request, "surrogate_keys", {})
    if response.has_header("Surrogate-Key"):
        keys += response["Surrogate-Key"].split()
    return " ".join(dict.fromkeys(keys))
