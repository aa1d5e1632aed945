"""Widgets of the admin's forms."""

from collections.abc import Mapping
from typing import Any

from bs4 import BeautifulSoup
from django.core.exceptions import BadRequest
from draftjs_exporter.error import ExporterException
from wagtail.admin.rich_text import DraftailRichTextArea

# Errors from Wagtail's conversion of values that the editor never sends: other text, other JSON, JSON nested too deeply.
CONVERSION_ERRORS = (AttributeError, ExporterException, LookupError, RecursionError, TypeError, ValueError)


class RichTextArea(DraftailRichTextArea):
    """Wagtail's rich text editor. An invalid value causes a response with status 400, where Wagtail fails with 500.

    Stored HTML opens as browsers read it: Wagtail's conversion fails with 500 for `<br>` and for elements that are not closed,
    which imports and APIs write.
    """

    def format_value(self, value: Any) -> str | None:
        """Return the content of the editor as JSON."""
        return super().format_value(str(BeautifulSoup(value, "html.parser")) if isinstance(value, str) else value)

    def value_from_datadict(self, data: Mapping[str, Any], files: Mapping[str, Any], name: str) -> str | None:
        """Return the text as stored HTML, or None without a value. Raises BadRequest."""
        try:
            return super().value_from_datadict(data, files, name)
        except CONVERSION_ERRORS as error:
            raise BadRequest(f"The field “{name[:100]}” does not contain valid rich text.") from error
