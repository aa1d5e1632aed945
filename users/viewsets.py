"""Admin of the API keys of all three APIs."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import log

from .authority import Authority
from .models import ServiceKey
from .requests import AuthenticatedRequest
from .security import record

# Authorization headers of clients. Owners create keys for v3 themselves, on /users/keys/.
HEADERS = {
    ServiceKey.API.V1: "Authorization: ApiKey {user}:{key}",
    ServiceKey.API.V2: "Authorization: Token {key}",
}


def manageable_users(by: Any) -> Any:
    """Return the active accounts for which a user can create keys. A key has the permissions of its owner."""
    return Authority(by).users().filter(is_active=True).order_by("username")


def with_permission(action: str) -> Callable[..., Any]:
    """Require the permission for an action on API keys."""

    def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(f"users.{action}_servicekey"):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return never_cache(inner)

    return decorator


class KeyForm(forms.Form):
    user = forms.CharField(
        label=_("Username or email"),
        help_text=_("The script has the permissions of this user as long as the account is active."),
        max_length=254,
    )
    api = forms.ChoiceField(
        label=_("For"),
        choices=[(api.value, api.label) for api in HEADERS],
        help_text=_("The release tools use v1. For new scripts, use v3 with an API token."),
    )

    def __init__(self, *args: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_user(self) -> Any:
        typed = self.cleaned_data["user"].strip()
        user = manageable_users(self.by).filter(Q(username=typed) | Q(email__iexact=typed)).first()
        if user is None:
            raise ValidationError(_("There is no active account with this name for which you can create keys."))
        if not any(user.has_perm(permission) for permission in ServiceKey.NEEDS.values()):
            raise ValidationError(
                _(
                    "Keys for v1 and v2 are for release managers and publishers of sponsors. "
                    "%(user)s can create a key for v3 under “API keys” in their account."
                )
                % {"user": user}
            )
        return user

    def clean(self) -> Any:
        cleaned = super().clean() or {}
        user, api = cleaned.get("user"), cleaned.get("api")
        if user and api and ServiceKey.objects.working().filter(owner=user, api=api).exists():
            raise ValidationError(
                _("%(user)s already has a key for %(label)s. Revoke it first.")
                % {"user": user, "label": ServiceKey.API(api).label}
            )
        return cleaned


@with_permission("view")
@require_safe
def key_list(request: AuthenticatedRequest) -> HttpResponse:
    """List API keys with their owners, expiry dates and last use."""
    keys = ServiceKey.objects.filter(revoked_at=None).select_related("owner").order_by("owner__username", "api", "-created_at")
    manageable = set(Authority(request.user).users().filter(service_keys__in=keys).values_list("pk", flat=True))
    rows = [{"key": key, "state": key.state(), "manageable": key.owner_id in manageable} for key in keys]
    return TemplateResponse(request, "users/admin/api_keys.html", {"rows": rows})


@with_permission("add")
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def key_create(request: HttpRequest) -> HttpResponse:
    """Create a key for v1 or v2 and show it once."""
    form = KeyForm(request.POST or None, by=request.user)
    if not form.is_valid():
        return TemplateResponse(request, "users/admin/api_key_form.html", {"form": form})
    owner, api = form.cleaned_data["user"], ServiceKey.API(form.cleaned_data["api"])
    key, text = ServiceKey.make(
        owner=owner, name=str(api.label), scopes=ServiceKey.scopes_of(owner), days=ServiceKey.MAX_DAYS, api=api
    )
    log(instance=owner, action="users.create_key", data={"kind": api.label})
    record("key_created", request=request, user=request.user, kind=str(api.label), owner=str(owner.pk))
    context = {"key": key, "text": text, "header": HEADERS[api].format(user=owner.username, key=text)}
    return TemplateResponse(request, "users/admin/api_key_created.html", context)


@with_permission("delete")
@require_http_methods(["GET", "HEAD", "POST"])
def key_revoke(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ServiceKey.objects.select_related("owner"), pk=pk)
    if not Authority(request.user).covers(key.owner):
        raise PermissionDenied
    if request.method != "POST":
        return TemplateResponse(request, "users/admin/api_key_revoke.html", {"key": key})
    with transaction.atomic():
        if key.revoked_at is None:
            key.revoke()
            log(instance=key.owner, action="users.revoke_key", data={"kind": key.get_api_display()})
            record("key_revoked", request=request, user=request.user, kind=key.get_api_display(), owner=str(key.owner_id))
    messages.success(
        request,
        _("The %(get_api_display)s key of %(owner)s has been revoked.")
        % {"get_api_display": key.get_api_display(), "owner": key.owner},
    )
    return redirect(reverse("api_keys:index"))


class PermittedMenuItem(MenuItem):
    """Menu item that needs a permission."""

    def __init__(self, *args: Any, permission: str, **kwargs: Any) -> None:
        self.permission = permission
        super().__init__(*args, **kwargs)

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.permission)


class APIKeysMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("users.view_servicekey")


class APIKeyViewSet(ViewSet):
    name = "api_keys"
    url_prefix = "api-keys"
    icon = "key"
    menu_label = _("API keys")
    menu_item_class = APIKeysMenuItem
    menu_order = 601
    add_to_settings_menu = True

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", key_list, name="index"),
            path("new/", key_create, name="add"),
            path("revoke/<int:pk>/", key_revoke, name="revoke"),
        ]
