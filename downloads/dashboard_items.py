"""Dashboard panel of the release managers."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Count, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext

from cms.delivery import cached
from cms.delivery.models import PlaceCheck
from cms.editor import command_palette
from cms.editor.dashboard import DashboardItem, register
from cms.editor.live_status import live_status_url
from users.models import User

from .forms import full_name
from .models import AdvisoryRun, CycleRun, PlannedRelease, Release, ReleaseSeries, ReleaseTask
from .readiness import Workbench, edit_url

MAX_DRAFTS = 10
MAX_PLANNED = 4


def planned_from(at: datetime) -> list[PlannedRelease]:
    return list(PlannedRelease.objects.filter(date__gte=at.date()).select_related("series").order_by("date")[:MAX_PLANNED])


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    found = []
    overdue = ReleaseTask.objects.filter(done_at=None, done_when="", due_at__lt=at, release__live=False)
    for late in overdue.values("release_id", "release__name").annotate(count=Count("pk")).order_by("release_id")[:MAX_DRAFTS]:
        url = reverse("downloads_release_checklist", args=[late["release_id"]])
        found.append(
            DashboardItem(gettext("overdue steps of %(late)s") % {"late": late["release__name"]}, late["count"], url, "warn")
        )
    for release in Release.objects.filter(live=False).select_related("series").order_by("-pk")[:MAX_DRAFTS]:
        warnings = len(Workbench(release).warnings)
        text = (
            gettext("failed checks for the draft of %(release)s") % {"release": release}
            if warnings
            else gettext("failed checks: %(release)s is ready to publish") % {"release": release}
        )
        found.append(DashboardItem(text, warnings, edit_url(release), "warn" if warnings else ""))
    failed = PlaceCheck.objects.failed().filter(live_check__content_type=ContentType.objects.get_for_model(Release))
    places = failed.values("live_check__object_id", "live_check__title").annotate(count=Count("pk")).order_by("-live_check_id")
    for row in places[:MAX_DRAFTS]:
        url = live_status_url(Release(pk=row["live_check__object_id"]))
        found.append(DashboardItem(f"places that do not show {row['live_check__title']}", row["count"], url, "stop"))
    # Both change only with a purge.
    planned, current = cached.cached(
        "downloads-dashboard", lambda: (planned_from(at), Release.objects.current(Release.Line.PYTHON_3))
    )
    started = set(Release.objects.values_list("name", flat=True)) if planned else set()
    for plan in planned:
        if full_name(plan.name) in started:
            continue
        url = f"{reverse('downloads_start_release')}?{urlencode({'plan': plan.pk})}"
        found.append(
            DashboardItem(gettext("planned release of Python %(name)s") % {"name": plan.name}, f"{plan.date:%b %-d}", url)
        )
    if current:
        found.append(DashboardItem("latest release", current.name, edit_url(current)))
    if user.has_perm("downloads.view_advisoryrun"):
        held = AdvisoryRun.objects.waiting().count()
        found.append(
            DashboardItem(gettext("advisory imports held back"), held, reverse("downloads_advisory_runs"), "warn" if held else "")
        )
    if user.has_perm("downloads.change_releaseseries"):
        differing = CycleRun.count_differences()
        if differing:
            url = reverse("downloads_release_cycle")
            found.append(DashboardItem(gettext("release series differ from the release cycle"), differing, url, "warn"))
    return found


register("downloads", "Downloads", permission="downloads.change_release", items=get_dashboard_items, order=10)
command_palette.register(
    ReleaseSeries,
    Concat(Value("Series "), Cast("major", CharField()), Value("."), Cast("minor", CharField())),
    url_name="downloads_series:edit",
)
