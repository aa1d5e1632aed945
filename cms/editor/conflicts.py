"""Editing conflicts: a form that was opened before someone else saved asks before it overwrites their version.

Wagtail writes the revision that a form was opened with into the form; `loaded_version` does the same for models without
revisions. A middleware compares it with the newest one, on any admin form, while it holds a lock: of two people who save at the
same moment, the second one has to confirm.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.log_actions import registry
from wagtail.models import Revision, TaskState

from cms.moderation import workflow
from cms.platform.middleware import answer_library_error

VERSION_FIELD = "loaded_version"
# Period in which an autosave by the same person counts as part of the form that they submit.
AUTOSAVE = timedelta(seconds=10)
# URL parameter of the buttons that decide without the form.
TASK_ARGUMENT = "task_state_id"
REVISION_FIELDS = ("loaded_revision_id", "loaded_revision_created_at", "overwrite_revision_id")


@dataclass
class Conflict:
    """Newer version of an object. `fields` are the hidden fields of a form that was opened with it."""

    title: str
    saved_by: str
    saved_at: datetime
    fields: dict[str, str]


class EditConflictMiddleware:
    """Ask for confirmation before an admin form overwrites a version that its user has not seen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        # Wagtail rejects an outdated autosave, which is JSON, by itself.
        if request.method != "POST" or not request.path.startswith("/admin/") or not request.accepts("text/html"):
            return None
        if TASK_ARGUMENT not in kwargs and not {VERSION_FIELD, REVISION_FIELDS[0]} & set(request.POST):
            return None
        if not request.user.has_perm("wagtailadmin.access_admin"):
            # The view itself rejects the request.
            return None
        try:
            with transaction.atomic():
                if sentence := find_earlier_decision(request, kwargs):
                    messages.warning(request, sentence)
                    return leave_decision(request, kwargs)
                conflict = find_revision_conflict(request) or find_model_conflict(request)
                return ask(request, conflict) if conflict else view(request, *args, **kwargs)
        except Exception as error:
            # Django passes an exception to other middleware only if Django itself called the view.
            if (response := answer_library_error(request, error)) is not None:
                return response
            raise


def find_loaded_revision(request: HttpRequest) -> Revision | None:
    """Return the revision that a form was opened with, locked."""
    number = request.POST.get(REVISION_FIELDS[0], "")
    return Revision.objects.select_for_update().filter(pk=number).first() if number.isdecimal() else None


def find_earlier_decision(request: HttpRequest, arguments: dict[str, Any]) -> str:
    """Return the name of the person who has already decided, for example with the first of two clicks, or an empty string.

    The lock makes the second of two requests wait for the first.
    """
    if TASK_ARGUMENT in arguments:
        task = TaskState.objects.select_for_update().filter(pk=arguments[TASK_ARGUMENT]).first()
        decided = task is not None and task.status != TaskState.STATUS_IN_PROGRESS
        return workflow.describe_decision(task.workflow_state.content_object) if decided else ""
    loaded = find_loaded_revision(request) if "action-workflow-action" in request.POST else None
    record = loaded.content_object if loaded else None
    if record is None:
        return ""
    state = record.current_workflow_state
    is_waiting = state is not None and state.status == state.STATUS_IN_PROGRESS
    return "" if is_waiting else workflow.describe_decision(record)


def leave_decision(request: HttpRequest, arguments: dict[str, Any]) -> HttpResponse:
    """Redirect from a decision that someone else has already made: to the form, or to the page with the button."""
    if TASK_ARGUMENT not in arguments:
        return redirect(request.path)
    url = get_valid_next_url_from_request(request) or reverse("wagtailadmin_home")
    in_dialog = request.headers.get("x-requested-with") == "XMLHttpRequest"
    return JsonResponse({"step": "success", "redirect": url}) if in_dialog else redirect(url)


def find_revision_conflict(request: HttpRequest) -> Conflict | None:
    """Return the newer revision of the object of a form, and lock the one that the form was opened with."""
    number, moment, own = (request.POST.get(name, "") for name in REVISION_FIELDS)
    loaded = find_loaded_revision(request)
    if loaded is None:
        return None
    revisions = Revision.objects.filter(base_content_type=loaded.base_content_type_id, object_id=loaded.object_id)
    newest = revisions.select_related("user").order_by("-created_at", "-pk").first()
    if newest is None:
        return None
    created_at = newest.created_at.isoformat()
    if own == str(newest.pk) or (not own and (number, moment) == (str(newest.pk), created_at)):
        return None
    if (
        not own
        and number == str(newest.pk)
        and newest.user_id == request.user.pk
        and timezone.now() - newest.created_at < AUTOSAVE
    ):
        # The form was sent during its own autosave, whose response would have updated the hidden fields.
        return None
    fields = {"loaded_revision_id": str(newest.pk), "loaded_revision_created_at": created_at}
    return Conflict(newest.object_str, name_of(newest.user), newest.created_at, fields)


def last_log_entry(row: models.Model) -> Any:
    return registry.get_logs_for_instance(row).select_related("user").order_by("-timestamp", "-pk").first()


def loaded_version(row: models.Model) -> str:
    """Return the version of an object for the form that changes it: its last log entry."""
    entry = last_log_entry(row)
    return f"{row._meta.label_lower}:{row.pk}:{entry.pk if entry else ''}"


def find_model_conflict(request: HttpRequest) -> Conflict | None:
    """Return the last change of the row of a form after it was opened, and lock the row."""
    loaded = request.POST.get(VERSION_FIELD, "")
    label, _, rest = loaded.partition(":")
    try:
        model = apps.get_model(label)
        row = model._base_manager.select_for_update().filter(pk=rest.rpartition(":")[0]).first()
    except (LookupError, ValueError):
        return None
    if row is None or loaded_version(row) == loaded:
        return None
    entry = last_log_entry(row)
    return Conflict(str(row), name_of(entry.user), entry.timestamp, {VERSION_FIELD: loaded_version(row)}) if entry else None


def name_of(user: Any) -> str:
    return (user.get_full_name() or user.get_username()) if user else "A program"


def ask(request: HttpRequest, conflict: Conflict) -> HttpResponse:
    """Return a form with the entered text, which users can submit again to overwrite the newer version."""
    outdated = {"csrfmiddlewaretoken", VERSION_FIELD, *REVISION_FIELDS}
    typed = [(name, text) for name, texts in request.POST.lists() if name not in outdated for text in texts]
    context = {"conflict": conflict, "fields": [*typed, *conflict.fields.items()], "has_files": bool(request.FILES)}
    return TemplateResponse(request, "cms/admin/edit_conflict.html", context, status=409)
