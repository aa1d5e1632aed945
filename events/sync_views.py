"""Admin views of calendar imports: sources with their status, and a run with its changes, warnings and decisions."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cms.delivery import purging
from cms.platform.text import parse_int
from users.models import User

from .models import Calendar, Event, SyncRun
from .sync import apply_run, discard_run, undo_run
from .tasks import preview_calendar, sync_calendar

SHOWN_CHANGES = 300
COLORS = {
    SyncRun.Status.DONE: "ok",
    SyncRun.Status.UNCHANGED: "ok",
    SyncRun.Status.FAILED: "stop",
    SyncRun.Status.HELD: "warn",
    SyncRun.Status.PREVIEW: "info",
}
# Filters of the list by the parameter "show".
SHOWN: dict[str, Callable[[dict[str, Any]], bool]] = {
    "broken": lambda row: row["calendar"].is_broken,
    "held": lambda row: row["is_held"],
}
LOG_ACTIONS = {
    "apply_import": gettext_lazy("Apply import"),
    "discard_import": gettext_lazy("Discard import"),
    "undo_import": gettext_lazy("Undo import"),
}
DECISIONS: dict[str, tuple[Callable[..., SyncRun], Promise]] = {
    "apply": (apply_run, gettext_lazy("The changes were applied.")),
    "discard": (discard_run, gettext_lazy("The import was discarded. Nothing was changed.")),
    "undo": (
        undo_run,
        gettext_lazy(
            "The import was undone. The source still has the same content, so further changes of this calendar are held back: "
            "confirm them here, or clear “Review each import” in the calendar."
        ),
    ),
}


def _check_access(request: HttpRequest) -> None:
    if not request.user.has_perm("events.view_syncrun"):
        raise PermissionDenied
    if request.method == "POST" and not request.user.has_perm("events.change_calendar"):
        raise PermissionDenied


@require_http_methods(["GET", "HEAD", "POST"])
def sync_dashboard(request: HttpRequest) -> HttpResponse:
    """Show the sources with their status. A POST with the ID of a calendar imports it or creates a preview."""
    _check_access(request)
    if request.method == "POST":
        calendar = get_object_or_404(Calendar.objects.exclude(url=""), pk=parse_int(request.POST.get("calendar")))
        if "preview" in request.POST:
            preview_calendar.enqueue(calendar.pk)
            messages.success(
                request, _("The source of %(calendar)s is being read. Its changes will appear here.") % {"calendar": calendar}
            )
        else:
            sync_calendar.enqueue(calendar.pk)
            messages.success(request, _("The import of %(calendar)s has started.") % {"calendar": calendar})
        return redirect("events_sync")
    newest = SyncRun.objects.order_by().values("calendar").annotate(newest=Max("pk")).values("newest")
    last = {run.calendar_id: run for run in SyncRun.objects.filter(pk__in=newest).defer("before")}
    waiting = {run.calendar_id: run for run in SyncRun.objects.waiting().defer("before").order_by("pk")}
    held = set(SyncRun.objects.filter(status=SyncRun.Status.HELD).values_list("calendar", flat=True))
    rows: list[dict[str, Any]] = [
        {
            "calendar": calendar,
            "run": last.get(calendar.pk),
            "waiting": waiting.get(calendar.pk),
            "is_held": calendar.pk in held,
            "color": COLORS.get(SyncRun.Status(last[calendar.pk].status), "quiet") if calendar.pk in last else "quiet",
        }
        for calendar in Calendar.objects.exclude(url="")
    ]
    shown = SHOWN.get(request.GET.get("show", ""))
    rows = [row for row in rows if shown is None or shown(row)]
    rows.sort(key=lambda row: (row["waiting"] is None, -row["calendar"].failures, str(row["calendar"])))
    runs = SyncRun.objects.select_related("calendar").defer("before", "changes", "warnings")[:30]
    context = {"rows": rows, "runs": [] if shown else runs, "is_filtered": shown is not None}
    return TemplateResponse(request, "events/admin/sync.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def sync_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a run with its changes and warnings. A POST applies, discards or undoes it."""
    _check_access(request)
    run = get_object_or_404(SyncRun.objects.select_related("calendar", "decided_by"), pk=pk)
    if request.method == "POST":
        _decide(request, run)
        return redirect("events_sync_run", pk=run.pk)
    changes = run.visible_changes()
    events = dict(Event.objects.filter(calendar=run.calendar_id).exclude(uid="").values_list("uid", "pk"))
    for change in changes[:SHOWN_CHANGES]:
        change["event"] = events.get(change["key"])
    for warning in run.warnings:
        warning["event"] = events.get(warning["uid"])
    context = {
        "run": run,
        "color": COLORS.get(SyncRun.Status(run.status), "quiet"),
        "numbers": run.numbers(),
        "changes": changes[:SHOWN_CHANGES],
        "more": max(0, len(changes) - SHOWN_CHANGES),
        "may_decide": request.user.has_perm("events.change_calendar"),
    }
    return TemplateResponse(request, "events/admin/sync_run.html", context)


def _decide(request: HttpRequest, run: SyncRun) -> None:
    found = DECISIONS.get(request.POST.get("decision", ""))
    if found is None:
        messages.error(request, _("Choose what to do with this import."))
        return
    decide, sentence = found
    try:
        with purging.one_purge():
            decide(run.pk, by=cast("User", request.user))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, str(sentence))
