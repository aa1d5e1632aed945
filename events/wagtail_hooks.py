from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail_modeladmin.options import modeladmin_register

from .admin_views import sync_dashboard
from .registers import CategoryAdmin, LocationAdmin
from .viewsets import EventsViewSetGroup

register_snippet(EventsViewSetGroup)
modeladmin_register(LocationAdmin)
modeladmin_register(CategoryAdmin)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern]:
    return [path("events/sources/", sync_dashboard, name="events_sync")]
