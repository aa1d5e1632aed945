"""Columns and cell values of the admin lists."""

from django.utils.translation import gettext
from wagtail.admin.ui.tables import Column

from cms.platform.dates import show_date

from .models import Advisory, Release, ReleaseSeries
from .readiness import next_action


def status(release: Release) -> tuple[str, str]:
    """Return the publication status of a release and its color. The queryset of the list adds `is_scheduled`."""
    if release.practice:
        return "Practice", "warn"
    if release.live:
        return (gettext("Published, new draft"), "warn") if release.has_unpublished_changes else ("Published", "ok")
    return ("Scheduled", "info") if release.is_scheduled else ("Draft", "quiet")


SERIES_COLOURS = {
    ReleaseSeries.Status.PRE_RELEASE: "info",
    ReleaseSeries.Status.BUGFIX: "ok",
    ReleaseSeries.Status.SECURITY: "warn",
    ReleaseSeries.Status.ENDED: "quiet",
}


def series_status(series: ReleaseSeries) -> tuple[str, str]:
    status = series.status()
    return str(status.label), SERIES_COLOURS[status]


def advisory_state(advisory: Advisory) -> tuple[str, str]:
    """Return whether releases show an advisory, and its color."""
    if advisory.withdrawn:
        return "Withdrawn", "quiet"
    return (gettext("Releases unknown"), "warn") if advisory.is_unassigned else ("Shown", "ok")


def files_for_each_os(release: Release) -> str:
    """Return the number of files by operating system, such as "Windows 9, macOS 1", from prefetched files."""
    counts: dict[str, int] = {}
    for file in release.files.all():
        counts[file.os.name] = counts.get(file.os.name, 0) + 1
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def release_day(release: Release) -> str:
    return show_date(release.release_date, "DATE_FORMAT")


class NextActionColumn(Column):
    cell_template_name = "downloads/admin/next_action_cell.html"

    def get_value(self, release: Release) -> tuple[str, str]:
        return next_action(release)
