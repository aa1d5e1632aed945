from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.models.pages import BasePage
from cms.content.presentation import build_context


class DownloadsPage(BasePage):
    """Landing page of the downloads. The URLs under it belong to `downloads.urls`."""

    parent_page_types = ["home.HomePage"]
    max_count = 1
    subpage_types: list[str] = []
    template = "downloads/downloads_page.html"
    cache_keys: ClassVar[list[str]] = ["downloads"]

    banner = StreamField(
        BodyBlock(),
        blank=True,
        help_text=_("Shown between the download buttons and the supported versions, for example other ways to get Python."),
    )
    body = StreamField(
        BodyBlock(),
        blank=True,
        help_text=_("Shown below the list of all releases, for example signatures, licenses and history."),
    )

    content_panels = [*BasePage.content_panels, FieldPanel("banner"), FieldPanel("body")]
    search_fields = [*BasePage.search_fields, index.SearchField("body")]

    class Meta:
        verbose_name = _("downloads page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return super().get_context(request, *args, **kwargs) | build_context(self, request=request)
