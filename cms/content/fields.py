from typing import Any

from wagtail.fields import StreamField as WagtailStreamField


class StreamField(WagtailStreamField):
    """A StreamField that keeps its blocks out of migrations, so that changing a block changes no schema.

    A data migration therefore reads and writes such a column as JSON (`RunSQL` or `values()`), never through the historical
    model.
    """

    def deconstruct(self) -> Any:
        name, path, _, kwargs = super().deconstruct()
        del kwargs["block_lookup"]
        return name, path, [[]], kwargs
