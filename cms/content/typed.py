"""Text that a person entered into a form that was not saved, so that an error page can show it again."""

import re
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

# Fields whose values are never shown again.
SECRET_FIELD = re.compile(r"passw|secret|token|credential|^code$|^key$|^csrfmiddlewaretoken$", re.IGNORECASE)
# Fields that scripts and the site write, not people.
TECHNICAL_FIELD = re.compile(r"^(opened|website_two|next|overwrite_\w+|loaded_\w+)$|_FORMS$|^action-|-(id|ORDER|DELETE)$")


def is_from_this_site(request: HttpRequest) -> bool:
    own_origin = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") == own_origin and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def typed_fields(request: HttpRequest) -> list[tuple[str, Any]]:
    """Return the names and values of a form, without secrets."""
    return [(name, text) for name, texts in request.POST.lists() if not SECRET_FIELD.search(name) for text in texts]


def typed_texts(fields: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return the text and choices that a person entered, with labels derived from the field names."""
    shown = ((name, text) for name, text in fields if text and not TECHNICAL_FIELD.search(name))
    return [(name.rpartition("-")[2].replace("_", " ").capitalize(), text) for name, text in shown]
