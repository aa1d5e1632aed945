"""The admin of people: the register of the keys that scripts send to API v1 and v2."""

from dataclasses import dataclass
from functools import wraps

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.authtoken.models import Token
from tastypie.models import ApiKey
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.log_actions import log

from .authority import Authority
from .models import User
from .security import record


@dataclass(frozen=True)
class KeyKind:
    """One kind of key: a user has at most one of each."""

    label: str
    model: type[models.Model]
    header: str

    def permission(self, action: str) -> str:
        return f"{self.model._meta.app_label}.{action}_{self.model._meta.model_name}"


KINDS = {
    "v1": KeyKind("API v1", ApiKey, "Authorization: ApiKey {user}:{key}"),
    "v2": KeyKind("API v2", Token, "Authorization: Token {key}"),
}
# Whose programs need the old APIs: release managers, and publishers of sponsors.
NEEDED = ["downloads.change_release", "sponsors.sponsor_publisher"]


def manageable_users(by: User):
    """Return the active accounts whose keys somebody may make and revoke: a key lends its owner's rights."""
    return Authority(by).users().filter(is_active=True).order_by("username")


def with_permission(action: str):
    """Let in who may do this with every kind of key."""

    def decorator(view):
        @wraps(view)
        def inner(request, *args, **kwargs):
            if not all(request.user.has_perm(kind.permission(action)) for kind in KINDS.values()):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return never_cache(inner)

    return decorator


class KeyForm(forms.Form):
    user = forms.CharField(
        label="User name or e-mail",
        help_text="The script will have this person’s rights, as long as the account is active.",
        max_length=254,
    )
    kind = forms.ChoiceField(
        label="For",
        choices=[(name, kind.label) for name, kind in KINDS.items()],
        help_text="The release tools use v1. Scripts of your own should use v3: see API tokens.",
    )

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_user(self):
        typed = self.cleaned_data["user"].strip()
        user = manageable_users(self.by).filter(Q(username=typed) | Q(email__iexact=typed)).first()
        if user is None:
            raise ValidationError("No active account of this name whose keys you may make.")
        if not any(user.has_perm(permission) for permission in NEEDED):
            raise ValidationError(
                "Keys for v1 and v2 are for release managers and publishers of sponsors. "
                f"{user} can make a key for v3 under “Keys for programs” of the account."
            )
        return user


@with_permission("view")
@require_safe
def key_list(request):
    """Who has which key, and since when. The keys themselves are not read."""
    holders = (
        User.objects.filter(Q(api_key__isnull=False) | Q(auth_token__isnull=False))
        .order_by("username")
        .values("pk", "username", "email", "is_active", v1=models.F("api_key__created"), v2=models.F("auth_token__created"))
    )
    manageable = set(manageable_users(request.user).filter(pk__in=[row["pk"] for row in holders]).values_list("pk", flat=True))
    rows = [
        {"user": row, "kind": name, "label": kind.label, "created": row[name], "manageable": row["pk"] in manageable}
        for row in holders
        for name, kind in KINDS.items()
        if row[name]
    ]
    return TemplateResponse(request, "users/admin/api_keys.html", {"rows": rows})


@with_permission("add")
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def key_create(request):
    """Make a key and show it: this answer is the only one that ever does."""
    form = KeyForm(request.POST or None, by=request.user)
    if form.is_valid():
        user, kind = form.cleaned_data["user"], KINDS[form.cleaned_data["kind"]]
        key, created = kind.model.objects.get_or_create(user=user)
        if created:
            log(instance=user, action="users.create_key", data={"kind": kind.label})
            record("key_created", request=request, user=request.user, kind=kind.label, owner=str(user.pk))
            header = kind.header.format(user=user.username, key=key.key)
            context = {"owner": user, "kind": kind, "key": key.key, "header": header}
            return TemplateResponse(request, "users/admin/api_key_created.html", context)
        form.add_error(None, f"{user} has a key for {kind.label} already. Revoke it first.")
    return TemplateResponse(request, "users/admin/api_key_form.html", {"form": form})


@with_permission("delete")
@require_http_methods(["GET", "HEAD", "POST"])
def key_revoke(request, kind, pk):
    if kind not in KINDS:
        raise Http404("No such kind of key.")
    user = get_object_or_404(User, pk=pk)
    key_kind = KINDS[kind]
    if not Authority(request.user).covers(user):
        raise PermissionDenied
    if request.method != "POST":
        return TemplateResponse(request, "users/admin/api_key_revoke.html", {"owner": user, "kind": key_kind})
    with transaction.atomic():
        deleted, _ = key_kind.model.objects.filter(user=user).delete()
        if deleted:
            log(instance=user, action="users.revoke_key", data={"kind": key_kind.label})
            record("key_revoked", request=request, user=request.user, kind=key_kind.label, owner=str(user.pk))
    messages.success(request, f"{user} has no key for {key_kind.label} any more.")
    return redirect(reverse("api_keys:index"))


class PermittedMenuItem(MenuItem):
    """An entry for those who have a permission."""

    def __init__(self, *args, permission: str, **kwargs):
        self.permission = permission
        super().__init__(*args, **kwargs)

    def is_shown(self, request):
        return request.user.has_perm(self.permission)


class APIKeysMenuItem(MenuItem):
    def is_shown(self, request):
        return all(request.user.has_perm(kind.permission("view")) for kind in KINDS.values())


class APIKeyViewSet(ViewSet):
    name = "api_keys"
    url_prefix = "api-keys"
    icon = "key"
    menu_label = "API keys (v1, v2)"
    menu_item_class = APIKeysMenuItem
    menu_order = 601
    add_to_settings_menu = True

    def get_urlpatterns(self):
        return [
            path("", key_list, name="index"),
            path("new/", key_create, name="add"),
            path("revoke/<str:kind>/<int:pk>/", key_revoke, name="revoke"),
        ]
