"""Dialogs in which a row is chosen for a field."""

from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.chooser import SnippetChooserViewSet


class GuardedChooserViewSet(SnippetChooserViewSet):
    """For rows that not everybody in the admin may read: Wagtail's own dialog lists them to all who work there."""

    def construct_view(self, view_class: Any, **kwargs: Any) -> Any:
        view = super().construct_view(view_class, **kwargs)
        policy = ModelPermissionPolicy(self.model)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not policy.user_has_any_permission(request.user, ["add", "change", "view"]):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded
