from typing import Any
from uuid import uuid4

from wagtail import blocks
from wagtail.fields import StreamField as WagtailStreamField

TEXTS = (blocks.CharBlock, blocks.TextBlock, blocks.URLBlock, blocks.EmailBlock, blocks.RichTextBlock, blocks.RawHTMLBlock)


def complete(block: blocks.Block, raw: Any) -> None:
    """Give each stored block an ID, and each optional text that is missing an empty one, as forms do.

    Wagtail gives IDs to the outer blocks only, and API clients may omit text. Translations refer to both.
    """
    if isinstance(block, blocks.StreamBlock):
        for item in raw or []:
            item["id"] = item.get("id") or str(uuid4())
            if item["type"] in block.child_blocks:
                complete(block.child_blocks[item["type"]], item["value"])
    elif isinstance(block, blocks.ListBlock):
        for item in raw or []:
            complete(block.child_block, item["value"] if isinstance(item, dict) and item.get("type") == "item" else item)
    elif isinstance(block, blocks.StructBlock) and isinstance(raw, dict):
        for name, child in block.child_blocks.items():
            if isinstance(child, TEXTS) and raw.get(name) is None:
                raw[name] = ""
            else:
                complete(child, raw.get(name))


class StreamField(WagtailStreamField):
    """A StreamField that keeps its blocks out of migrations, so that changing a block changes no schema.

    A data migration therefore reads and writes such a column as JSON (`RunSQL` or `values()`), never through the historical
    model.
    """

    def deconstruct(self) -> Any:
        name, path, _, kwargs = super().deconstruct()
        del kwargs["block_lookup"]
        return name, path, [[]], kwargs

    def get_prep_value(self, value: Any) -> Any:
        stored = super().get_prep_value(value)
        if isinstance(stored, list):
            complete(self.stream_block, stored)
        return stored
