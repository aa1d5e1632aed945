"""Adapter for allauth: limits on wrong passwords, and actions that require the password again."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.utils import filter_users_by_email, get_next_redirect_url
from allauth.core import context
from allauth.core.internal import ratelimit
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from .models import User
from .security import record

APP = "allauth.account"
# How long a sign-in is sufficient for actions that require the password again.
SIGN_IN_SECONDS = 300


def account_key(credentials: dict[str, Any]) -> str:
    """Return the same key for an account, whether the username or an email address was entered."""
    email, username = credentials.get("email") or "", credentials.get("username") or ""
    found = filter_users_by_email(email)[:1] if email else User.objects.filter(username__iexact=username)[:1]
    return f"user-{found[0].pk}" if found else (email or username).lower()


class AccountAdapter(DefaultAccountAdapter):
    """Count wrong passwords per client address, per account and address, and per account from all addresses.

    allauth's own limit for an account is low and counts all addresses together, so that a stranger could lock the owner out.
    Here the low limit (`login_failed`) counts each pair of account and address, so that a stranger blocks only their own
    address. The limit for all addresses together (`login_failed_account`) is too high for a single address to reach. If many
    addresses reach it, the owner can still sign in with a passkey or reset the password, which clears the count and signs them
    in.
    """

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": (
            _("Too many failed sign-in attempts. Wait a few minutes, sign in with a passkey, or reset your password.")
        )
    }

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Return the confirmation link, including the page that the person wanted to open, such as an invitation."""
        url = super().get_email_confirmation_url(request, emailconfirmation)
        place = get_next_redirect_url(request) if request else None
        return f"{url}?{urlencode({'next': place})}" if place else url

    def is_reauthentication_required(self, *, app: str = "") -> bool:
        """Return whether an action requires the password or a second factor again. A recent sign-in with one is sufficient."""
        if not super().is_reauthentication_required(app=app):
            return False
        after = time.time() - SIGN_IN_SECONDS
        request = context.request
        records = get_authentication_records(request, request.user) if request else []
        return not any(record["method"] in {"password", "mfa"} and record["at"] > after for record in records)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
            usage = ratelimit.consume(request, app=APP, action="login_failed_account", key=account_key(credentials))
            if usage is None:
                raise self.validation_error("too_many_login_attempts")
        except ValidationError:
            record("limited", request=request)
            raise
        # allauth clears both after a correct password.
        self._login_failed_rl_usage.usage += usage.usage

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return f"{account_key(credentials)}:{ratelimit.get_ip(request)}"

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        super()._delete_login_attempts_cached_email(request, **credentials)
        ratelimit.clear(request, app=APP, action="login_failed_account", key=account_key(credentials))
