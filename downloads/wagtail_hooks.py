from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail_modeladmin.options import modeladmin_register

from .advisory_views import advisory_run, advisory_runs
from .bulk_edit import EditFilesBulkAction
from .file_views import release_files
from .models import Advisory
from .outside_views import release_cycle
from .permissions import AdvisoryPermissionPolicy
from .practice_views import practice
from .preparation_views import release_checklist, start
from .registers import ReleaseFileAdmin
from .viewsets import DownloadsViewSetGroup

# Registered before the viewset, which uses it.
register_permission_policy(Advisory, AdvisoryPermissionPolicy(Advisory))
register_snippet(DownloadsViewSetGroup)
modeladmin_register(ReleaseFileAdmin)
hooks.register("register_bulk_action", EditFilesBulkAction)


@hooks.register("register_admin_urls")
def register_admin_urls() -> list[URLPattern]:
    return [
        path("downloads/start-release/", start, name="downloads_start_release"),
        path("downloads/release-checklist/<int:pk>/", release_checklist, name="downloads_release_checklist"),
        path("downloads/practice/<int:pk>/", practice, name="downloads_practice"),
        path("downloads/release-files/<int:pk>/", release_files, name="downloads_release_files"),
        path("downloads/release-cycle/", release_cycle, name="downloads_release_cycle"),
        path("downloads/advisory-imports/", advisory_runs, name="downloads_advisory_runs"),
        path("downloads/advisory-imports/<int:pk>/", advisory_run, name="downloads_advisory_run"),
    ]
