from django.apps import AppConfig
from django.db.models.signals import post_migrate


class UsersConfig(AppConfig):
    name = "users"
    verbose_name = "People"

    def ready(self):
        from .groups import apply_roles  # noqa: PLC0415 -- the app registry must be ready before models load.

        post_migrate.connect(apply_roles, dispatch_uid="users.apply_roles")
