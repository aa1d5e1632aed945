from typing import Any

from django.contrib.auth import get_permission_codename
from wagtail.models import Page

from users.models import User


def may_change(thing: Any, user: User) -> bool:
    """Return whether a user can edit this page, or records of this model."""
    if isinstance(thing, Page):
        return thing.permissions_for_user(user).can_edit()
    return user.has_perm(f"{thing._meta.app_label}.{get_permission_codename('change', thing._meta)}")


def may_publish(thing: Any, user: User) -> bool:
    """Return whether a user may publish this page, even at a reserved path, or records of this model."""
    if isinstance(thing, Page):
        return thing.permissions_for_user(user).can_publish()
    return user.has_perm(f"{thing._meta.app_label}.{get_permission_codename('publish', thing._meta)}")
