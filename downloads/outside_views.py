"""Admin page of the release cycle: compares peps.python.org with the release series of this site."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from cms.platform.holding import Change
from cms.platform.text import parse_int
from users.models import User

from .cycle_sync import decide_cycle, sync_cycle
from .models import CycleRun, DownloadsSettings
from .preparation import releases_to_start

COLORS = {
    CycleRun.Status.DONE: "ok",
    CycleRun.Status.UNCHANGED: "ok",
    CycleRun.Status.FAILED: "stop",
    CycleRun.Status.HELD: "warn",
}
SHOWN_RUNS = 10


@require_http_methods(["GET", "HEAD", "POST"])
def release_cycle(request: HttpRequest) -> HttpResponse:
    """Show pending changes and the latest comparisons. A POST compares now, or decides on a comparison."""
    if not request.user.has_perm("downloads.change_releaseseries"):
        raise PermissionDenied
    source = DownloadsSettings.load().release_cycle_url
    if request.method == "POST":
        if "decision" in request.POST:
            _decide(request)
        elif source:
            _compare(request, source)
        else:
            messages.error(request, _("No release cycle is set: enter its URL in the downloads settings."))
        return redirect("downloads_release_cycle")
    runs = list(CycleRun.objects.select_related("decided_by")[:SHOWN_RUNS])
    context = {
        "url": source,
        "plans": releases_to_start(),
        "waiting": next((run for run in runs if run.is_waiting), None),
        "warnings": runs[0].warnings if runs else [],
        "runs": [(run, COLORS.get(CycleRun.Status(run.status), "quiet")) for run in runs],
    }
    return TemplateResponse(request, "downloads/admin/release_cycle.html", context)


def _compare(request: HttpRequest, source: str) -> None:
    run = sync_cycle(source, show_first=True)
    if run.status == CycleRun.Status.FAILED:
        messages.error(request, run.error)
    elif run.status == CycleRun.Status.UNCHANGED:
        messages.success(request, _("The release series of this site agree with the release cycle."))


def _decide(request: HttpRequest) -> None:
    run = get_object_or_404(CycleRun, pk=parse_int(request.POST.get("run"), 0))
    apply = request.POST["decision"] == "apply"
    adds = any(change["action"] == Change.ADD for change in run.changes)
    if apply and adds and not request.user.has_perm("downloads.add_releaseseries"):
        raise PermissionDenied
    try:
        run = decide_cycle(run, by=cast("User", request.user), apply=apply)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return
    count = run.added + run.changed
    sentence = ngettext("%(count)d release series was updated.", "%(count)d release series were updated.", count)
    messages.success(request, sentence % {"count": count} if apply else _("The changes were discarded."))
