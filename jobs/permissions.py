from collections.abc import Iterable

from wagtail.permission_policies import ModelPermissionPolicy

from users.models import User


class JobPermissionPolicy(ModelPermissionPolicy):
    """Permission policy without "add" and "delete", even for superusers: posters create jobs, and transitions end them."""

    def user_has_permission(self, user: User, action: str) -> bool:
        return action not in {"add", "delete"} and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: User, actions: Iterable[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)
