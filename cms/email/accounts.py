"""Emails about accounts and their security. allauth decides when each is sent; staff can change their templates."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from cms.platform.dates import show_date
from users.adapters import AccountAdapter as BaseAdapter
from users.signals import account_deleted

from .backends import TYPE_HEADER
from .models import render_template
from .registry import EMAIL_TYPES, declare
from .sending import get_content, send

CHANGE = {
    "ip": "203.0.113.7",
    "browser": "Firefox on Linux",
    "time": "November 30, 2026, at 9:14 AM UTC",
    "security_url": "https://www.python.org/users/",
    "reset_url": "https://www.python.org/accounts/password/reset/",
}
CONFIRMATION = {"name": "Ada Byron", "url": "https://www.python.org/accounts/confirm-email/abc/"}
EXAMPLES: dict[str, dict[str, str]] = {
    "email_confirmation": CONFIRMATION,
    "email_confirmation_signup": CONFIRMATION,
    "account_already_exists": {"email": "ada@example.org", "url": "https://www.python.org/accounts/password/reset/"},
    "unknown_account": {"email": "ada@example.org", "url": "https://www.python.org/accounts/signup/"},
    "password_reset_key": {"name": "Ada Byron", "url": "https://www.python.org/accounts/password/reset/key/abc/"},
    "password_changed": CHANGE,
    "password_reset": CHANGE,
    "password_set": CHANGE,
    "email_changed": CHANGE | {"from_email": "ada@example.org", "to_email": "byron@example.org"},
    "email_confirm": CHANGE,
    "email_deleted": CHANGE | {"deleted_email": "ada@example.org"},
    "totp_activated": CHANGE,
    "totp_deactivated": CHANGE,
    "recovery_codes_generated": CHANGE,
    "webauthn_added": CHANGE,
    "webauthn_removed": CHANGE,
    "account_connected": CHANGE | {"provider": "GitHub"},
    "account_disconnected": CHANGE | {"provider": "GitHub"},
}
for name, example in EXAMPLES.items():
    declare(f"account.{name}", example=example)
DELETED = declare(
    "account.deleted", example={"username": "ada", "time": CHANGE["time"], "url": EXAMPLES["unknown_account"]["url"]}
)


def describe_time(moment: Any) -> str:
    return show_date(timezone.localtime(moment), "LONG_DATETIME_ZONE")


class AccountAdapter(BaseAdapter):
    """Use the email templates of this site instead of allauth's, and set the type of each email for the outbox."""

    def render_mail(
        self, template_prefix: str, email: str | list[str], context: dict[str, Any], headers: dict[str, str] | None = None
    ) -> EmailMessage:
        """Return an email with the subject and body of the staff template, or those of allauth."""
        key = f"account.{template_prefix.rpartition('/')[2]}"
        email_type = EMAIL_TYPES.get(key)
        if email_type is None:
            return super().render_mail(template_prefix, email, context, (headers or {}) | {TYPE_HEADER: key})
        user = context.get("user")
        urls = ("activate_url", "password_reset_url", "signup_url")
        known = {
            "name": user.display_name if user else context.get("username", ""),
            "url": next((context[name] for name in urls if context.get(name)), ""),
            "browser": context.get("user_agent", ""),
            "time": describe_time(context.get("timestamp") or timezone.now()),
            "security_url": settings.BASE_URL + reverse("users:mine"),
            "reset_url": settings.BASE_URL + reverse("account_reset_password"),
        }
        variables = {name: str(known.get(name) or context.get(name) or "") for name in email_type.example}
        subject, body = (render_template(text, variables) for text in get_content(email_type))
        to = [email] if isinstance(email, str) else email
        return EmailMultiAlternatives(
            " ".join(subject.split()), body, settings.DEFAULT_FROM_EMAIL, to, headers=(headers or {}) | {TYPE_HEADER: key}
        )


@receiver(account_deleted)
def email_deleted_account(sender: Any, *, username: str, email: str, **kwargs: Any) -> None:
    """Confirm to the former email address of an account that the account is deleted."""
    if email:
        url = settings.BASE_URL + reverse("account_signup")
        variables = {"username": username, "time": describe_time(timezone.now()), "url": url}
        send(DELETED, to=[email], variables=variables)
