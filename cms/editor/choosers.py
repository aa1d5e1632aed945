"""Choosers of the admin."""

from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.chooser import SnippetChooserViewSet


class GuardedChooserViewSet(SnippetChooserViewSet):
    """Chooser of rows that require a permission. Wagtail's own chooser lists them for everyone with access to the admin."""

    def construct_view(self, view_class: Any, **kwargs: Any) -> Any:
        view = super().construct_view(view_class, **kwargs)
        policy = ModelPermissionPolicy(self.model)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not policy.user_has_any_permission(request.user, ["add", "change", "view"]):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded
