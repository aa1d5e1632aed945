from typing import Any

from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.models.pages import BasePage


class EventsPage(BasePage):
    """The landing page of the events. The addresses below it belong to `events.urls`."""

    max_count = 1
    subpage_types: list[str] = []
    template = "events/events_page.html"

    introduction = StreamField(BodyBlock(), blank=True, help_text="Above the lists, for news about the calendar itself.")
    body = StreamField(BodyBlock(), blank=True, help_text="Below the lists.")

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = "events page"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any):
        from events.views import landing_context  # noqa: PLC0415 -- views import models.

        return super().get_context(request, *args, **kwargs) | landing_context(request)

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any):
        from events.views import public  # noqa: PLC0415

        return public(super().serve)(request, *args, **kwargs)
