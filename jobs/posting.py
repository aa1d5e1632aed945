"""Views for posters: the form, their jobs and the renewal link."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from users.models import User
from users.requests import AuthenticatedRequest

from .forms import CommentForm, JobForm
from .models import CHANGE, Job, JobBoardSettings, Status
from .models.jobs import MAX_TEXT_LENGTH
from .models.states import STAGES
from .presentation import breadcrumbs
from .workflows import post_comment

View = Callable[..., HttpResponse]
SESSION_KEY = "job_form"
MAX_DRAFTS = 20
CHIPS = dict.fromkeys(STAGES, "neutral") | {Status.APPROVED: "ok", CHANGE: "ok", Status.REVIEW: "brand", Status.REJECTED: "warn"}
SUCCESS_MESSAGES = {
    "submit": gettext_lazy("Your job has been submitted for review. We will email you the result."),
    "renew": gettext_lazy("The job has been renewed."),
    "fill": gettext_lazy("Congratulations! The job is marked as filled."),
    "withdraw": gettext_lazy("The job has been withdrawn."),
}


def form_view(view: View) -> View:
    """Require an account for a form. A form sent after the session ended is stored until the user signs in again."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            form = JobForm(request.POST, request=request)
            try:
                form.spend()
            except ValidationError as error:
                messages.error(request, error.message)
            else:
                # Truncated to the limits of the form, so that nobody can fill the session store.
                sent = {name: request.POST.getlist(name) for name in form.fields if name in request.POST}
                request.session[SESSION_KEY] = {name: [text[:MAX_TEXT_LENGTH] for text in texts] for name, texts in sent.items()}
                messages.warning(request, _("Your session expired. Your text is saved: sign in to continue."))
        return redirect_to_login(request.path)

    return never_cache(require_http_methods(["GET", "HEAD", "POST"])(inner))


def pop_saved_form(request: HttpRequest) -> dict[str, Any]:
    """Return the form that was stored in the session, as initial values, and remove it."""
    saved = request.session.pop(SESSION_KEY, {})
    return {name: texts if name == "job_types" else texts[0] for name, texts in saved.items() if texts and name != "opened"}


def get_visible_job(request: AuthenticatedRequest, pk: int) -> Job:
    """Return a job in any state for its poster and for moderators. Raises Http404 for others."""
    job: Job = get_object_or_404(Job.objects.select_related("category", "logo", "proposed_revision"), pk=pk)
    if not job.get_roles(request.user):
        raise Http404("Only the poster of a job and moderators can see it.")
    return job


def form_page(request: HttpRequest, form: JobForm, **context: Any) -> HttpResponse:
    return render(request, "jobs/job_form.html", {"form": form, "board": JobBoardSettings.load(), **context})


@form_view
def job_create(request: AuthenticatedRequest) -> HttpResponse:
    """Create a draft, which is submitted from its preview. The same form sent twice creates one draft."""
    context: dict[str, Any] = {"title": _("Post a job"), "breadcrumbs": breadcrumbs((_("Post a job"), ""))}
    if request.method != "POST":
        drafts = request.user.jobs.filter(status=Status.DRAFT)
        context["drafts"] = [{"title": str(job), "url": reverse("jobs:job_edit", args=[job.pk])} for job in drafts[:MAX_DRAFTS]]
        last = request.user.jobs.first()
        defaults = {name: getattr(last, name) for name in ("company_name", "company_description", "contact")} if last else {}
        initial = defaults | {"email": request.user.email} | pop_saved_form(request)
        return form_page(request, JobForm(request=request, initial=initial), **context)
    form = JobForm(request.POST, request.FILES, request=request, instance=Job(submitted_by=request.user))
    if not form.is_valid():
        return form_page(request, form, **context)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=request.user.pk)
        same = {name: form.cleaned_data[name] for name in ("title", "company_name", "city", "description", "requirements")}
        job = request.user.jobs.filter(status=Status.DRAFT, **same).first()
        if job is None:
            try:
                Job.objects.refuse_blocked(request.user)
                form.spend()
            except ValidationError as error:
                form.add_error(None, error)
                return form_page(request, form, **context)
            job = form.build_job()
            job.save()
    return redirect("jobs:job_preview", job.pk)


@form_view
def job_edit(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Edit a job: a draft is saved, a job in review keeps its place in the queue, and a change to a live job is reviewed."""
    job = get_visible_job(request, pk)
    available = {"submit", "propose"} & set(job.get_transitions(request.user))
    if not available:
        messages.error(request, _("A job with the status “%(status)s” cannot be edited.") % {"status": job.get_status_display()})
        return redirect("jobs:job_mine" if job.submitted_by_id == request.user.pk else job)
    context = {
        "job": job,
        "title": _("Edit job"),
        "breadcrumbs": breadcrumbs((_("Your jobs"), reverse("jobs:job_mine")), (job.title, "")),
    }
    if request.method != "POST":
        form = JobForm(request=request, instance=job.get_latest_text(), initial=pop_saved_form(request))
        return form_page(request, form, **context)
    form = JobForm(request.POST, request.FILES, request=request, instance=job.get_latest_text())
    if not form.is_valid():
        return form_page(request, form, **context)
    try:
        with transaction.atomic():
            version = form.build_job()
            if "propose" in available:
                version.propose(by=request.user)
            else:
                version.save()
                if job.status == Status.REVIEW:
                    version.submit(by=request.user)
    except ValidationError as error:
        form.add_error(None, error)
        return form_page(request, form, **context)
    return redirect("jobs:job_preview", job.pk)


@login_required
@require_POST
def job_render(request: AuthenticatedRequest) -> HttpResponse:
    """Render the text of the form for the live preview."""
    form = JobForm(request.POST, request=request, instance=Job(submitted_by=request.user))
    form.is_valid()
    for name in ("title", "company_name", "company_description", "description", "requirements"):
        # The preview also shows text that the form would reject.
        setattr(form.instance, name, form.data.get(name, "")[:MAX_TEXT_LENGTH])
    return render(request, "jobs/job_body.html", {"job": form.instance})


@never_cache
@login_required
@require_safe
def job_preview(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Show the newest version as visitors will see it, with the actions of its poster."""
    return preview_page(request, get_visible_job(request, pk))


def preview_page(request: AuthenticatedRequest, job: Job, comment_form: CommentForm | None = None) -> HttpResponse:
    # With `frame`, only the text, for the moderation queue.
    template = "jobs/job_frame.html" if "frame" in request.GET else "jobs/job_preview.html"
    context = {
        "job": job,
        "text": job.get_latest_text(),
        "transitions": job.get_transitions(request.user),
        "is_poster": job.submitted_by_id == request.user.pk,
        "comments": job.comments.select_related("author"),
        "comment_form": comment_form or CommentForm(),
        "breadcrumbs": breadcrumbs((_("Your jobs"), reverse("jobs:job_mine")), (job.title, "")),
    }
    return render(request, template, context, status=422 if comment_form else 200)


@never_cache
@login_required
@require_safe
def job_mine(request: AuthenticatedRequest) -> HttpResponse:
    jobs = request.user.jobs.select_related("category").prefetch_related("comments__author")
    rows = [(job, job.get_transitions(request.user), CHIPS[job.machine_state]) for job in jobs]
    return render(request, "jobs/job_mine.html", {"rows": rows, "breadcrumbs": breadcrumbs((_("Your jobs"), ""))})


@login_required
@require_POST
def job_transition(request: AuthenticatedRequest, pk: str, name: str) -> HttpResponse:
    """Make a transition of a poster, or show why it is not possible."""
    job = get_visible_job(request, int(pk))
    try:
        getattr(job, name)(by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("jobs:job_mine")
    messages.success(request, SUCCESS_MESSAGES[name])
    return redirect("jobs:job_thanks" if name == "submit" else "jobs:job_mine")


@login_required
@require_POST
def job_comment(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    job = get_visible_job(request, pk)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return preview_page(request, job, form)
    post_comment(job, by=request.user, text=form.cleaned_data["text"])
    messages.success(request, _("Your message has been sent."))
    return redirect("jobs:job_preview", job.pk)


@never_cache
@require_safe
def job_thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "jobs/job_thanks.html", {"breadcrumbs": breadcrumbs((_("Thank you"), ""))})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def job_renew_link(request: HttpRequest, token: str) -> HttpResponse:
    """Renew a job by the link in an email, without signing in. A GET changes nothing, because email scanners open links too."""
    try:
        pk, end = signing.loads(token, salt="jobs.renew")
    except signing.BadSignature as error:
        raise Http404("This link is incomplete. Copy the whole link from the email.") from error
    job: Job = get_object_or_404(Job.objects.select_related("category"), pk=pk)
    is_used = not job.expires_at or int(job.expires_at.timestamp()) != end or "renew" not in job.get_transitions(None)
    if request.method == "POST" and not is_used:
        try:
            job.renew(by=None)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            return redirect("jobs:job_renew_link", token)
    context = {
        "job": job,
        "is_used": is_used,
        "days": JobBoardSettings.load().days_live,
        "breadcrumbs": breadcrumbs((_("Renew"), "")),
    }
    return render(request, "jobs/job_renew.html", context)
