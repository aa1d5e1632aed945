"""What posters see: the form, their adverts, and the link to renew one."""

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
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from users.models import User

from .forms import CommentForm, JobForm
from .models import CHANGE, Job, JobBoardSettings, JobComment, Status
from .models.acts import STAGES
from .models.jobs import LONGEST_TEXT
from .views import breadcrumbs

KEPT = "job_form"
CHIPS = dict.fromkeys(STAGES, "neutral") | {Status.APPROVED: "ok", CHANGE: "ok", Status.REVIEW: "brand", Status.REJECTED: "warn"}
DONE = {
    "submit": "Your advert is in the queue. You get a mail as soon as it is decided.",
    "renew": "Renewed.",
    "fill": "Congratulations! The advert is marked as filled.",
    "withdraw": "The advert is withdrawn.",
}


def form_view(view):
    """A form for people with an account. What somebody sends whose session has ended is kept while they log in again."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any):
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            form = JobForm(request.POST, request=request)
            try:
                form.spend()
            except ValidationError as error:
                messages.error(request, error.message)
            else:
                # As long as any text that the form would take; the rest of a flood is not worth keeping.
                kept = {name: request.POST.getlist(name) for name in form.fields if name in request.POST}
                request.session[KEPT] = {name: [text[:LONGEST_TEXT] for text in texts] for name, texts in kept.items()}
                messages.warning(request, "Your session had ended. Your text is kept: log in and go on.")
        return redirect_to_login(request.path)

    return never_cache(require_http_methods(["GET", "HEAD", "POST"])(inner))


def take_kept(request: HttpRequest) -> dict:
    """The text that was kept while somebody logged in again, as initial values."""
    kept = request.session.pop(KEPT, {})
    return {name: texts if name == "job_types" else texts[0] for name, texts in kept.items() if texts and name != "opened"}


def own_job(request: HttpRequest, pk: int) -> Job:
    """An advert that this person may see in any state: its poster and moderators."""
    job: Job = get_object_or_404(Job.objects.select_related("category", "logo", "proposed_revision"), pk=pk)
    if not job.actors(request.user):
        raise Http404("This is another person’s advert.")
    return job


def form_page(request: HttpRequest, form: JobForm, **context: Any) -> HttpResponse:
    return render(request, "jobs/job_form.html", {"form": form, "board": JobBoardSettings.load(), **context})


@form_view
def job_create(request: HttpRequest) -> HttpResponse:
    """A new advert becomes a draft, and a draft is sent after a look at it. The same form sent twice makes one draft."""
    context = {"title": "Post a job", "breadcrumbs": breadcrumbs(("Post a job", ""))}
    if request.method != "POST":
        last = request.user.jobs.first()
        known = {name: getattr(last, name) for name in ("company_name", "company_description", "contact")} if last else {}
        initial = known | {"email": request.user.email} | take_kept(request)
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
            job = form.version()
            job.save()
    return redirect("jobs:job_preview", job.pk)


@form_view
def job_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft is saved, an advert in review keeps its place with the new text, a change of a live one waits for a moderator."""
    job = own_job(request, pk)
    acts = {"submit", "propose"} & set(job.acts_for(request.user))
    if not acts:
        messages.error(request, f"An advert that is “{job.get_status_display()}” cannot be changed here.")
        return redirect("jobs:job_mine" if job.submitted_by_id == request.user.pk else job)
    context = {
        "job": job,
        "title": "Change the advert",
        "breadcrumbs": breadcrumbs(("My jobs", reverse("jobs:job_mine")), (job.title, "")),
    }
    if request.method != "POST":
        form = JobForm(request=request, instance=job.text_now(), initial=take_kept(request))
        return form_page(request, form, **context)
    form = JobForm(request.POST, request.FILES, request=request, instance=job.text_now())
    if not form.is_valid():
        return form_page(request, form, **context)
    try:
        with transaction.atomic():
            version = form.version()
            if "propose" in acts:
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
def job_render(request: HttpRequest) -> HttpResponse:
    """What the text of the form will look like, for the live preview."""
    form = JobForm(request.POST, request=request, instance=Job(submitted_by=request.user))
    form.is_valid()
    for name in ("title", "company_name", "company_description", "description", "requirements"):
        # What the form would refuse shows as well.
        setattr(form.instance, name, form.data.get(name, "")[:LONGEST_TEXT])
    return render(request, "jobs/job_body.html", {"job": form.instance})


@never_cache
@login_required
@require_safe
def job_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest version as visitors will see it, and all that its poster can do with it."""
    job = own_job(request, pk)
    # `frame` is the moderators' view of the text alone.
    template = "jobs/job_frame.html" if "frame" in request.GET else "jobs/job_preview.html"
    context = {
        "job": job,
        "text": job.text_now(),
        "acts": job.acts_for(request.user),
        "is_poster": job.submitted_by_id == request.user.pk,
        "comments": job.comments.select_related("author"),
        "comment_form": CommentForm(),
        "breadcrumbs": breadcrumbs(("My jobs", reverse("jobs:job_mine")), (job.title, "")),
    }
    return render(request, template, context)


@never_cache
@login_required
@require_safe
def job_mine(request: HttpRequest) -> HttpResponse:
    jobs = request.user.jobs.select_related("category").prefetch_related("comments__author")
    rows = [(job, job.acts_for(request.user), CHIPS[job.stage]) for job in jobs]
    return render(request, "jobs/job_mine.html", {"rows": rows, "breadcrumbs": breadcrumbs(("My jobs", ""))})


@login_required
@require_POST
def job_act(request: HttpRequest, pk: int, act) -> HttpResponse:
    """One of the acts of posters. What is not possible is said, and changes nothing."""
    job = own_job(request, int(pk))
    try:
        getattr(job, act)(by=request.user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("jobs:job_mine")
    messages.success(request, DONE[act])
    return redirect("jobs:job_thanks" if act == "submit" else "jobs:job_mine")


@login_required
@require_POST
def job_comment(request: HttpRequest, pk: int) -> HttpResponse:
    job = own_job(request, pk)
    form = CommentForm(request.POST)
    if form.is_valid():
        JobComment.post(job, by=request.user, text=form.cleaned_data["text"])
        messages.success(request, "Your message is sent.")
    else:
        messages.error(request, form.errors["text"][0])
    return redirect("jobs:job_preview", job.pk)


@never_cache
@require_safe
def job_thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "jobs/job_thanks.html", {"breadcrumbs": breadcrumbs(("Thank you", ""))})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def job_renew_link(request: HttpRequest, token) -> HttpResponse:
    """The link of a mail, for people who are not logged in. Opening it changes nothing: programs open links of mails too."""
    try:
        pk, end = signing.loads(token, salt="jobs.renew")
    except signing.BadSignature as error:
        raise Http404("This link is incomplete.") from error
    job = get_object_or_404(Job.objects.select_related("category"), pk=pk)
    is_used = not job.expires_at or int(job.expires_at.timestamp()) != end or "renew" not in job.acts_for(None)
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
        "breadcrumbs": breadcrumbs(("Renew", "")),
    }
    return render(request, "jobs/job_renew.html", context)
