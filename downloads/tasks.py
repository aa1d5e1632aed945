from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from cms.platform.schedules import scheduled

from .advisory_sync import sync_advisories
from .cycle_sync import sync_cycle
from .file_checks import check_files
from .models import AdvisoryRun, CycleRun, DownloadsSettings, ReleaseFile

DAYS_OF_RUNS = 60


@scheduled("35 3 * * *")
@task()
def import_advisories() -> None:
    """Import security advisories from the source in the settings, and delete the records of old imports."""
    source = DownloadsSettings.load().advisories_url
    if source:
        sync_advisories(source)
    AdvisoryRun.objects.filter(started_at__lt=timezone.now() - timedelta(days=DAYS_OF_RUNS)).delete()


@scheduled("50 3 * * *")
@task()
def compare_release_cycle() -> None:
    """Compare the release series with the source of the release cycle in the settings, and delete old comparisons."""
    source = DownloadsSettings.load().release_cycle_url
    if source:
        sync_cycle(source)
    CycleRun.objects.filter(started_at__lt=timezone.now() - timedelta(days=DAYS_OF_RUNS)).delete()


@task()
def check_release_files(release_id: int, *, with_checksums: bool = False) -> None:
    """Check the URLs of the files of a release, and their contents on request."""
    if DownloadsSettings.load().check_files:
        check_files(
            ReleaseFile.objects.filter(release_id=release_id).select_related("release", "os"), with_checksums=with_checksums
        )
