"""Shared parts of the API v3 routers: authentication, pagination and error responses."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from http import HTTPStatus
from math import ceil
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, RequestDataTooBig, ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Field, NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled
from ninja.errors import ValidationError as NinjaValidationError
from rest_framework.permissions import SAFE_METHODS
from wagtail.api.v3.auth import AllowAnonymous, BearerTokenAuth
from wagtail.api.v3.errors import problem_response
from wagtail.log_actions import LogContext
from wagtail.models import APIToken
from wagtail.models import Page as TreePage

from cms.platform.text import parse_int
from users.models import KeyRefusedError, ServiceKey
from users.security import record
from users.tokens import reason_to_refuse

from .base import WriteThrottle

KEY_HEADER = "X-API-Key"
HIGHEST_OFFSET = 10**6
UNPROCESSABLE = 422


class KeyUnknown(Exception):  # noqa: N818 -- named for what is answered: 401 with the reason.
    pass


class TokenOrKey(BearerTokenAuth):
    """Authenticate the owner of a bearer token, or of a service key with the scope: `X-API-Key: sk_prod_…`."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        text = request.headers.get(KEY_HEADER)
        if text is None:
            return super().__call__(request)
        try:
            key = ServiceKey.of(text)
        except KeyRefusedError as error:
            record("key_refused", request=request, reason=str(error))
            raise KeyUnknown(str(error)) from error
        if self.scope not in key.scopes:
            record("key_refused", request=request, user=key.owner, key=key.prefix, reason="scope")
            raise HttpError(HTTPStatus.FORBIDDEN, f"This key lacks the scope “{self.scope}”.")
        request.user = key.owner
        return key


class Reader(TokenOrKey):
    """Authenticate the owner of a token or key, or an anonymous client. An invalid token is rejected, not ignored."""

    def __init__(self, scope: str = ServiceKey.Scope.READ) -> None:
        super().__init__(scope)

    def __call__(self, request: HttpRequest) -> Any:
        if "Authorization" not in request.headers and KEY_HEADER not in request.headers:
            return AllowAnonymous()(request)
        return super().__call__(request)


class Writer(TokenOrKey):
    """Authenticate the owner of a token or key, and apply the write limit that all three APIs share."""

    def __call__(self, request: HttpRequest) -> Any:
        known = super().__call__(request)
        throttle = WriteThrottle()
        if known and not throttle.allow_request(request):
            raise Throttled(wait=ceil(throttle.wait() or 1))
        return known


class Page(Schema):
    """The parameters of every list. Lists add their filters to them."""

    limit: int = Field(20, ge=1, le=100, description="Number of rows to return, at most 100.")
    offset: int = Field(0, ge=0, le=HIGHEST_OFFSET, description="Number of rows to skip.")


def page(request: HttpRequest, rows: Any, parameters: Page, describe: Callable[[Any], dict]) -> dict:
    """Return one page of a queryset or list, with the number of all rows."""
    count = len(rows) if isinstance(rows, list) else rows.count()
    return {"count": count, "items": [describe(row) for row in rows[parameters.offset : parameters.offset + parameters.limit]]}


def refuse_unknown(request: HttpRequest, parameters: Schema) -> None:
    """Refuse unknown query parameters, which would otherwise return all rows."""
    known = list(type(parameters).model_fields)
    for name in request.GET:
        if name not in known:
            raise bad_parameter(name, f"Unknown parameter “{name}”. Available parameters: {', '.join(known)}.")


def bad_parameter(name: str, sentence: str) -> NinjaValidationError:
    return NinjaValidationError([{"type": "parameter", "loc": ["query", name], "msg": sentence}])


@contextmanager
def refusals() -> Iterator[None]:
    """Turn ValidationError of models into a 422 response with its messages."""
    try:
        yield
    except ValidationError as error:
        by_field = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        raise NinjaValidationError(
            [
                {"type": "rule", "loc": ["body"] if field == NON_FIELD_ERRORS else ["body", field], "msg": message}
                for field, messages in by_field.items()
                for message in messages
            ]
        ) from error


def register_sentences(api: NinjaAPI) -> None:
    """Describe the errors of a rejected request in `detail` as sentences."""

    @api.exception_handler(NinjaValidationError)
    def refused(request: HttpRequest, exc: Any) -> HttpResponse:
        sentences = [": ".join([*map(str, error["loc"][1:]), error["msg"].rstrip(".") + "."]) for error in exc.errors]
        return problem_response(status=UNPROCESSABLE, detail=" ".join(sentences), errors=exc.errors)

    @api.exception_handler(AuthenticationError)
    def unknown(request: HttpRequest, exc: Any) -> HttpResponse:
        response = problem_response(
            status=exc.status_code, detail="Send a valid token, for example “Authorization: Bearer wagtail_…”."
        )
        response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(KeyUnknown)
    def refused_key(request: HttpRequest, exc: Any) -> HttpResponse:
        return problem_response(status=HTTPStatus.UNAUTHORIZED, detail=str(exc))

    @api.exception_handler(RequestDataTooBig)
    def too_large(request: HttpRequest, exc: Any) -> HttpResponse:
        return problem_response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail="The request body is too large.")

    @api.exception_handler(Throttled)
    def throttled(request: HttpRequest, exc: Any) -> HttpResponse:
        response = problem_response(status=exc.status_code, detail=f"Too many writes. Try again in {exc.wait} seconds.")
        response["Retry-After"] = str(exc.wait)
        return response


def refuse_high_offsets(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse offsets that no database accepts (for `NinjaAPI.add_decorator`, also on Wagtail's own lists)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        offset = request.GET.get("offset", "")
        if offset.isdecimal() and parse_int(offset, maximum=HIGHEST_OFFSET) is None:
            return problem_response(status=UNPROCESSABLE, detail=f"offset: No list has more than {HIGHEST_OFFSET} rows.")
        return view(request, *args, **kwargs)

    return guarded


def refuse_ended_tokens(view: Callable[..., Any]) -> Callable[..., Any]:
    """Apply the rules of service keys to Wagtail's API tokens (for `NinjaAPI.add_decorator`)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            tokens = APIToken.objects.select_related("user")
            token = tokens.filter(key_hash__in=APIToken.candidate_key_hashes(text.strip())).first()
            if token and (reason := reason_to_refuse(token)):
                record("key_refused", request=request, user=token.user, key=token.prefix, reason=reason)
                return problem_response(status=HTTPStatus.UNAUTHORIZED, detail=reason)
        return view(request, *args, **kwargs)

    return guarded


def record_acting_user(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Record the acting user in Wagtail's log context, as the admin does (for `NinjaAPI.add_decorator`)."""

    @wraps(operation)
    def recorded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with LogContext(user=request.user if request.user.is_authenticated else None):
            return operation(request, *args, **kwargs)

    return recorded


def refuse_root_page(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse actions on the root of the page tree, which Wagtail's API does not handle (for `NinjaAPI.add_decorator`)."""

    @wraps(operation)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        is_write = request.method not in SAFE_METHODS
        if is_write and TreePage.objects.filter(pk=kwargs.get("page_id"), depth=1).exists():
            return problem_response(status=HTTPStatus.FORBIDDEN, detail="The root of the page tree cannot be changed or copied.")
        return operation(request, *args, **kwargs)

    return guarded


def after(finish: Callable[[HttpRequest, HttpResponse], None]) -> Callable[..., Any]:
    """Return a decorator for `ninja.decorate_view` that changes the response."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def finished(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            response = view(request, *args, **kwargs)
            finish(request, response)
            return response

        return finished

    return decorate
