from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .models import Job

GROUP = "Jobs"


class JobListBlock(blocks.StructBlock):
    """List of live jobs, queried at each rendering."""

    heading = blocks.CharBlock(max_length=100)
    count = blocks.IntegerBlock(default=5, min_value=1, max_value=20, help_text=_("Maximum number of jobs."))

    def get_jobs(self) -> QuerySet[Job]:
        raise NotImplementedError

    def get_context(self, value: blocks.StructValue, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        context["jobs"] = self.get_jobs()[: value["count"]]
        return context

    class Meta:
        icon = "job"
        group = GROUP
        template = "jobs/blocks/job_list.html"


class LatestJobsBlock(JobListBlock):
    def get_jobs(self) -> QuerySet[Job]:
        return Job.objects.visible().for_list().order_by("-approved_at", "-pk")

    class Meta:
        description = _("The latest jobs")
        preview_value = {"heading": "Latest jobs", "count": 3}


class FeaturedJobsBlock(JobListBlock):
    def get_jobs(self) -> QuerySet[Job]:
        return Job.objects.visible().filter(is_featured=True).for_list()

    class Meta:
        description = "Jobs that staff have featured; shows nothing if there are none"
        preview_value = {"heading": "Featured jobs", "count": 3}
