from typing import Any

from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.models.pages import BasePage


class DownloadsPage(BasePage):
    """The landing page of the downloads. The addresses below it belong to `downloads.urls`."""

    parent_page_types = ["home.HomePage"]
    max_count = 1
    subpage_types: list[str] = []
    template = "downloads/downloads_page.html"

    banner = StreamField(
        BodyBlock(), blank=True, help_text="Between the download buttons and the supported versions: other ways to get Python."
    )
    body = StreamField(BodyBlock(), blank=True, help_text="Below the list of all releases: signatures, licences, history.")

    content_panels = [*BasePage.content_panels, FieldPanel("banner"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = "downloads page"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any):
        from downloads.offers import offers_for  # noqa: PLC0415 -- they import models.
        from downloads.views import landing_context  # noqa: PLC0415

        context = super().get_context(request, *args, **kwargs)
        return context | landing_context(request.GET, offers=offers_for(request))

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any):
        from downloads.views import public  # noqa: PLC0415

        return public(super().serve)(request, *args, **kwargs)
