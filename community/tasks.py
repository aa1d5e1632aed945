from django_tasks import task

from cms.platform.schedules import scheduled

from . import reading
from .models import Feed


@task()
def read_feed(pk: int) -> None:
    reading.read_feed(Feed.objects.get(pk=pk))


@scheduled("*/15 * * * *")
@task()
def read_feeds() -> None:
    """Read every active feed, each in its own task."""
    for pk in Feed.objects.filter(active=True).values_list("pk", flat=True):
        read_feed.enqueue(pk)
