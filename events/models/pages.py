from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.models.pages import BasePage
from cms.content.presentation import build_context


class EventsPage(BasePage):
    """Landing page of the events. The URLs under it belong to `events.urls`."""

    max_count = 1
    subpage_types: list[str] = []
    template = "events/events_page.html"
    cache_keys: ClassVar[list[str]] = ["events"]
    cache_seconds = 300

    introduction = StreamField(
        BodyBlock(), blank=True, help_text=_("Shown above the lists, for example news about the calendar.")
    )
    body = StreamField(BodyBlock(), blank=True, help_text=_("Shown below the lists."))

    content_panels = [*BasePage.content_panels, FieldPanel("introduction"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = _("events page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | build_context(self, request=request)
