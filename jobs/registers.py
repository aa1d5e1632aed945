"""Admin lists of job types and job categories."""

from typing import Any

from django.contrib.admin import display
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail_modeladmin.options import ModelAdmin

from cms.editor.registers import InUsePermissionHelper

from .models import JobCategory, JobType, Status


class LookupPermissionHelper(InUsePermissionHelper):
    """Refuse the deletion of a type or category in use; it can be deactivated."""

    used_by = "jobs"


class LookupAdmin(ModelAdmin):
    # In the menu group of `viewsets.JobsViewSetGroup`.
    add_to_admin_menu = False
    permission_helper_class = LookupPermissionHelper
    list_display = ("name", "slug", "active", "live", "in_all")
    list_filter = ("active",)
    search_fields = ("name", "slug")
    ordering = ("-active", "name")
    list_export = ("name", "slug", "active", "live", "in_all")
    panels = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("slug")], heading=_("Name and slug")),
        FieldPanel("active"),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        is_live = Q(jobs__status=Status.APPROVED, jobs__expires_at__gt=timezone.now())
        counts = {"live_count": Count("jobs", filter=is_live, distinct=True), "job_count": Count("jobs", distinct=True)}
        return super().get_queryset(request).annotate(**counts)

    @display(description=_("Live jobs"), ordering="live_count")
    def live(self, row: Any) -> int:
        return row.live_count

    @display(description=_("All jobs"), ordering="job_count")
    def in_all(self, row: Any) -> int:
        return row.job_count


class JobTypeAdmin(LookupAdmin):
    model = JobType
    base_url_path = "jobs/types"
    menu_label = _("Job types")
    menu_icon = "tag"
    export_filename = "job-types"


class JobCategoryAdmin(LookupAdmin):
    model = JobCategory
    base_url_path = "jobs/categories"
    menu_label = _("Job categories")
    menu_icon = "folder-open-inverse"
    export_filename = "job-categories"
