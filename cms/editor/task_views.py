"""Admin page of scheduled and failed tasks."""

from datetime import datetime

from croniter import croniter
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from cms.platform.models import PendingTask, TaskRun
from cms.platform.schedules import SCHEDULES, Schedule, enqueue
from cms.platform.task_log import run_again

MAY_SEE = "cms.view_taskrun"
MAY_RUN = "cms.change_taskrun"
MAX_FAILURES = 50


def task_name(path: str) -> str:
    """Return the readable name of a task: "Import feeds" for community.tasks.import_feeds."""
    return path.rpartition(".")[2].replace("_", " ").capitalize().replace("urls", "URLs")


def next_run(schedule: Schedule, at: datetime) -> datetime:
    return croniter(schedule.cron, at).get_next(datetime)


def last_runs() -> dict[str, TaskRun]:
    """Return the newest run of each scheduled task. One query."""
    newest = TaskRun.objects.filter(path__in=SCHEDULES).order_by().values("path").annotate(newest=Max("pk")).values("newest")
    return {run.path: run for run in TaskRun.objects.filter(pk__in=newest)}


@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied
    now, runs = timezone.now(), last_runs()
    context = {
        "schedules": [
            {
                "path": path,
                "label": task_name(path),
                "section": path.partition(".")[0],
                "doc": (schedule.task.func.__doc__ or "").strip().partition("\n")[0],
                "cron": schedule.cron,
                "next": next_run(schedule, now),
                "last": runs.get(path),
            }
            for path, schedule in sorted(SCHEDULES.items())
        ],
        "failures": [{"run": run, "label": task_name(run.path)} for run in TaskRun.objects.unattended()[:MAX_FAILURES]],
        "pending_count": PendingTask.objects.count(),
        "pending": [
            {"task": pending, "label": task_name(pending.path)} for pending in PendingTask.objects.overdue(now)[:MAX_FAILURES]
        ],
        "may_run": request.user.has_perm(MAY_RUN),
    }
    return TemplateResponse(request, "cms/admin/tasks.html", context)


@require_POST
def run_now(request: HttpRequest) -> HttpResponse:
    """Enqueue a scheduled task immediately."""
    if not request.user.has_perm(MAY_RUN):
        raise PermissionDenied
    path = request.POST.get("path", "")
    if path not in SCHEDULES:
        raise Http404(_("This schedule does not exist."))
    enqueue(path)
    messages.success(request, _("“%(path)s” is running.") % {"path": task_name(path)})
    return redirect("tasks")


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm(MAY_RUN):
        raise PermissionDenied
    run = get_object_or_404(TaskRun.objects.failed(), pk=pk)
    try:
        run_again(run)
    except ImportError:
        messages.error(request, _("There is no task “%(path)s”.") % {"path": run.path})
    else:
        messages.success(request, _("“%(path)s” was started again.") % {"path": task_name(run.path)})
    return redirect("tasks")
