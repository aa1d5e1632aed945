from typing import Any

from django.core.exceptions import PermissionDenied
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from .authority import Authority
from .models import User
from .requests import AuthenticatedRequest
from .roles import role_list
from .viewsets import APIKeyViewSet, PermittedMenuItem


@hooks.register("register_admin_viewset")
def register_api_keys() -> Any:
    return APIKeyViewSet()


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    actions.register_action("users.create_key", _("Create an API key"), _("API key created"))
    actions.register_action("users.join", _("Accept an invitation"), _("Invitation accepted"))
    actions.register_action("users.revoke_key", _("Revoke an API key"), _("API key revoked"))


@hooks.register("register_admin_urls")
def role_urls() -> list[URLPattern]:
    return [path("roles/", role_list, name="roles")]


@hooks.register("register_settings_menu_item")
def roles_menu_item() -> MenuItem:
    return PermittedMenuItem(
        "Roles and permissions", reverse("roles"), icon_name="group", order=602, permission="auth.view_group"
    )


@hooks.register("before_bulk_action")
def keep_within_authority(request: AuthenticatedRequest, action_type: str, objects: Any, action: Any) -> None:
    """Refuse a bulk action on users entirely if one of them, or the assigned role, is beyond the user's authority."""
    if action.model is not User:
        return
    authority = Authority(request.user)
    role = action.cleaned_form.cleaned_data.get("role")
    managed = authority.users().filter(pk__in=[user.pk for user in objects]).count()
    if managed < len(objects) or (role and not authority.covers(role)):
        raise PermissionDenied
