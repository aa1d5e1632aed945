from typing import Any

from django.contrib.auth import get_permission_codename
from django.db import models
from wagtail.models import Page
from wagtail.permissions import policy_registry

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


def may_change_record(record: models.Model, user: User) -> bool:
    """Return whether the permission policy of the model lets a user change a record."""
    if isinstance(record, Page):
        return record.permissions_for_user(user).can_edit()
    return policy_registry.get_by_type(type(record)).user_has_permission_for_instance(user, "change", record)
