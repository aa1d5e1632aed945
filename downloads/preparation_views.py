"""Admin views that prepare releases: start a release, and its checklist and announcements."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cms.editor.live_status import live_status_url
from cms.platform.text import parse_int
from users.models import User

from .forms import StartForm
from .models import PlannedRelease, Release, ReleaseTask
from .preparation import Checklist, make_tasks, mark_task, planned_time, releases_to_start, start_release, written_texts
from .readiness import edit_url


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Show the planned releases and a form; a POST starts one of them, or the release of the form."""
    if not request.user.has_perms(["downloads.add_release", "downloads.change_release"]):
        raise PermissionDenied
    plan = PlannedRelease.objects.filter(pk=parse_int(request.POST.get("plan") or request.GET.get("plan"), 0)).first()
    initial: dict[str, Any] = {"name": plan.name, "release_date": planned_time(plan)} if plan else {}
    form = StartForm(initial) if plan and "plan" in request.POST else StartForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            release = start_release(**form.cleaned_data, by=cast("User", request.user))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, _("The draft of %(release)s was created.") % {"release": release})
            return redirect("downloads_release_checklist", pk=release.pk)
    context = {"form": form, "plans": [] if plan else releases_to_start()}
    return TemplateResponse(request, "downloads/admin/start_release.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def release_checklist(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the checklist and the announcements of a release. A POST marks a step, or creates the checklist."""
    if not request.user.has_perm("downloads.change_release"):
        raise PermissionDenied
    release = get_object_or_404(Release.objects.select_related("series"), pk=pk)
    may_change = request.user.has_perm("downloads.change_releasetask")
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        if "make" in request.POST:
            make_tasks(release)
        else:
            _mark(request, release)
        return redirect("downloads_release_checklist", pk=release.pk)
    context = {
        "release": release,
        "release_url": edit_url(release),
        "live_status_url": live_status_url(release),
        "checklist": Checklist(release),
        "texts": written_texts(release),
        "may_change": may_change,
    }
    return TemplateResponse(request, "downloads/admin/release_checklist.html", context)


def _mark(request: HttpRequest, release: Release) -> None:
    task = get_object_or_404(ReleaseTask, release=release, pk=parse_int(request.POST.get("task")))
    try:
        mark_task(task, is_done=bool(request.POST.get("done")), by=cast("User", request.user))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
