"""Form data that a browser submits from an unchanged admin form."""

import json
from typing import Any

from django.forms import BaseForm, BaseFormSet
from django.forms.widgets import CheckboxInput
from wagtail import blocks
from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.admin.widgets import BaseChooser
from wagtail.contrib.typed_table_block.blocks import BaseTypedTableBlock
from wagtail.images.blocks import ImageBlock


def form_of(row, edit_handler, client, form: BaseForm | None = None) -> dict[str, Any]:
    """Return the data of the unchanged edit form of a row."""
    if form is None:
        user = client.get("/admin/").wsgi_request.user
        latest = row.get_latest_revision_as_object() if hasattr(row, "get_latest_revision_as_object") else row
        form = edit_handler.get_form_class()(instance=latest, for_user=user)
    data: dict[str, Any] = {}
    for bound in form:
        data |= _field(bound)
    for formset in getattr(form, "formsets", {}).values():
        data |= _formset(formset)
    return data


def _formset(formset: BaseFormSet) -> dict[str, Any]:
    data = {bound.html_name: bound.value() for bound in formset.management_form}
    for form in formset.initial_forms:
        for bound in form:
            data |= _field(bound)
    return data


def _field(bound) -> dict[str, Any]:
    value, widget = bound.value(), bound.field.widget
    block = getattr(bound.field, "block", None)
    if block is not None:
        return _block(block, value, bound.html_name)
    if isinstance(widget, CheckboxInput):
        return {bound.html_name: "on"} if value else {}
    if hasattr(value, "storage"):
        return {}
    if isinstance(widget, BaseChooser):
        return {bound.html_name: getattr(value, "pk", value) or ""}
    context = widget.get_context(bound.html_name, bound.field.prepare_value(value), {})["widget"]
    if "subwidgets" in context:
        return {each["name"]: each["value"] if each["value"] is not None else "" for each in context["subwidgets"]}
    shown = context.get("value")
    if isinstance(shown, list | tuple) and not getattr(widget, "allow_multiple_selected", False):
        shown = shown[0] if shown else ""
    return {bound.html_name: "" if shown is None else shown}


def _block(block: blocks.Block, value: Any, prefix: str) -> dict[str, Any]:  # noqa: C901, PLR0911 -- one answer for each kind of block.
    if isinstance(block, blocks.BaseStreamBlock):
        value = [] if value is None else value
        data = {f"{prefix}-count": str(len(value))}
        for number, child in enumerate(value):
            start = f"{prefix}-{number}"
            data |= {f"{start}-deleted": "", f"{start}-order": str(number)}
            data |= {f"{start}-type": child.block_type, f"{start}-id": child.id or ""}
            data |= _block(child.block, child.value, f"{start}-value")
        return data
    if isinstance(block, blocks.ListBlock):
        value = [] if value is None else value
        data = {f"{prefix}-count": str(len(value))}
        for number, child in enumerate(value):
            start = f"{prefix}-{number}"
            data |= {f"{start}-deleted": "", f"{start}-order": str(number)} | _block(block.child_block, child, f"{start}-value")
        return data
    if isinstance(block, BaseTypedTableBlock):
        return {f"{prefix}-caption": "", f"{prefix}-column-count": "0", f"{prefix}-row-count": "0"}
    if isinstance(block, ImageBlock):
        return {f"{prefix}-image": value.pk if value else "", f"{prefix}-alt_text": "A picture" if value else ""}
    if isinstance(block, blocks.BaseStructBlock):
        value, data = value or {}, {}
        for name, child in block.child_blocks.items():
            data |= _block(child, value.get(name), f"{prefix}-{name}")
        return data
    if isinstance(block, blocks.RichTextBlock):
        widget = get_rich_text_editor_widget(block.editor, features=block.features)
        return {prefix: widget.format_value(value.source if value else "") or json.dumps(None)}
    if isinstance(block, blocks.BooleanBlock):
        return {prefix: "on"} if value else {}
    if hasattr(value, "pk"):
        return {prefix: value.pk}
    return {prefix: "" if value is None else value}
