"""Spreadsheet exports of Wagtail and modeladmin, whose cells never run as formulas.

Wagtail has no setting for this, and most of its reports are not registered by this site: the mixin of all of them is changed.
"""

from typing import Any

from wagtail.admin.views.mixins import SpreadsheetExportMixin

from cms.platform.text import safe_cell

preprocess_field_value = SpreadsheetExportMixin.preprocess_field_value


def safe_field_value(view: SpreadsheetExportMixin, field: str, value: Any, export_format: str) -> Any:
    """Return the value of a cell, as Wagtail writes it, without formulas and forbidden characters."""
    return safe_cell(preprocess_field_value(view, field, value, export_format))


SpreadsheetExportMixin.preprocess_field_value = safe_field_value
