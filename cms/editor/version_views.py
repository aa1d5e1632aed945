"""Versions of records without Wagtail revisions: list, comparison and restoration."""

from itertools import pairwise
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.admin_url_finder import AdminURLFinder

from cms.moderation.changes import Change, compare_fields
from cms.undo.models import RecordVersion
from cms.undo.versions import has_versions, restore_version
from users.requests import AuthenticatedRequest

from .permissions import may_change_record

PER_PAGE = 20


def versions_url(record: models.Model) -> str:
    """Return the URL of the versions of a record, or an empty string if Wagtail shows them."""
    if not record.pk or not has_versions(type(record)):
        return ""
    return reverse("record_versions", args=[ContentType.objects.get_for_model(record).pk, record.pk])


@require_safe
def versions(request: AuthenticatedRequest, content_type_id: int, pk: str) -> HttpResponse:
    """List the versions of a record, newest first, each with its differences from the one before."""
    model = get_object_or_404(ContentType, pk=content_type_id).model_class()
    if model is None or not has_versions(model):
        raise Http404
    record = get_object_or_404(model._base_manager, pk=pk)
    if not may_change_record(record, request.user):
        raise PermissionDenied
    found = RecordVersion.objects.of(record).select_related("user")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
    shown = list(found[page.start_index() - 1 : page.end_index() + 1]) if page.object_list else []
    rows = [{"version": newer, "changes": compare(older, newer), "is_first": False} for newer, older in pairwise(shown)]
    if shown and page.number == page.paginator.num_pages:
        rows.append({"version": shown[-1], "changes": [], "is_first": True})
    context = {
        "record": record,
        "rows": rows,
        "page_obj": page,
        "edit_url": AdminURLFinder(request.user).get_edit_url(record),
    }
    return TemplateResponse(request, "cms/admin/versions.html", context)


@require_POST
def restore(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(RecordVersion, pk=pk)
    record = version.get_record()
    if record is None:
        raise Http404
    if not may_change_record(record, request.user):
        raise PermissionDenied
    try:
        restored = restore_version(version, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(
            request, gettext("“%(record)s” is restored. The previous version is in the list of versions.") % {"record": restored}
        )
    return redirect(versions_url(record))


def compare(older: RecordVersion, newer: RecordVersion) -> list[Change]:
    """Return the fields that differ between two versions of a record, with those of its rows in other tables."""
    before, after = rows_by_key(older), rows_by_key(newer)
    return compare_fields(
        (label_of(key, name), text_of(key[0], name, before.get(key, {})), text_of(key[0], name, after.get(key, {})))
        for key in {**before, **after}
        for name in {**before.get(key, {}), **after.get(key, {})}
    )


def rows_by_key(version: RecordVersion) -> dict[tuple[str, Any], dict[str, Any]]:
    return {(row["model"], row["pk"]): row["fields"] for row in version.snapshot["rows"]}


def label_of(key: tuple[str, Any], name: str) -> str:
    meta = apps.get_model(key[0])._meta
    label = capfirst(str(getattr(meta.get_field(name), "verbose_name", name)))
    return label if not meta.auto_created else capfirst(str(meta.get_field(name).remote_field.model._meta.verbose_name))


def text_of(label: str, name: str, fields: dict[str, Any]) -> str:
    """Return the value of a field for people."""
    value = fields.get(name)
    if value in (None, ""):
        return ""
    field = apps.get_model(label)._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        return str(field.remote_field.model._base_manager.filter(pk=value).first() or value)
    return str(dict(field.flatchoices).get(value, value)) if field.choices else str(value)
