"""Named versions in the history, and pruning of the saves between them.

A milestone is a log entry with a name and its version. The history shows milestones with their actions and can be filtered by
them. Versions that are named, were published or are in review are never pruned.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.apps import apps as installed
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.log_actions import LogFormatter, log
from wagtail.models import DraftStateMixin, ModelLogEntry, Page, PageLogEntry, Revision, TaskState, WorkflowState

from users.requests import AuthenticatedRequest

from .models import BundleItem, PreviewLink
from .permissions import may_change

ACTION = "cms.milestone"
# Of older versions, the last one of each day is kept.
DAYS_OF_ALL = 30
# Maximum number of IDs in one SQL statement.
BATCH = 500
OPEN_REVIEW = [WorkflowState.STATUS_IN_PROGRESS, WorkflowState.STATUS_NEEDS_CHANGES]


class MilestoneFormatter(LogFormatter):
    label = _("Name this version")

    def format_message(self, entry: Any) -> str:
        return f"Milestone: {entry.data.get('name', '')}"


class MilestoneForm(forms.Form):
    name = forms.CharField(
        max_length=100,
        label=_("Name"),
        help_text=_("For example: Before the redesign. The name appears in the history, and the version is never deleted."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def name_version(request: AuthenticatedRequest, content_type_id: int, pk: int) -> HttpResponse:
    """Name the latest version of an object. Requires permission to change it."""
    model = get_object_or_404(ContentType, pk=content_type_id).model_class()
    if model is None or not issubclass(model, DraftStateMixin):
        raise Http404
    thing: Any = get_object_or_404(model._default_manager.select_related("latest_revision"), pk=pk)
    if not may_change(thing, request.user):
        raise PermissionDenied
    edit_url = AdminURLFinder(request.user).get_edit_url(thing) or reverse("wagtailadmin_home")
    form = MilestoneForm(request.POST or None)
    if thing.latest_revision is None:
        messages.error(request, _("There is no saved version to share yet. Save a draft first."))
        return redirect(edit_url)
    if form.is_valid():
        name = form.cleaned_data["name"]
        log(
            instance=thing,
            action=ACTION,
            user=request.user,
            data={"name": name},
            revision=thing.latest_revision,
            content_changed=True,
        )
        messages.success(request, _("This version is named “%(name)s”.") % {"name": name})
        return redirect(edit_url)
    context = {"form": form, "thing": thing, "edit_url": edit_url, "saved_at": thing.latest_revision.created_at}
    return TemplateResponse(request, "cms/admin/milestone.html", context, status=422 if form.is_bound else 200)


def prunable(at: datetime | None = None) -> Iterator[int]:
    """Return the IDs of old versions that can be deleted.

    Kept are the last of each day, and versions that are live, newest, scheduled, named, were published, are in an open review,
    or have an active preview link.
    """
    old = Revision.objects.filter(created_at__lt=(at or timezone.now()) - timedelta(days=DAYS_OF_ALL), approved_go_live_at=None)
    retained = live_versions() | set(
        TaskState.objects.filter(workflow_state__status__in=OPEN_REVIEW).values_list("revision_id", flat=True)
    )
    for field in ("revision_id", "previous_revision_id"):
        retained |= set(BundleItem.objects.exclude(**{field: None}).values_list(field, flat=True))
    retained |= set(PreviewLink.objects.active().filter(revision__isnull=False).values_list("revision_id", flat=True))
    for entries in (PageLogEntry, ModelLogEntry):
        named = entries.objects.filter(Q(action=ACTION) | Q(action__startswith="wagtail.publish"), revision__isnull=False)
        retained |= set(named.values_list("revision_id", flat=True))
    rows = old.order_by("base_content_type_id", "object_id", "-created_at", "-pk")
    last = None
    for pk, kind, object_id, created_at in rows.values_list("pk", "base_content_type_id", "object_id", "created_at").iterator():
        day = (kind, object_id, created_at.date())
        is_last, last = day != last, day
        if not is_last and pk not in retained:
            yield pk


def live_versions() -> set[int]:
    drafted = [
        Page,
        *(model for model in installed.get_models() if issubclass(model, DraftStateMixin) and not issubclass(model, Page)),
    ]
    return {
        pk
        for model in drafted
        for pk in model._base_manager.exclude(live_revision=None).values_list("live_revision_id", flat=True)
    }


def prune(at: datetime | None = None) -> int:
    """Delete the prunable versions, and return their number."""
    ids = list(prunable(at))
    for start in range(0, len(ids), BATCH):
        Revision.objects.filter(pk__in=ids[start : start + BATCH]).delete()
    return len(ids)
