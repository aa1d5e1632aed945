"""Admin views: review of a submission, and the dates of an event while its form is edited."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import View
from wagtail.admin.views import generic
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.models import Revision

from cms.moderation import workflow
from cms.moderation.outcomes import Outcome, find_log
from users.models import User

from . import workflows
from .changes import get_changes
from .models import Calendar, Event, EventSavedReply
from .recurrence import spans
from .rule_builder import DatesForm
from .rule_text import describe_rule

CHANGED = "The submitter has changed this event since you opened it. Read the new version, then decide."
INDEX = "wagtailsnippets_events_event:list"


class DecisionForm(forms.Form):
    """Form of a moderation decision with its message."""

    decision = forms.ChoiceField(choices=[("approve", ""), ("ask", ""), ("reject", "")])
    reply = forms.ModelChoiceField(
        label=_("Saved reply"),
        required=False,
        queryset=EventSavedReply.objects.all(),
        empty_label=_("No saved reply"),
        help_text=_("Inserted before your message."),
    )
    reason = forms.CharField(
        label=_("Message"),
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_(
            "The submitter receives this message. To request changes or to reject, enter a message or choose a saved reply."
        ),
    )

    @property
    def message(self) -> str:
        reply = self.cleaned_data["reply"]
        return "\n\n".join(part for part in [reply.text if reply else "", self.cleaned_data["reason"].strip()] if part)


class ReviewView(PermissionCheckedMixin, View):
    """Review of a submission: preview, possible duplicates and the decision."""

    model = Event
    permission_required = "change"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.event = get_object_or_404(Event.objects.select_related("submitter"), pk=kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show(request, DecisionForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self.show(request, form)
        if request.POST.get("seen", "") != str(getattr(self.revision, "pk", "")):
            form.add_error(None, CHANGED)
            return self.show(request, form)
        try:
            sentence = self.decide(cast("User", request.user), form.cleaned_data["decision"], form.message)
        except ValidationError as error:
            form.add_error(None, error)
            return self.show(request, form)
        messages.success(request, sentence)
        return redirect(INDEX)

    def decide(self, user: User, decision: str, message: str) -> str:
        if decision == "approve":
            workflows.approve(self.event, by=user)
            return _("“%(title)s” is published.") % {"title": self.event.title}
        if decision == "ask":
            workflows.request_changes(self.event, by=user, reason=message)
            return _("Changes requested for “%(title)s”.") % {"title": self.event.title}
        workflows.reject(self.event, by=user, reason=message)
        return _("“%(title)s” was rejected.") % {"title": self.event.title}

    @property
    def revision(self) -> Revision | None:
        """Return the revision that will be published on approval."""
        state = self.event.current_workflow_task_state
        return state.revision if state else self.event.latest_revision

    def show(self, request: HttpRequest, form: DecisionForm) -> TemplateResponse:
        state = self.event.current_workflow_task_state
        shown = self.revision.as_object() if self.revision else self.event
        edit_url = reverse("wagtailsnippets_events_event:edit", args=[self.event.pk])
        context = {
            "event": shown,
            "submitter": self.event.submitter,
            "rule_text": describe_rule(shown),
            "spans": spans(shown)[:6],
            "duplicates": workflows.rated_duplicates(shown),
            "form": form,
            "is_waiting": bool(state and state.status == state.STATUS_IN_PROGRESS),
            "edit_url": edit_url,
            "revision": self.revision,
            "changes": workflow.find_changes(self.event, get_changes),
            "is_change": self.event.live,
            "outcome": Outcome(self.event.title, workflow.describe_outcome(self.event), edit_url, find_log(self.event)),
        }
        return TemplateResponse(request, "events/admin/review.html", context)


class DatesView(PermissionCheckedMixin, View):
    """Return the next dates for the current values of the form while it is edited."""

    model = Event
    permission_required = "change"

    def get(self, request: HttpRequest) -> HttpResponse:
        return JsonResponse(DatesForm(request.GET).answer())


class CalendarIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet:
        return Calendar.objects.annotate(event_count=Count("events", distinct=True), read_at=Max("runs__finished_at"))
