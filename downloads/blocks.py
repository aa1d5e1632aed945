from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks import StructValue

from .offers import latest_python

GROUP = "Downloads"


class LatestReleaseBlock(blocks.StructBlock):
    """Name, date and link of the newest stable release."""

    heading = blocks.CharBlock(default="Latest release", max_length=100)

    def get_context(self, value: StructValue, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        context["release"] = latest_python()
        return context

    class Meta:
        icon = "download"
        group = GROUP
        description = _("Name, date and link of the newest stable Python")
        template = "downloads/blocks/latest_release.html"
        preview_value = {"heading": "Latest release"}


class DownloadButtonsBlock(blocks.StructBlock):
    """Download button of each operating system, the visitor's own first."""

    heading = blocks.CharBlock(default="Download Python", max_length=100)

    class Meta:
        icon = "download"
        group = GROUP
        description = _("Recommended download for each operating system")
        template = "downloads/blocks/download_buttons.html"
        preview_value = {"heading": "Download Python"}
