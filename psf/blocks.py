from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from cms.content.public_pages import without_private
from cms.delivery import surrogate_keys

from .models import Election, MinutesPage

GROUP = "PSF"


class MinutesListBlock(blocks.StructBlock):
    """List of the newest published minutes."""

    heading = blocks.CharBlock(default="Minutes", max_length=100)
    body = blocks.CharBlock(
        label=_("Board or committee"),
        required=False,
        max_length=100,
        help_text=_("Slug of a board or committee, for example board. Leave empty for all."),
    )
    count = blocks.IntegerBlock(default=5, min_value=1, max_value=20)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        if request := context.get("request"):
            surrogate_keys.add_keys(request, "minutes")
        minutes = without_private(MinutesPage.objects.live()).newest().defer("content")
        context["minutes"] = (minutes.filter(body__slug=value["body"]) if value["body"] else minutes)[: value["count"]]
        return context

    class Meta:
        icon = "doc-full-inverse"
        group = GROUP
        description = _("Latest minutes of the board or a committee")
        template = "psf/blocks/minutes_list.html"
        preview_value = {"heading": "Minutes", "body": "", "count": 3}


class ElectionsBlock(blocks.StructBlock):
    """Elections that are announced or open now."""

    heading = blocks.CharBlock(default="Elections", max_length=100)

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        if request := context.get("request"):
            surrogate_keys.add_keys(request, "nominations")
        found = [(one, one.phase()) for one in Election.objects.select_related("kind")[:10]]
        context["elections"] = [(one, phase) for one, phase in found if phase != one.Phase.PUBLISHED]
        return context

    class Meta:
        icon = "group"
        group = GROUP
        description = _("Elections until their candidates are published")
        template = "psf/blocks/elections.html"
        preview_value = {"heading": "Elections"}
