from wagtail import hooks

from .viewsets import APIKeyViewSet


@hooks.register("register_admin_viewset")
def register_api_keys():
    return APIKeyViewSet()


@hooks.register("register_log_actions")
def log_actions(actions):
    actions.register_action("users.create_key", "Create an API key", "API key created")
    actions.register_action("users.revoke_key", "Revoke an API key", "API key revoked")
