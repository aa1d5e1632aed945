from typing import Any

from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail_modeladmin.options import modeladmin_register

from .bulk_edit import EditBulkAction
from .registers import CategoryAdmin, LocationAdmin
from .sync_views import LOG_ACTIONS, sync_dashboard, sync_run
from .viewsets import EventsViewSetGroup

register_snippet(EventsViewSetGroup)
modeladmin_register(LocationAdmin)
modeladmin_register(CategoryAdmin)
hooks.register("register_bulk_action", EditBulkAction)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern]:
    return [
        path("events/sources/", sync_dashboard, name="events_sync"),
        path("events/sources/<int:pk>/", sync_run, name="events_sync_run"),
    ]


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    for name, label in LOG_ACTIONS.items():
        actions.register_action(f"events.{name}", label, label)
