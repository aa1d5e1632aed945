from wagtail.permission_policies import ModelPermissionPolicy

from users.models import User


class JobPermissionPolicy(ModelPermissionPolicy):
    """Adverts come from posters and end by acts: nobody adds or deletes one here, not even a superuser."""

    def user_has_permission(self, user: User, action):
        return action not in {"add", "delete"} and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: User, actions):
        return any(self.user_has_permission(user, action) for action in actions)
