"""Middleware for request IDs, hostile input and the content security policy."""

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Callable
from http import HTTPStatus
from io import BytesIO
from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, RequestDataTooBig, ValidationError
from django.db.models import ProtectedError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    QueryDict,
    UnreadablePostError,
)
from django.http.request import RawPostDataException
from django.urls import get_resolver
from django.utils.datastructures import MultiValueDictKeyError
from django.utils.translation import gettext_lazy as _
from opentelemetry import trace

from . import logs, text, tracing

logger = logging.getLogger(__name__)
# Numbers that Wagtail's blocks read from a form without a check, and the most entries that a block may have.
BLOCK_COUNT = re.compile(r"-count$")
BLOCK_ORDER = re.compile(r"(-\d+)-order$")
MAX_BLOCKS = 2_000
# Error messages from Django for a lookup by text instead of a number, and of Python for a JSON number with too many digits.
NO_NUMBER = re.compile(r"Field '\w+' expected a number but got |Exceeds the limit \(\d+ digits\)")
# Exceptions that these libraries do not catch. Raised by code of this project, they are bugs and server errors.
UNCAUGHT = (MultiValueDictKeyError, ValidationError, IncorrectLookupParameters, ValueError, ProtectedError, AttributeError)
# A chooser without a creation form, whose URL still accepts one.
NO_FORM = "'NoneType' object has no attribute 'is_valid'"
LIBRARIES = {"wagtail", "wagtail_modeladmin", "modelcluster", "allauth"}
FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}


class RequestIDMiddleware:
    """Assign an ID to each request, and add it to the log and the response (`cms.platform.tracing`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = tracing.id_of(request)
        token = logs.request_id.set(request_id)
        start = time.perf_counter()
        try:
            trace.get_current_span().set_attribute("request.id", request_id)
            response = self.get_response(request)
            tracing.log_request(request, response.status_code, time.perf_counter() - start)
        finally:
            logs.request_id.reset(token)
        response["X-Request-ID"] = request_id
        return response


class InputMiddleware:
    """Refuse paths with control characters, and clean the query string, the form fields and the JSON body of a request.

    A form or body that a browser would never send, such as one without a field or with a count that is not a number, gets a 400.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if text.FORBIDDEN.search(request.path_info) or any(blank in request.path_info for blank in "\t\r\n\x85"):
            raise BadRequest("The path contains control characters.")
        request.GET = cleaned(request.GET)  # type: ignore[assignment]  # A mutable QueryDict is made immutable again.
        try:
            if request.method == "POST":
                request.POST = cleaned(request.POST)  # type: ignore[assignment]  # The same.
                refuse_bad_counts(request.POST)
            refuse_bad_target(request)
            if request.META.get("CONTENT_LENGTH") and request.content_type not in FORM_TYPES:
                clean_body(request)
        except UnreadablePostError as error:
            raise BadRequest("The request is incomplete.") from error
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and "text/html" in request.headers.get("Accept", ""):
            return explain_not_allowed(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer_library_error(request, exception)


def explain_not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return a page in place of an empty response, for people who open or reload the URL of a form's action."""
    page = get_resolver().resolve_error_handler(HTTPStatus.METHOD_NOT_ALLOWED)(request)
    page["Allow"] = response["Allow"]
    return page


def answer_library_error(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """Convert errors from Wagtail, modeladmin and Django's widgets for requests that no page of the site sends.

    Return None for an error of the site. Raises BadRequest and Http404.
    """
    if isinstance(exception, UnreadablePostError):
        raise BadRequest("The request is incomplete.") from exception
    if not isinstance(exception, UNCAUGHT) or not is_raised_by_library(exception):
        return None
    logger.warning("A library did not expect this request: %s", type(exception).__name__, exc_info=exception)
    if isinstance(exception, IncorrectLookupParameters):
        # For an old or mistyped URL, showing the whole list is better than an error.
        return HttpResponseRedirect(request.path)
    if isinstance(exception, ProtectedError) and request.path.startswith("/admin/"):
        rows = ", ".join(sorted({str(row._meta.verbose_name) for row in exception.protected_objects}))
        messages.error(
            request,
            _("This cannot be deleted because other records use it (%(rows)s). Delete or change them first.") % {"rows": rows},
        )
        return HttpResponseRedirect(request.path)
    if error := as_client_error(exception, is_post=request.method == "POST"):
        raise error from exception
    return None


def as_client_error(exception: Exception, *, is_post: bool) -> BadRequest | Http404 | None:
    """Return the exception that a library should have raised for an invalid request, or None for other errors."""
    match exception:
        case MultiValueDictKeyError():
            return BadRequest("The request is missing a field.")
        case ValidationError() if is_post:
            # modelcluster does not catch this error for the IDs of inline rows.
            return BadRequest("; ".join(exception.messages))
        case AttributeError() if str(exception) == NO_FORM:
            return Http404("Nothing can be created here.")
        case json.JSONDecodeError():
            return BadRequest("A field does not hold JSON.")
        case ValueError() if NO_NUMBER.match(str(exception)):
            return BadRequest(str(exception)) if is_post else Http404(str(exception))
    return None


def is_raised_by_library(exception: Exception) -> bool:
    """Return whether the innermost code outside Django and the standard library is not this project’s."""
    frames = [frame for frame, _ in traceback.walk_tb(exception.__traceback__)]
    packages = [str(frame.f_globals.get("__name__", "")).partition(".")[0] for frame in frames]
    outside = [package for package in packages if package != "django" and package not in sys.stdlib_module_names]
    return not outside or outside[-1] in LIBRARIES


def cleaned(data: QueryDict) -> QueryDict:
    """Return form data with clean names and values; the same object if nothing was removed."""
    changed = None
    for name, values in data.lists():
        new = [text.clean_json(value) for value in values]
        if new != values or text.FORBIDDEN.search(name):
            if changed is None:
                changed = data.copy()
            changed.pop(name)
            changed.setlist(text.clean_text(name), new)
    if changed is None:
        return data
    changed._mutable = False
    return changed


def refuse_bad_target(request: HttpRequest) -> None:
    """Raise BadRequest for a `next` parameter that is not a path, which Django would treat as the name of a URL."""
    for target in (request.GET.get("next"), request.POST.get("next")):
        if target and "/" not in target:
            raise BadRequest("The “next” parameter must be a path.")


def refuse_bad_counts(data: QueryDict) -> None:
    """Raise BadRequest for a count or position of blocks that is not a valid number."""
    for name, value in data.items():
        order = BLOCK_ORDER.search(name)
        is_number_of_blocks = BLOCK_COUNT.search(name) or (order and f"{name.removesuffix('-order')}-deleted" in data)
        if is_number_of_blocks and text.parse_int(value, maximum=MAX_BLOCKS) is None:
            raise BadRequest(f"{name[:100]} is not a number from 0 to {MAX_BLOCKS}.")


def clean_body(request: HttpRequest) -> None:
    """Remove forbidden characters from a JSON body."""
    try:
        body = request.body.decode()
    except (UnicodeDecodeError, RawPostDataException, RequestDataTooBig):
        # The API that reads the body reports that it is not JSON or too large.
        return
    new = text.clean_json(body)
    if new != body:
        request._body = new.encode()
        request._stream = BytesIO(request._body)  # type: ignore[attr-defined]  # What `read` and the parsers of APIs use.
        request.META["CONTENT_LENGTH"] = str(len(request._body))


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """Set the strict content security policy of the site. The admin has its own."""

    def get_policy_parts(self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False) -> Any:  # noqa: FBT001, FBT002 -- the parent's signature.
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith("/admin/"):
            parts.replace = settings.ADMIN_CONTENT_SECURITY_POLICY
        return parts
