"""Trash of deleted records, and the button that undoes a deletion or an action."""

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import django_filters
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.utils import get_valid_next_url_from_request
from wagtail.admin.views.reports import ReportView
from wagtail.models import Page
from wagtail.permissions import policy_registry

from cms.undo import steps
from cms.undo.models import UndoStep
from users.models import User
from users.requests import AuthenticatedRequest

from .listings import DayColumn
from .permissions import may_change_record

MAX_NAMED = 5


def find_visible(user: User) -> QuerySet[UndoStep]:
    """Return the deleted records that a user may restore: those that they deleted, that they may edit, or whose parent page
    they may publish.
    """
    found = UndoStep.objects.in_trash()
    pages = policy_registry.get_by_type(Page).instances_user_has_any_permission_for(user, {"publish"})
    types = [
        content_type.pk
        for content_type in ContentType.objects.filter(pk__in=found.values("content_type"))
        if (model := content_type.model_class())
        and not issubclass(model, Page)
        and policy_registry.get_by_type(model).user_has_any_permission(user, {"add", "change"})
    ]
    return found.filter(Q(user=user) | Q(content_type__in=types) | Q(parent_page_id__in=pages.values("pk"))).select_related(
        "content_type", "user"
    )


def may_undo(step: UndoStep, user: User) -> bool:
    """Return whether a user may undo a step: their own, a deletion that they see in the trash, or a decision about a record
    that they may change."""
    if step.user_id == user.pk:
        return True
    if step.is_deletion:
        return find_visible(user).filter(pk=step.pk).exists()
    record = step.get_record()
    return record is not None and may_change_record(record, user)


class TrashFilterSet(WagtailFilterSet):
    title = django_filters.CharFilter(lookup_expr="icontains", label=gettext_lazy("Title"))
    content_type = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Type"),
        queryset=lambda request: ContentType.objects.filter(pk__in=find_visible(request.user).values("content_type")),
    )

    class Meta:
        model = UndoStep
        fields = ["title", "content_type"]


class TrashView(ReportView):
    """List of deleted records, newest first."""

    page_title = gettext_lazy("Trash")
    header_icon = "bin"
    index_url_name = "trash"
    index_results_url_name = "trash_results"
    results_template_name = "wagtailadmin/generic/index_results.html"
    model = UndoStep
    filterset_class = TrashFilterSet
    default_ordering = "-created_at"
    permission_required = "wagtailadmin.access_admin"
    permission_policy = None
    is_searchable = False
    list_export = ["title", "type_name", "user", "created_at", "expires_at"]
    export_filename = "trash"
    empty_note = gettext_lazy("Records that you delete in the admin are kept here for 30 days and can be restored.")

    def user_has_permission(self, permission: str) -> bool:
        return self.request.user.has_perm(permission)

    def get_queryset(self) -> QuerySet[UndoStep]:
        self.queryset = find_visible(self.request.user).defer("snapshot")
        return super().get_queryset()

    @property
    def columns(self) -> list[Column]:
        return [
            TitleColumn(
                "title", label=gettext("Record"), get_url=lambda row: reverse("trash_item", args=[row.pk]), sort_key="title"
            ),
            Column("type_name", label=gettext("Type")),
            Column("user", label=gettext("Deleted by"), sort_key="user__username"),
            DayColumn("created_at", label=gettext("Deleted"), sort_key="created_at"),
            DayColumn("expires_at", label=gettext("Kept until")),
        ]


@require_safe
def trash_item(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show what a deleted record contains, before it is restored."""
    step = get_object_or_404(find_visible(request.user), pk=pk)
    others = UndoStep.objects.open().filter(batch=step.batch).exclude(pk=step.pk)
    return TemplateResponse(request, "cms/admin/trash_item.html", {"step": step, "others": others})


@require_POST
def undo(request: AuthenticatedRequest, batch: uuid.UUID) -> HttpResponse:
    """Undo everything that one request deleted or decided."""
    back = get_valid_next_url_from_request(request)
    try:
        records = undo_batch(batch, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(back or reverse("trash"))
    messages.success(
        request,
        ngettext("Undone: “%(titles)s” is as it was before.", "Undone: %(titles)s are as they were before.", len(records))
        % {"titles": get_text_list([str(record) for record in records[:MAX_NAMED]], gettext("and"))},
    )
    edit_url = AdminURLFinder(request.user).get_edit_url(records[0]) if len(records) == 1 else None
    return redirect(back or edit_url or reverse("trash"))


@transaction.atomic
def undo_batch(batch: uuid.UUID, *, by: User) -> list[models.Model]:
    """Undo a batch and return its records. Raises PermissionDenied and ValidationError."""
    if not all(may_undo(step, by) for step in UndoStep.objects.open().filter(batch=batch).select_related("content_type")):
        raise PermissionDenied
    undone = steps.undo(batch, by=by)
    for step in undone:
        # Groups, for example, may grant more than the user has.
        if step.user_id != by.pk and not may_change_record(step.get_record(), by):
            raise PermissionDenied
    return [step.get_record() for step in undone]


def undo_button(request: HttpRequest, batch: uuid.UUID, next_url: str) -> SafeString:
    """Return a form with the button that undoes a batch, for a message on the page with the given URL."""
    return format_html(
        '<form class="undo" method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<input type="hidden" name="next" value="{}">'
        '<button class="button button-small button-secondary" type="submit">{}</button></form>',
        reverse("undo", args=[batch]),
        get_token(request),
        next_url,
        gettext("Undo"),
    )


def add_buttons(request: HttpRequest, sentence: str, batches: set[uuid.UUID], next_url: str) -> None:
    """Add the buttons that undo what a request did to its success message, or to a new one. Each batch has one button."""
    buttons = format_html_join(" ", "{}", ((undo_button(request, batch, next_url),) for batch in batches))
    # Messages that are shown by the next page. Wagtail's views have no hook for the text of theirs.
    storage: Any = messages.get_messages(request)
    queued = [one for one in storage._queued_messages if one.level == messages.SUCCESS]
    if queued:
        queued[-1].message = format_html("{} {}", queued[-1].message, buttons)
    else:
        messages.success(request, format_html("{} {}", sentence, buttons))


class UndoMiddleware:
    """Offer to undo what a request of the admin has deleted or decided, in a message on the next page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not request.path.startswith("/admin/"):
            return self.get_response(request)
        with steps.gather_batches() as batches:
            response = self.get_response(request)
            if batches and response.status_code < HTTPStatus.BAD_REQUEST:
                add_buttons(request, gettext("You can undo this for 30 days."), batches, response.headers.get("Location", ""))
        return response
