from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from cms.platform.schedules import scheduled
from cms.search.models import EmptySearch


@scheduled("50 3 * * *")
@task()
def delete_empty_searches() -> None:
    """Delete searches without results that were not repeated for 90 days."""
    EmptySearch.objects.filter(last_searched_at__lt=timezone.now() - timedelta(days=90)).delete()
