"""Public views for submitting events, viewing their state and changing them."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.models import WorkflowState

from cms.content.breadcrumbs import breadcrumbs
from cms.moderation import workflow
from users.models import User

from . import workflows
from .forms import SubmissionForm
from .models import Event
from .presentation import SECTION
from .rule_builder import DatesForm

MINE = (gettext_lazy("Your events"), "/events/mine/")
DRAFT, WAITING, NEEDS_CHANGES, PUBLISHED, REJECTED = (
    gettext_lazy("Draft"),
    gettext_lazy("In review"),
    gettext_lazy("Changes requested"),
    gettext_lazy("Published"),
    gettext_lazy("Rejected"),
)
COLOURS: dict[str | Promise, str] = {DRAFT: "neutral", WAITING: "brand", NEEDS_CHANGES: "warn", PUBLISHED: "ok", REJECTED: "stop"}


def state_of(event: Event) -> str | Promise:
    """Return the state of a submission as shown to its submitter."""
    state = event.current_workflow_state
    if state and state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        return NEEDS_CHANGES
    if state:
        return WAITING
    if event.live:
        return PUBLISHED
    return DRAFT if workflow.is_draft(event) else REJECTED


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def submit(request: HttpRequest) -> HttpResponse:
    return _answer(request, None)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    stored = get_object_or_404(Event.objects.filter(submitter=request.user), pk=pk)
    return _answer(request, stored.get_latest_revision_as_object() if stored.latest_revision_id else stored)


def _answer(request: HttpRequest, event: Event | None) -> HttpResponse:
    if request.method == "POST" and "check" in request.POST:
        return _show(request, SubmissionForm(request.POST, request=request, event=event), dates=DatesForm(request.POST).answer())
    if request.method != "POST":
        return _show(request, SubmissionForm(request=request, event=event))
    form = SubmissionForm(request.POST, request=request, event=event)
    if form.is_valid():
        try:
            form.spend()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            is_draft = "draft" in request.POST and (event is None or workflow.is_draft(event))
            with transaction.atomic():
                written = form.write()
                written.submitter = submitter = cast("User", request.user)
                save = workflow.save_draft if is_draft else workflows.submit
                save(written, by=submitter)
            if is_draft:
                messages.success(request, _("The draft of “%(title)s” has been saved.") % {"title": written.title})
                return redirect("events:mine")
            messages.success(request, _("Thank you. “%(title)s” has been submitted for review.") % {"title": written.title})
            return redirect("events:thanks" if event is None else "events:mine")
    return _show(request, form, status=422)


def _show(request: HttpRequest, form: SubmissionForm, *, dates: dict | None = None, status: int = 200) -> HttpResponse:
    event = form.event if form.event.pk else None
    context = {
        "form": form,
        "event": event,
        "dates": dates,
        "is_draft": event is None or workflow.is_draft(event),
        "drafts": [] if event else workflows.list_drafts(cast("User", request.user)),
        "reason": workflow.reason_for_return(event) if event else "",
        "breadcrumbs": breadcrumbs(SECTION, MINE, (_("Edit your event"), ""))
        if event
        else breadcrumbs(SECTION, (_("Add an event"), "")),
    }
    return render(request, "events/submit.html", context, status=status)


@never_cache
@require_safe
@login_required
def dates(request: HttpRequest) -> HttpResponse:
    """Return the next dates for the current values of a form while it is filled in."""
    return JsonResponse(DatesForm(request.GET).answer())


@never_cache
@require_safe
@login_required
def thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "events/thanks.html", {"breadcrumbs": breadcrumbs(SECTION, (_("Thank you"), ""))})


@never_cache
@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    rows = []
    for event in Event.objects.filter(submitter=request.user).select_related("calendar", "latest_revision").order_by("-pk")[:100]:
        newest = event.get_latest_revision_as_object() if event.latest_revision_id else event
        state = state_of(event)
        reason = workflow.reason_for_return(event) if state == NEEDS_CHANGES else event.rejection if state == REJECTED else ""
        rows.append(
            {
                "event": newest,
                "is_live": event.live,
                "state": state,
                "kind": COLOURS[state],
                "reason": reason,
                "edit_url": reverse("events:edit_submission", args=[event.pk]),
            }
        )
    return render(request, "events/mine.html", {"rows": rows, "breadcrumbs": breadcrumbs(SECTION, (MINE[0], ""))})
