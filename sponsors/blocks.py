from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .models import Place
from .templatetags.sponsors import logos_of


class SponsorLogosBlock(blocks.StructBlock):
    heading = blocks.CharBlock(default="Thank you to our sponsors", max_length=100)
    place = blocks.ChoiceBlock(
        choices=Place.choices, default=Place.SPONSORS, help_text=_("The sponsors with a logo placement in this place are shown.")
    )

    def get_context(self, value: blocks.StructValue, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        return context | {"heading": value["heading"], "logos": logos_of(context, value["place"])}

    class Meta:
        icon = "group"
        group = "Sponsors"
        template = "sponsors/logos.html"
        description = _("Logos of the sponsors with a placement in one place")
        preview_value = {"heading": "Thank you to our sponsors", "place": "sponsors"}
