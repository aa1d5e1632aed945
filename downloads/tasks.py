from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from cms.platform.schedules import scheduled

from .advisory_sync import sync_advisories
from .models import AdvisoryRun, DownloadsSettings

DAYS_OF_RUNS = 60


@scheduled("35 3 * * *")
@task()
def import_advisories() -> None:
    """Import the security advisories from the source in the settings, and forget old runs."""
    source = DownloadsSettings.load().advisories_url
    if source:
        sync_advisories(source)
    AdvisoryRun.objects.filter(started_at__lt=timezone.now() - timedelta(days=DAYS_OF_RUNS)).delete()
