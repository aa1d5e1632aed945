"""Dashboard panel of the release managers."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, CharField, Count, TextChoices, Value, When
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from cms.delivery import cached
from cms.delivery.models import PlaceCheck
from cms.editor import command_palette
from cms.editor.dashboard import Action, DashboardItem, register
from cms.editor.live_status import live_status_url
from cms.platform.dates import show_date
from users.models import User

from .forms import full_name
from .models import AdvisoryRun, CycleRun, PlannedRelease, Release, ReleaseSeries, ReleaseTask, ReleaseText
from .models.preparation import Purpose, ReleaseType
from .models.releases import ReleaseQuerySet
from .readiness import Workbench, edit_url

MAX_DRAFTS = 10
MAX_PLANNED = 4
# Days before a planned release from which its preparation is the first action.
START_BEFORE = 14


def planned_from(at: datetime) -> list[PlannedRelease]:
    return list(PlannedRelease.objects.filter(date__gte=at.date()).select_related("series").order_by("date")[:MAX_PLANNED])


def planned_and_current(at: datetime) -> tuple[list[PlannedRelease], Release | None]:
    """Return the next planned releases that nobody has started, and the latest release."""
    # Both change only with a purge.
    planned, current = cached.cached(
        "downloads-dashboard", lambda: (planned_from(at), Release.objects.current(Release.Line.PYTHON_3))
    )
    started = set(Release.objects.values_list("name", flat=True)) if planned else set()
    return [plan for plan in planned if full_name(plan.name) not in started], current


def start_url(plan: PlannedRelease) -> str:
    return f"{reverse('downloads_start_release')}?{urlencode({'plan': plan.pk})}"


def get_actions(user: User, at: datetime) -> list[Action]:
    planned, _current = planned_and_current(at)
    due = [plan for plan in planned if (plan.date - at.date()).days <= START_BEFORE][:1]
    return [
        *(Action(gettext("Start Python %(name)s") % {"name": plan.name}, start_url(plan)) for plan in due),
        Action(gettext("Start a release"), reverse("downloads_start_release")),
        Action(gettext("Releases"), reverse(Release.snippet_viewset.get_url_name("list"))),
        Action(gettext("Release files"), reverse("downloads_files_modeladmin_index")),
    ]


def steps_of(drafts: ReleaseQuerySet, at: datetime) -> list[DashboardItem]:
    """Return the drafts with overdue steps."""
    overdue = ReleaseTask.objects.filter(done_at=None, done_when="", due_at__lt=at, release__in=drafts.values("pk"))
    found = []
    for late in overdue.values("release_id", "release__name").annotate(count=Count("pk")).order_by("release_id")[:MAX_DRAFTS]:
        text = ngettext("%(number)s overdue step of %(release)s", "%(number)s overdue steps of %(release)s", late["count"])
        url = reverse("downloads_release_checklist", args=[late["release_id"]])
        found.append(DashboardItem(text % {"number": late["count"], "release": late["release__name"]}, "", url, "warn"))
    return found


def check_of(release: Release) -> DashboardItem:
    """Return the state of a draft: its failed checks, or that it is ready."""
    warnings = len(Workbench(release).warnings)
    if not warnings:
        text = gettext("%(release)s is ready to publish") % {"release": release}
        return DashboardItem(text, "", edit_url(release), "", "due")
    text = ngettext(
        "%(number)s failed check for the draft of %(release)s",
        "%(number)s failed checks for the draft of %(release)s",
        warnings,
    )
    url = edit_url(release, "before_publishing")
    return DashboardItem(text % {"number": warnings, "release": release}, "", url, "warn")


def late_places() -> list[DashboardItem]:
    """Return the releases that some places do not show."""
    failed = PlaceCheck.objects.failed().filter(live_check__content_type=ContentType.objects.get_for_model(Release))
    places = failed.values("live_check__object_id", "live_check__title").annotate(count=Count("pk")).order_by("-live_check_id")
    found = []
    for row in places[:MAX_DRAFTS]:
        text = ngettext("%(number)s place does not show %(title)s", "%(number)s places do not show %(title)s", row["count"])
        url = live_status_url(Release(pk=row["live_check__object_id"]))
        found.append(DashboardItem(text % {"number": row["count"], "title": row["live_check__title"]}, "", url, "stop"))
    return found


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    drafts = Release.objects.recent_drafts(at)
    checks = [check_of(release) for release in drafts.select_related("series").order_by("-pk")[:MAX_DRAFTS]]
    found = [*steps_of(drafts, at), *checks, *late_places()]
    planned, current = planned_and_current(at)
    for plan in planned:
        text = gettext("planned release of Python %(name)s") % {"name": plan.name}
        found.append(DashboardItem(text, show_date(plan.date, "MONTH_DAY_FORMAT"), start_url(plan)))
    if current:
        found.append(DashboardItem(gettext("is the latest release"), current.name, edit_url(current)))
    if user.has_perm("downloads.view_advisoryrun"):
        held = AdvisoryRun.objects.waiting().count()
        url = f"{reverse('downloads_advisory_runs')}?show=held"
        found.append(DashboardItem(ngettext("advisory import held back", "advisory imports held back", held), held, url, "warn"))
    if user.has_perm("downloads.change_releaseseries"):
        url = reverse("downloads_release_cycle")
        number = CycleRun.count_differences()
        text = ngettext("release series differs from the release cycle", "release series differ from the release cycle", number)
        found.append(DashboardItem(text, number, url, "warn"))
    return found


register(
    "downloads",
    "Downloads",
    permission="downloads.change_release",
    items=get_dashboard_items,
    actions=get_actions,
    order=10,
)
command_palette.register(
    ReleaseSeries,
    Concat(Value("Series "), Cast("major", CharField()), Value("."), Cast("minor", CharField())),
    url_name="downloads_series:edit",
)


def label_of_choice(name: str, choices: type[TextChoices]) -> Case:
    """Return the label of the value of a field."""
    return Case(*(When(**{name: choice}, then=Value(str(choice.label))) for choice in choices), output_field=CharField())


command_palette.register(
    ReleaseText,
    Concat(label_of_choice("purpose", Purpose), Value(": "), label_of_choice("release_type", ReleaseType)),
    url_name="downloads_release_texts:edit",
)
