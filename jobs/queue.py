"""The moderation queue in the admin: all that waits, the selected advert beside it, and the acts of moderators."""

from collections import defaultdict
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.models import ModelLogEntry

from cms.email.models import SentEmail
from cms.email.sending import about_key
from users.models import User

from .changes import changes
from .models import ACTS, CannedReply, Job, JobComment, Status

MAY_MODERATE = "jobs.moderate_job"
# The acts of the page, in the order of its buttons, and what each button says.
BUTTONS = {
    "approve": "Approve",
    "reject": "Send back",
    "ask": "Ask",
    "archive": "Archive",
    "fill": "Mark as filled",
    "renew": "Renew",
    "remove": "Remove as spam",
    "restore": "Put back into the queue",
}
WORDS_OF = {"reject": "reason", "ask": "question"}
BULK = ["approve", "reject", "archive", "remove"]
MOST_LOG_ENTRIES = 50


def moderators_only(view):
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any):
        if not request.user.has_perm(MAY_MODERATE):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return never_cache(inner)


def act_on(job: Job, act: str, *, by, words: str, seen: int | None) -> None:
    """One act of a moderator, with the words and the revision that it needs. Raises ValidationError with a sentence."""
    if act == "comment":
        JobComment.post(job, by=by, text=words)
        return
    if act not in BUTTONS:
        raise Http404("There is no such act.")
    extra: dict = {WORDS_OF[act]: words} if act in WORDS_OF else {}
    if act == "approve":
        extra["seen"] = seen
    getattr(job, act)(by=by, **extra)


def words_from(request: HttpRequest) -> str:
    """What the moderator typed, or else the canned reply that was chosen."""
    typed = request.POST.get("words", "").strip()
    canned = request.POST.get("canned", "")
    if not typed and canned.isdecimal():
        typed = CannedReply.objects.filter(pk=canned).values_list("text", flat=True).first() or ""
    return typed


def number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def histories(jobs: list[Job]) -> dict[int, str]:
    """What else the posters of some adverts have posted: "3 Live, 1 Sent back". One query."""
    posters = {job.submitted_by_id for job in jobs if job.submitted_by_id}
    found: dict[int, list[str]] = defaultdict(list)
    rows = Job.objects.filter(submitted_by__in=posters).order_by("status").values("submitted_by", "status", "is_spam")
    for row in rows.annotate(number=Count("pk")):
        label = "Spam" if row["is_spam"] else Status(row["status"]).label
        found[row["submitted_by"]].append(f"{row['number']} {label}")
    return {poster: ", ".join(words) for poster, words in found.items()}


def record(job: Job, user: User) -> dict:
    """All that a moderator sees of one advert."""
    before, now = job.text_before(), job.text_now()
    acts = job.acts_for(user)
    return {
        "job": job,
        "text": now,
        "changes": changes(before, now) if before else [],
        "is_resubmitted": before is not None,
        "buttons": [(act, label) for act, label in BUTTONS.items() if act in acts],
        "comments": job.comments.select_related("author"),
        "mails": SentEmail.objects.filter(about=about_key(job))[:20],
        "log": ModelLogEntry.objects.for_instance(job).select_related("user")[:MOST_LOG_ENTRIES],
        "canned_replies": CannedReply.objects.all(),
    }


@moderators_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    jobs = list(Job.objects.in_queue().select_related("submitted_by", "category", "proposed_revision"))
    history = histories(jobs)
    now = timezone.now()
    rows = [
        {
            "job": job,
            "days": (now - job.waits_since).days if job.waits_since else 0,
            "history": history.get(job.submitted_by_id, ""),
        }
        for job in jobs
    ]
    wanted = number(request.GET.get("job"))
    place = next((place for place, job in enumerate(jobs) if job.pk == wanted), 0)
    context = {"rows": rows, "bulk": [(act, BUTTONS[act]) for act in BULK]}
    if jobs:
        following = jobs[(place + 1) % len(jobs)]
        context |= record(jobs[place], request.user) | {"history": history.get(jobs[place].submitted_by_id, "")}
        context["next_job"] = following.pk if following != jobs[place] else ""
    return TemplateResponse(request, "jobs/admin/queue.html", context)


@moderators_only
@require_safe
def job_record(request: HttpRequest, pk: int) -> HttpResponse:
    """An advert in any state: what it says, what happened to it, and the way back into the queue."""
    job = get_object_or_404(Job.objects.select_related("submitted_by", "category", "proposed_revision"), pk=pk)
    history = histories([job]).get(job.submitted_by_id, "")
    return TemplateResponse(request, "jobs/admin/record.html", record(job, request.user) | {"history": history, "stays": True})


@moderators_only
@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=pk)
    name, words = request.POST.get("act", ""), words_from(request)
    back = reverse("job_queue:job", args=[pk]) if "stays" in request.POST else f"{reverse('job_queue:index')}?job={pk}"
    try:
        act_on(job, name, by=request.user, words=words, seen=number(request.POST.get("seen")))
    except ValidationError as error:
        messages.error(request, f"{job}: {error.messages[0]}")
        return redirect(back)
    messages.success(request, f"{job}: {ACTS[name].label.lower() if name in ACTS else 'message sent'}.")
    if "stays" in request.POST or name == "comment":
        return redirect(back)
    following = number(request.POST.get("next_job"))
    return redirect(reverse("job_queue:index") + (f"?job={following}" if following else ""))


@moderators_only
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """The same act for all selected adverts, each for itself: one that cannot be done holds up no other."""
    name, words = request.POST.get("act", ""), words_from(request)
    if name not in BULK:
        raise Http404("There is no such act for several adverts.")
    done = 0
    for choice in request.POST.getlist("chosen"):
        pk, _, seen = choice.partition(":")
        job = Job.objects.filter(pk=number(pk)).first()
        if job is None:
            continue
        try:
            act_on(job, name, by=request.user, words=words, seen=number(seen))
        except ValidationError as error:
            messages.error(request, f"{job}: {error.messages[0]}")
        else:
            done += 1
    if done:
        messages.success(request, f"{ACTS[name].label}: {done} advert{'' if done == 1 else 's'}.")
    return redirect("job_queue:index")


class QueueMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest):
        return request.user.has_perm(MAY_MODERATE)


class QueueViewSet(ViewSet):
    name = "job_queue"
    url_prefix = "jobs/queue"
    icon = "job"
    menu_label = "Queue"
    menu_item_class = QueueMenuItem

    def get_urlpatterns(self):
        return [
            path("", index, name="index"),
            path("bulk/", bulk, name="bulk"),
            path("<int:pk>/", job_record, name="job"),
            path("<int:pk>/act/", act, name="act"),
        ]
