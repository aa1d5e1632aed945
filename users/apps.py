from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _
from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(AppConfig):
    default = True
    name = "users"
    verbose_name = _("People")

    def ready(self) -> None:
        from . import signal_handlers  # noqa: PLC0415, F401 -- the app registry must be ready before models load.
        from .groups import apply_roles  # noqa: PLC0415

        post_migrate.connect(apply_roles, dispatch_uid="users.apply_roles")
        autodiscover_modules("personal")


class WagtailPeopleConfig(WagtailUsersAppConfig):
    """App configuration of Wagtail's users, groups and API tokens, restricted by `authority.py`."""

    user_viewset = "users.people.UserViewSet"
    group_viewset = "users.people.GroupViewSet"

    def ready(self) -> None:
        from django.contrib.auth.models import Group  # noqa: PLC0415 -- the app registry must be ready before models load.
        from wagtail.permissions import register_permission_policy  # noqa: PLC0415
        from wagtail.users.views import api_tokens  # noqa: PLC0415

        from .authority import WithinAuthorityPolicy, token_owners  # noqa: PLC0415
        from .models import User  # noqa: PLC0415

        register_permission_policy(User, WithinAuthorityPolicy(User))
        register_permission_policy(Group, WithinAuthorityPolicy(Group))
        # Wagtail has no setting for the owners whose tokens a user may manage.
        api_tokens.get_manageable_token_owners = token_owners
