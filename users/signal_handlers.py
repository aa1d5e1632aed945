"""Receivers that log events from Django and allauth as security events."""

from typing import Any

from allauth.account import signals as account
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from wagtail.models import APIToken

from users.models import User

from . import identities
from .security import record


@receiver(user_logged_in)
def logged_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    record("login", request=request, user=user)
    identities.link_account(user)


@receiver(account.email_confirmed)
def email_confirmed(email_address: Any, **kwargs: Any) -> None:
    identities.link_account(email_address.user)


@receiver(user_logged_out)
def logged_out(request: HttpRequest, user: User, **kwargs: Any) -> None:
    record("logout", request=request, user=user)


@receiver(user_login_failed)
def login_failed(credentials: str, request: HttpRequest | None = None, **kwargs: Any) -> None:
    # The name may be a password typed into the wrong field, so it is not logged.
    record("login_failed", request=request)


@receiver([account.password_changed, account.password_reset, account.password_set])
def password_changed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    record("password_changed", request=request, user=user)


@receiver(account.email_changed)
def email_changed(request: HttpRequest, user: User, **kwargs: Any) -> None:
    record("email_changed", request=request, user=user)


@receiver(mfa.authenticator_added)
def second_factor_added(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    record("second_factor_added", request=request, user=user, kind=authenticator.type)


@receiver(mfa.authenticator_removed)
def second_factor_removed(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    record("second_factor_removed", request=request, user=user, kind=authenticator.type)


@receiver(post_save, sender=APIToken)
def token_saved(instance: Any, created: Any, update_fields: Any = None, **kwargs: Any) -> None:
    """Log creation and revocation of API v3 tokens, which happen in Wagtail's views."""
    if created:
        record("key_created", kind="API v3", owner=str(instance.user_id), key=instance.prefix)
    elif instance.revoked_at and (update_fields is None or "revoked_at" in update_fields):
        record("key_revoked", kind="API v3", owner=str(instance.user_id), key=instance.prefix)


@receiver(post_delete, sender=APIToken)
def token_deleted(instance: Any, **kwargs: Any) -> None:
    record("key_revoked", kind="API v3", owner=str(instance.user_id), key=instance.prefix)


@receiver(mfa.authenticator_added)
def second_factor_shown(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    """Record a factor as verified in the session in which it was set up."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
