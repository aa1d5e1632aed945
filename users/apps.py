from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from wagtail.users.apps import WagtailUsersAppConfig


class UsersConfig(AppConfig):
    default = True
    name = "users"
    verbose_name = "People"

    def ready(self):
        from . import signal_handlers  # noqa: PLC0415, F401 -- the app registry must be ready before models load.
        from .groups import apply_roles  # noqa: PLC0415

        post_migrate.connect(apply_roles, dispatch_uid="users.apply_roles")
        autodiscover_modules("personal")


class WagtailPeopleConfig(WagtailUsersAppConfig):
    """Wagtail's own people and groups, with the list of `people.py`."""

    user_viewset = "users.people.UserViewSet"
