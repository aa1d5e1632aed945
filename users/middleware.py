from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect, JsonResponse

from . import second_factor
from .security import record


class ClientAddressMiddleware:
    """Put the address of the client where everything looks for it, when trusted proxies stand in front.

    Each of them adds to X-Forwarded-For the address that asked it. What the client itself has written stands further left.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        addresses = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
        if settings.TRUSTED_PROXIES and len(addresses) >= settings.TRUSTED_PROXIES:
            request.META["REMOTE_ADDR"] = addresses[-settings.TRUSTED_PROXIES]
        return self.get_response(request)


class AccountHintMiddleware:
    """Keep a cookie that says no more than "somebody is signed in".

    Pages are the same for everybody; their script looks for this cookie and fetches the account menu only where it is set.
    """

    COOKIE = "account"

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
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
    """Refuse a key of API v3 that stands in the address: addresses are kept in logs, histories and caches."""

    NAMES = frozenset({"api_key", "apikey", "x-api-key", "access_token", "authorization"})
    BEGINNINGS = ("sk_", "wagtail_")
    # As much of a key as its owner's list shows.
    SHOWN = 16

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        if request.path.startswith("/api/v3/"):
            for name, text in request.GET.items():
                if name.lower() in self.NAMES or text.startswith(self.BEGINNINGS):
                    return self.refuse(request, text)
        return self.get_response(request)

    def refuse(self, request: HttpRequest, text: str) -> JsonResponse:
        record("key_in_address", request=request, key=text[: self.SHOWN] if text.startswith(self.BEGINNINGS) else "")
        detail = (
            "A key must not stand in the address, where logs keep it. Send it in the header X-API-Key or Authorization. "
            "If this one is real, revoke it and make another."
        )
        problem = {"type": "about:blank", "title": "Unauthorized", "status": HTTPStatus.UNAUTHORIZED.value, "detail": detail}
        response = JsonResponse(problem, status=HTTPStatus.UNAUTHORIZED, content_type="application/problem+json")
        response["Cache-Control"] = "no-store"
        return response


class SecondFactorMiddleware:
    """Ask for a second factor before the admin, before keys of programs, and before changes of the ways to sign in."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs):
        if not second_factor.is_required(request) or second_factor.is_proved(request):
            return None
        messages.warning(request, "This page needs your second factor: a passkey, or an app that shows codes.")
        return HttpResponseRedirect(second_factor.proof_url(request))
