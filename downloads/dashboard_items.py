"""Dashboard panel of the release managers."""

from datetime import datetime

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from cms.delivery import cached
from cms.editor import command_palette
from cms.editor.dashboard import DashboardItem, register
from users.models import User

from .models import AdvisoryRun, PlannedRelease, Release, ReleaseSeries
from .readiness import Workbench, edit_url

MAX_DRAFTS = 10
MAX_PLANNED = 4


def planned_from(at: datetime) -> list[PlannedRelease]:
    return list(PlannedRelease.objects.filter(date__gte=at.date()).select_related("series").order_by("date")[:MAX_PLANNED])


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    found = []
    for release in Release.objects.filter(live=False).select_related("series").order_by("-pk")[:MAX_DRAFTS]:
        warnings = len(Workbench(release).warnings)
        text = f"failed checks for the draft of {release}" if warnings else f"failed checks: {release} is ready to publish"
        found.append(DashboardItem(text, warnings, edit_url(release), "warn" if warnings else ""))
    # Both change only with a purge.
    planned, current = cached.cached(
        "downloads-dashboard", lambda: (planned_from(at), Release.objects.current(Release.Line.PYTHON_3))
    )
    for plan in planned:
        url = reverse("downloads_series:edit", args=[plan.series_id])
        found.append(DashboardItem(f"planned release of Python {plan.name}", f"{plan.date:%b %-d}", url))
    if current:
        found.append(DashboardItem("latest release", current.name, edit_url(current)))
    if user.has_perm("downloads.view_advisoryrun"):
        held = AdvisoryRun.objects.waiting().count()
        found.append(
            DashboardItem("advisory imports held back", held, reverse("downloads_advisory_runs"), "warn" if held else "")
        )
    return found


register("downloads", "Downloads", permission="downloads.change_release", items=get_dashboard_items, order=10)
command_palette.register(
    ReleaseSeries,
    Concat(Value("Series "), Cast("major", CharField()), Value("."), Cast("minor", CharField())),
    url_name="downloads_series:edit",
)
