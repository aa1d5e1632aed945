from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from . import second_factor
from .security import record


class ClientAddressMiddleware:
    """Set REMOTE_ADDR to the client address behind the proxies of this deployment.

    With EDGE_SECRET, the edge names the client in X-Client-Address and proves itself with the secret in X-Edge-Secret.
    Otherwise X-Forwarded-For is read from the right, skipping proxies in the networks of TRUSTED_PROXIES, each of which appends
    the address of its client. Entries further left may be forged by the client and are ignored.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = self.client_address(request)
        return self.get_response(request)

    @staticmethod
    def client_address(request: HttpRequest) -> str:
        address = request.META.get("REMOTE_ADDR", "")
        secret = request.META.pop("HTTP_X_EDGE_SECRET", "")
        named = parse_address(request.META.get("HTTP_X_CLIENT_ADDRESS", ""))
        if settings.EDGE_SECRET and named and constant_time_compare(secret, settings.EDGE_SECRET):
            return str(named)
        networks = parse_networks(tuple(settings.TRUSTED_PROXIES))
        entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        while entries and is_in(address, networks):
            entry = parse_address(entries.pop())
            if entry is None:
                break
            address = str(entry)
        return address


@lru_cache
def parse_networks(texts: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(text) for text in texts]


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address of a header, with or without a port, or None for other text."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_in(address: str, networks: list[IPv4Network | IPv6Network]) -> bool:
    parsed = parse_address(address)
    return parsed is not None and any(parsed in network for network in networks if network.version == parsed.version)


class AccountHintMiddleware:
    """Set a cookie that only indicates that the visitor is signed in.

    Pages are the same for all visitors; their script looks for this cookie and fetches the account menu only where it is set.
    """

    COOKIE = "account"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if session is None:
            return response
        if session.value:
            response.set_cookie(
                self.COOKIE, "1", max_age=session["max-age"] or None, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
            )
        else:
            response.delete_cookie(self.COOKIE, samesite="Lax")
        return response


class KeyInURLMiddleware:
    """Refuse an API v3 key in the URL, because logs, histories and caches store URLs."""

    NAMES = frozenset({"api_key", "apikey", "x-api-key", "access_token", "authorization"})
    BEGINNINGS = ("sk_", "wagtail_")
    # The part of a key that its owner's list shows.
    SHOWN = 16

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/v3/"):
            for name, text in request.GET.items():
                if name.lower() in self.NAMES or str(text).startswith(self.BEGINNINGS):
                    return self.refuse(request, str(text))
        return self.get_response(request)

    def refuse(self, request: HttpRequest, text: str) -> JsonResponse:
        record("key_in_address", request=request, key=text[: self.SHOWN] if text.startswith(self.BEGINNINGS) else "")
        detail = (
            "Do not send the key in the URL, because logs store URLs. Send it in the X-API-Key or Authorization header. "
            "If you sent a real key, revoke it and create a new one."
        )
        problem = {"type": "about:blank", "title": "Unauthorized", "status": HTTPStatus.UNAUTHORIZED.value, "detail": detail}
        response = JsonResponse(problem, status=HTTPStatus.UNAUTHORIZED, content_type="application/problem+json")
        response["Cache-Control"] = "no-store"
        return response


class EndedSessionMiddleware:
    """Tell an admin script that its session has ended, in the format of messages that Wagtail's autosave shows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method != "POST" or not request.path.startswith("/admin/") or request.accepts("text/html"):
            return None
        if request.user.is_authenticated and not second_factor.is_missing_for_admin(request):
            return None
        return JsonResponse(ended_session(), status=HTTPStatus.UNAUTHORIZED)


def ended_session() -> dict[str, Any]:
    """Return the body of the response to a script whose session has ended. Wagtail shows messages of this `error_code`."""
    message = _("Not saved: your session has ended. Sign in to save.")
    return {"success": False, "error_code": "validation_error", "error_message": message, "is_signed_out": True}


class SecondFactorMiddleware:
    """Require a second factor for the admin, for API keys, and for changes to sign-in methods."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        if not second_factor.is_required(request) or second_factor.is_proved(request):
            return None
        messages.warning(request, _("This page requires two-factor authentication. Use a passkey or an authenticator app."))
        return HttpResponseRedirect(second_factor.proof_url(request))
