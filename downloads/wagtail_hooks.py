from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.snippets.models import register_snippet
from wagtail_modeladmin.options import modeladmin_register

from .outside_views import release_cycle
from .registers import ReleaseFileAdmin
from .viewsets import DownloadsViewSetGroup

register_snippet(DownloadsViewSetGroup)
modeladmin_register(ReleaseFileAdmin)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern]:
    return [path("downloads/release-cycle/", release_cycle, name="downloads_release_cycle")]
