"""Forms of the admin and the API that let only Site admins add raw HTML."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.forms.pages import WagtailAdminPageForm
from wagtail.fields import StreamField

# Roles that may change site-wide content may also write raw HTML.
MAY_WRITE_HTML = "cms.change_sitesettings"
REFUSAL = "Only Site admins can add or change an HTML block. Ask a Site admin, or use other blocks."


def pieces_of_html(block: blocks.Block, value: Any) -> Iterator[str]:
    """Return the HTML of every raw HTML block in a value, at any depth."""
    if isinstance(block, blocks.RawHTMLBlock):
        if value:
            yield str(value)
    elif isinstance(block, blocks.BaseStreamBlock):
        for child in value or []:
            yield from pieces_of_html(child.block, child.value)
    elif isinstance(block, blocks.ListBlock):
        for child in value or []:
            yield from pieces_of_html(block.child_block, child)
    elif isinstance(block, blocks.BaseStructBlock):
        for name, child_block in block.child_blocks.items():
            yield from pieces_of_html(child_block, value.get(name) if value else None)


def holds_html(block: blocks.Block) -> bool:
    """Return whether a block, or one inside it, accepts raw HTML."""
    if isinstance(block, blocks.RawHTMLBlock):
        return True
    if isinstance(block, blocks.ListBlock):
        return holds_html(block.child_block)
    return any(holds_html(child) for child in getattr(block, "child_blocks", {}).values())


class TrustedHTMLForm(WagtailAdminModelForm):
    """Form whose StreamFields accept new raw HTML only from site admins. Existing HTML can be kept or removed."""

    def clean(self) -> dict[str, Any]:
        cleaned_data = super().clean()
        if self.for_user and self.for_user.has_perm(MAY_WRITE_HTML):
            return cleaned_data
        for field in self._meta.model._meta.concrete_fields:
            if isinstance(field, StreamField) and field.name in self.cleaned_data:
                block = field.stream_block
                before = Counter(pieces_of_html(block, field.value_from_object(self.instance)))
                if Counter(pieces_of_html(block, self.cleaned_data[field.name])) - before:
                    self.add_error(field.name, ValidationError(REFUSAL))
        return cleaned_data


class TrustedHTMLPageForm(TrustedHTMLForm, WagtailAdminPageForm):
    pass
