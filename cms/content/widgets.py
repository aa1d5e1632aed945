"""Widgets of the admin's forms."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import BadRequest
from draftjs_exporter.error import ExporterException
from wagtail.admin.rich_text import DraftailRichTextArea

# What Wagtail's conversion raises for a value that the editor does not send: other text, other JSON, JSON nested too deep.
CONVERSION_ERRORS = (AttributeError, ExporterException, LookupError, RecursionError, TypeError, ValueError)


class RichTextArea(DraftailRichTextArea):
    """Wagtail's editor of rich text. A value that is not the editor's gets a 400, where Wagtail fails with a 500."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Mapping[str, Any], name: str) -> str | None:
        """Return the text as HTML of the database, None without a value. Raises BadRequest."""
        try:
            return super().value_from_datadict(data, files, name)
        except CONVERSION_ERRORS as error:
            raise BadRequest(f"The field “{name[:100]}” does not contain valid rich text.") from error
