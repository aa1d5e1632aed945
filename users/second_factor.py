"""Proof of a second factor in a session, as opposed to factors set up for the account."""

from urllib.parse import quote

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

# Pages that create or show API keys. Those of the admin are under /admin/.
KEY_VIEWS = {"users:keys"}
# Pages that change sign-in methods. Users with a second factor verify it first, regardless of the settings.
CREDENTIAL_VIEWS = {
    "account_email",
    "account_change_password",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "users:delete",
}
# Signing out must always be possible.
OPEN_IN_ADMIN = {"wagtailadmin_logout"}


def is_proved(request: HttpRequest) -> bool:
    """Return whether this session was verified with a second factor that the account still has.

    allauth records each step of authentication in the session. A password, an account of another site, or a factor set up in
    another session is not sufficient.
    """
    records = get_authentication_records(request, request.user)
    ids = [record["id"] for record in records if record.get("method") == "mfa" and "id" in record]
    return bool(ids) and Authenticator.objects.filter(user=request.user, pk__in=ids).exists()


def is_required(request: HttpRequest) -> bool:
    """Return whether the requested view needs a second factor from the signed-in user."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    in_admin = request.path.startswith("/admin/") and name not in OPEN_IN_ADMIN
    # Public pages must not depend on the session, so the user is checked last.
    if not (in_admin or name in KEY_VIEWS or name in CREDENTIAL_VIEWS) or not request.user.is_authenticated:
        return False
    if name in CREDENTIAL_VIEWS and is_mfa_enabled(request.user):
        return True
    if not settings.REQUIRE_SECOND_FACTOR:
        return False
    return name in KEY_VIEWS or (in_admin and request.user.has_perm("wagtailadmin.access_admin"))


def is_missing_for_admin(request: HttpRequest) -> bool:
    """Return whether the signed-in user has to verify a second factor before the admin saves a form."""
    return settings.REQUIRE_SECOND_FACTOR and request.user.has_perm("wagtailadmin.access_admin") and not is_proved(request)


def proof_url(request: HttpRequest) -> str:
    """Return the URL of the page for verifying or setting up a second factor."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    factors = [method["url"] for method in methods if method["id"].startswith("mfa_")]
    page = factors[0] if factors else reverse("mfa_index")
    return f"{page}?next={quote(request.get_full_path())}"
