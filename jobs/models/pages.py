from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.models.pages import BasePage
from cms.content.presentation import build_context

# Jobs also expire by schedule, so caches store their pages for ten minutes at most.
SHARED_CACHE_SECONDS = 600


class JobsPage(BasePage):
    """Landing page of the job board. The URLs under it belong to `jobs.urls`."""

    max_count = 1
    subpage_types: list[str] = []
    template = "jobs/jobs_page.html"
    cache_seconds = SHARED_CACHE_SECONDS

    body = StreamField(BodyBlock(), blank=True, help_text=_("Shown below the list of jobs, for example how the job board works."))

    content_panels = [*BasePage.content_panels, FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = _("jobs page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | build_context(self, request=request)
