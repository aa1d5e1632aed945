"""Admin page of roles and permissions."""

from collections import defaultdict
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from wagtail.models import GroupCollectionPermission, GroupPagePermission


@never_cache
@require_safe
def role_list(request: HttpRequest) -> HttpResponse:
    """Show each group with its members and permissions from the database, in five queries."""
    if not request.user.has_perm("auth.view_group"):
        raise PermissionDenied
    page_rights = GroupPagePermission.objects.select_related("page", "permission")
    collection_rights = GroupCollectionPermission.objects.select_related("collection", "permission")
    groups = (
        Group.objects.annotate(members=Count("user", filter=Q(user__is_active=True)))
        .prefetch_related(
            "permissions__content_type",
            Prefetch("page_permissions", page_rights),
            Prefetch("collection_permissions", collection_rights),
        )
        .order_by("name")
    )
    return TemplateResponse(request, "users/admin/roles.html", {"roles": [describe(group) for group in groups]})


def describe(group: Group) -> dict:
    rights: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for permission in group.permissions.all():
        model = permission.content_type.model_class()
        if model is not None:
            # "Can add release" without the model name in the heading.
            action = permission.name.removeprefix("Can ").removesuffix(f" {model._meta.verbose_name}")
            rights[str(model._meta.app_config.verbose_name)][str(model._meta.verbose_name)].append(action)
    return {
        "group": group,
        "sections": [
            {"name": section, "models": [{"name": name, "actions": actions} for name, actions in sorted(models.items())]}
            for section, models in sorted(rights.items())
        ],
        "pages": by_place(group.page_permissions.all(), "page"),  # type: ignore[attr-defined]
        "collections": by_place(group.collection_permissions.all(), "collection"),  # type: ignore[attr-defined]
    }


def by_place(rights: Any, name: str) -> list[dict]:
    """Return the permissions on a page subtree or a collection."""
    found: dict[str, list[str]] = defaultdict(list)
    for right in rights:
        found[str(getattr(right, name))].append(right.permission.codename.replace("_", " "))
    return [{"place": place, "actions": sorted(actions)} for place, actions in sorted(found.items())]
