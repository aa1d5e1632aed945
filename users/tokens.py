"""Expiry and owner rules for Wagtail's API tokens."""

from datetime import datetime, timedelta

from django.utils import timezone
from wagtail.models import APIToken

from .models import ServiceKey


def reason_to_refuse(token: APIToken, at: datetime | None = None) -> str:
    """Return the reason why a token is not valid, as a sentence, or an empty string.

    A token has all permissions of its owner, who therefore needs a role with admin access. Changing the password revokes tokens
    (`User.revoke_keys`).
    """
    if token.revoked_at:
        return f"This token was revoked on {token.revoked_at:%b %-d, %Y}."
    if token.created + timedelta(days=ServiceKey.MAX_DAYS) <= (at or timezone.now()):
        return f"This token expired {ServiceKey.MAX_DAYS} days after it was created."
    if not token.user.is_active:
        return "The account that owns this token is deactivated."
    if not token.user.has_perm("wagtailadmin.access_admin"):
        return "The account that owns this token no longer has the role that the token requires."
    return ""
