from wagtail.permission_policies import ModelPermissionPolicy

from users.models import User


class AdvisoryPermissionPolicy(ModelPermissionPolicy):
    """Permissions of advisories: only imports add and delete them."""

    def user_has_permission(self, user: User, action: str) -> bool:
        return action not in {"add", "delete"} and super().user_has_permission(user, action)
