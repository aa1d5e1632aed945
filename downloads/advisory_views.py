"""Admin views of advisory imports: the list of latest imports, and an import with its changes, warnings and decision."""

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cms.platform.fetching import MEGABYTE
from users.models import User

from .advisory_sync import sync_advisories
from .imports import decide
from .models import Advisory, AdvisoryRun, DownloadsSettings
from .outside import apply_advisories
from .tasks import import_advisories

SHOWN_CHANGES = 300
MAX_RUNS = 30
MAX_UPLOAD = 20 * MEGABYTE
COLORS = {
    AdvisoryRun.Status.DONE: "ok",
    AdvisoryRun.Status.UNCHANGED: "ok",
    AdvisoryRun.Status.FAILED: "stop",
    AdvisoryRun.Status.HELD: "warn",
}


def _check_access(request: HttpRequest) -> None:
    if not request.user.has_perm("downloads.view_advisoryrun"):
        raise PermissionDenied
    if request.method == "POST" and not request.user.has_perm("downloads.change_advisoryrun"):
        raise PermissionDenied


@require_http_methods(["GET", "HEAD", "POST"])
def advisory_runs(request: HttpRequest) -> HttpResponse:
    """Show the latest imports. A POST reads the source, or an uploaded file."""
    _check_access(request)
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is not None and (upload.size or 0) > MAX_UPLOAD:
            messages.error(request, _("The file is larger than 20 MB. Upload only the ZIP file with the advisories."))
        elif upload is not None:
            run = sync_advisories(str(upload.name), upload.read())
            return redirect("downloads_advisory_run", pk=run.pk)
        else:
            import_advisories.enqueue()
            messages.success(request, _("The import of the advisories has started."))
        return redirect("downloads_advisory_runs")
    only_held = request.GET.get("show") == "held"
    runs = (AdvisoryRun.objects.waiting() if only_held else AdvisoryRun.objects.all()).defer("changes")[:MAX_RUNS]
    context = {
        "runs": [(run, COLORS.get(AdvisoryRun.Status(run.status), "quiet")) for run in runs],
        "source": DownloadsSettings.load().advisories_url,
        "unassigned": Advisory.objects.without_versions().count(),
        "may_decide": request.user.has_perm("downloads.change_advisoryrun"),
    }
    return TemplateResponse(request, "downloads/admin/advisory_runs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def advisory_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an import with its changes and warnings. A POST applies or discards it."""
    _check_access(request)
    run = get_object_or_404(AdvisoryRun.objects.select_related("decided_by"), pk=pk)
    if request.method == "POST":
        apply = request.POST.get("decision") == "apply"
        try:
            decide(AdvisoryRun, run.pk, apply_advisories, by=cast("User", request.user), apply=apply)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The changes were applied.") if apply else _("The import was discarded."))
        return redirect("downloads_advisory_run", pk=run.pk)
    context = {
        "run": run,
        "color": COLORS.get(AdvisoryRun.Status(run.status), "quiet"),
        "numbers": run.numbers(),
        "changes": run.changes[:SHOWN_CHANGES],
        "more": max(0, len(run.changes) - SHOWN_CHANGES),
        "may_decide": request.user.has_perm("downloads.change_advisoryrun"),
    }
    return TemplateResponse(request, "downloads/admin/advisory_run.html", context)
