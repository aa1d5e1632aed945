"""Moderation queue of jobs in the admin: the list, the selected job next to it, and the actions of moderators."""

from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.models import ModelLogEntry

from cms.editor import draft_messages
from cms.email import drafts
from cms.email.panels import find_emails
from cms.moderation import claims
from cms.moderation.outcomes import Outcome, describe_entries, find_log, find_removed
from cms.moderation.queue_views import describe_claimer
from cms.platform.text import parse_int
from cms.undo.steps import undoable
from users.models import User
from users.requests import AuthenticatedRequest

from .changes import get_changes
from .duplicates import get_duplicates
from .models import TRANSITIONS, Job, SavedReply, Status
from .workflows import post_comment

MAY_MODERATE = "jobs.moderate_job"
# Actions in the order of their buttons, with the label of each.
BUTTONS = {
    "approve": "Approve",
    "reject": gettext_lazy("Request changes"),
    "ask": gettext_lazy("Ask the poster"),
    "archive": "Archive",
    "fill": gettext_lazy("Mark as filled"),
    "renew": "Renew",
    "remove": gettext_lazy("Remove as spam"),
    "restore": gettext_lazy("Return to the queue"),
}
BULK_ACTIONS = ["approve", "reject", "archive", "remove"]
MAX_LOG_ENTRIES = 50


def moderator_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(MAY_MODERATE):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return never_cache(inner)


def apply_action(job: Job, name: str, *, by: User, message: str, seen: int | None) -> None:
    """Apply an action of a moderator, with the message or the id of the revision that it needs. Raises ValidationError."""
    if name == "comment":
        post_comment(job, by=by, text=message)
        return
    if name not in BUTTONS:
        raise Http404("Unknown action.")
    arguments: dict[str, Any] = {}
    if TRANSITIONS[name].message:
        arguments[TRANSITIONS[name].message] = message
    if name == "approve":
        arguments["seen"] = seen
    also = job.get_jobs_of_spammer() if name == "remove" else []
    with undoable(job, by=by, label=str(TRANSITIONS[name].label), also=also):
        getattr(job, name)(by=by, **arguments)


def get_message(request: HttpRequest) -> str:
    """Return the message that the moderator typed, or else the text of the selected saved reply."""
    typed = request.POST.get("message", "").strip()
    saved_reply = parse_int(request.POST.get("saved_reply"))
    if not typed and saved_reply:
        typed = SavedReply.objects.filter(pk=saved_reply).values_list("text", flat=True).first() or ""
    return typed


def histories(jobs: list[Job]) -> dict[int | None, str]:
    """Return for each poster the number of jobs by state, such as "3 Live, 1 Changes requested". One query."""
    posters = {job.submitted_by_id for job in jobs if job.submitted_by_id}
    found: dict[int, list[str]] = defaultdict(list)
    rows = Job.objects.filter(submitted_by__in=posters).order_by("status").values("submitted_by", "status", "is_spam")
    for row in rows.annotate(number=Count("pk")):
        label = "Spam" if row["is_spam"] else Status(row["status"]).label
        found[row["submitted_by"]].append(f"{row['number']} {label}")
    return {poster: ", ".join(counts) for poster, counts in found.items()}


def job_context(job: Job, user: User) -> dict[str, Any]:
    """Return the context of a job for a moderator."""
    before, now = job.get_reviewed_text(), job.get_latest_text()
    available = job.get_transitions(user)
    return {
        "job": job,
        "text": now,
        "changes": get_changes(before, now) if before else [],
        "is_resubmitted": before is not None,
        "buttons": [(name, label) for name, label in BUTTONS.items() if name in available],
        "comments": job.comments.select_related("author"),
        "emails": find_emails(job),
        "log": describe_entries(ModelLogEntry.objects.for_instance(job).select_related("user")[:MAX_LOG_ENTRIES]),
        "spam_effects": job.describe_spam_effects() if "remove" in available else [],
        "saved_replies": SavedReply.objects.all(),
        "duplicates": get_duplicates(job.pk),
    }


def get_outcome(pk: int | None) -> Outcome | None:
    """Return the outcome of a job that is not in the queue, or None if there never was a job with this id."""
    if pk is None:
        return None
    job = Job.objects.filter(pk=pk).first()
    if job is None:
        return find_removed(Job, pk)
    return Outcome(str(job), job.state_label, reverse("job_queue:job", args=[pk]), find_log(job))


@moderator_required
@require_safe
def index(request: AuthenticatedRequest) -> HttpResponse:
    jobs = list(Job.objects.in_queue().select_related("submitted_by", "category", "proposed_revision"))
    history = histories(jobs)
    claimed = claims.find_claims()
    now = timezone.now()
    rows = [
        {
            "job": job,
            "days": (now - job.queued_at).days if job.queued_at else 0,
            "history": history.get(job.submitted_by_id, ""),
            "claimed_by": describe_claimer(claimed.get(f"jobs-{job.pk}"), request.user),
        }
        for job in jobs
    ]
    wanted = request.GET.get("job")
    position = next((position for position, job in enumerate(jobs) if str(job.pk) == wanted), None)
    context: dict[str, Any] = {"rows": rows, "bulk_actions": [(name, BUTTONS[name]) for name in BULK_ACTIONS]}
    if position is None and wanted:
        decided = get_outcome(parse_int(wanted))
        if decided is None:
            raise Http404(gettext("This job does not exist."))
        return TemplateResponse(request, "jobs/admin/queue.html", context | {"decided": decided})
    if jobs:
        position = position or 0
        following = jobs[(position + 1) % len(jobs)]
        context |= job_context(jobs[position], request.user) | {"history": history.get(jobs[position].submitted_by_id, "")}
        context["claim"] = claimed.get(f"jobs-{jobs[position].pk}")
        context["next_job"] = following.pk if following != jobs[position] else ""
    return TemplateResponse(request, "jobs/admin/queue.html", context)


@moderator_required
@require_safe
def job_record(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show a job in any state with its history and actions."""
    job: Job = get_object_or_404(Job.objects.select_related("submitted_by", "category", "proposed_revision"), pk=pk)
    history = histories([job]).get(job.submitted_by_id, "")
    return TemplateResponse(
        request, "jobs/admin/record.html", job_context(job, request.user) | {"history": history, "stays": True}
    )


@moderator_required
@require_POST
def apply_job_action(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    job: Job = get_object_or_404(Job, pk=pk)
    name, message = request.POST.get("action", ""), get_message(request)
    back = reverse("job_queue:job", args=[pk]) if "stays" in request.POST else f"{reverse('job_queue:index')}?job={pk}"
    try:
        apply_action(job, name, by=request.user, message=message, seen=parse_int(request.POST.get("seen")))
    except ValidationError as error:
        messages.error(request, f"{job}: {error.messages[0]}")
        return redirect(back)
    messages.success(
        request, f"{job}: {str(TRANSITIONS[name].label).lower() if name in TRANSITIONS else gettext('message sent')}."
    )
    if "stays" in request.POST or name == "comment":
        return redirect(back)
    claims.release("jobs", pk)
    # Another moderator may have decided on the next job in the meantime.
    following = Job.objects.in_queue().filter(pk=parse_int(request.POST.get("next_job"), 0)).first()
    return redirect(reverse("job_queue:index") + (f"?job={following.pk}" if following else ""))


@moderator_required
@require_POST
def bulk(request: AuthenticatedRequest) -> HttpResponse:
    """Apply one action to all selected jobs, each in its own transaction, so that a failure does not stop the others."""
    name, message = request.POST.get("action", ""), get_message(request)
    if name not in BULK_ACTIONS:
        raise Http404("This action is not available for several jobs.")
    done = 0
    for choice in request.POST.getlist("chosen"):
        pk, _, seen = choice.partition(":")
        job = Job.objects.filter(pk=parse_int(pk, 0)).first()
        if job is None:
            continue
        try:
            with drafts.drafting(request.user):
                apply_action(job, name, by=request.user, message=message, seen=parse_int(seen))
        except ValidationError as error:
            messages.error(request, f"{job}: {error.messages[0]}")
        else:
            done += 1
    if done:
        messages.success(
            request,
            ngettext("%(action)s: %(number)s job.", "%(action)s: %(number)s jobs.", done)
            % {"action": TRANSITIONS[name].label, "number": done},
        )
    draft_messages.announce_drafts(request)
    return redirect("job_queue:index")


class QueueMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MAY_MODERATE)


class QueueViewSet(ViewSet):
    name = "job_queue"
    url_prefix = "jobs/queue"
    icon = "job"
    menu_label = _("Job queue")
    menu_item_class = QueueMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", index, name="index"),
            path("bulk/", bulk, name="bulk"),
            path("<int:pk>/", job_record, name="job"),
            path("<int:pk>/action/", apply_job_action, name="action"),
        ]
