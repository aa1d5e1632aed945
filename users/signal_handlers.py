"""Events of Django and allauth that belong into the security stream."""

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from .security import record


@receiver(user_logged_in)
def logged_in(request, user, **kwargs):
    record("login", request=request, user=user)


@receiver(user_logged_out)
def logged_out(request, user, **kwargs):
    record("logout", request=request, user=user)


@receiver(user_login_failed)
def login_failed(credentials, request=None, **kwargs):
    # The name may be a password that somebody typed into the wrong field: it is not written down.
    record("login_failed", request=request)


@receiver([account.password_changed, account.password_reset, account.password_set])
def password_changed(request, user, **kwargs):
    record("password_changed", request=request, user=user)


@receiver(account.email_changed)
def email_changed(request, user, **kwargs):
    record("email_changed", request=request, user=user)


@receiver(mfa.authenticator_added)
def second_factor_added(request, user, authenticator, **kwargs):
    record("second_factor_added", request=request, user=user, kind=authenticator.type)


@receiver(mfa.authenticator_removed)
def second_factor_removed(request, user, authenticator, **kwargs):
    record("second_factor_removed", request=request, user=user, kind=authenticator.type)
