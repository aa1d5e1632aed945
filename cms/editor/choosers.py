"""Dialogs in which a row is chosen for a field."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.chooser import SnippetChooserViewSet


class GuardedChooserViewSet(SnippetChooserViewSet):
    """For rows that not everybody in the admin may read: Wagtail's own dialog lists them to all who work there."""

    def construct_view(self, view_class, **kwargs):
        view = super().construct_view(view_class, **kwargs)
        policy = ModelPermissionPolicy(self.model)

        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not policy.user_has_any_permission(request.user, ["add", "change", "view"]):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded
