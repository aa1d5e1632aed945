from typing import Any

from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.models.pages import BasePage


class JobsPage(BasePage):
    """The landing page of the job board. The addresses below it belong to `jobs.urls`."""

    max_count = 1
    subpage_types: list[str] = []
    template = "jobs/jobs_page.html"

    body = StreamField(BodyBlock(), blank=True, help_text="Below the list: how the board works, where else to look.")

    content_panels = [*BasePage.content_panels, FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = "jobs page"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any):
        from jobs.views import list_context  # noqa: PLC0415 -- it imports models.

        return super().get_context(request, *args, **kwargs) | list_context(request)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any):
        from jobs.views import public  # noqa: PLC0415

        return public(super().serve)(request, *args, **kwargs)
