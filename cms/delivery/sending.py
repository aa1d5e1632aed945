"""Task that sends a purge. The signal `purge_done` is sent when the cache has accepted it."""

import requests
from django.db.models import F
from django.dispatch import Signal
from django.utils import timezone
from django_tasks import task

from cms.delivery.backends import get_backend
from cms.delivery.models import Purge

purge_done = Signal()


@task(queue_name="purge", backend="aside")
def send_purge(pk: int) -> None:
    """Send a purge and store the result."""
    purge = Purge.objects.get(pk=pk)
    try:
        get_backend().purge(purge.keys)
    except requests.RequestException as error:
        purge.status, purge.error = Purge.Status.FAILED, str(error)[:500]
    else:
        purge.status, purge.error = Purge.Status.DONE, ""
    purge.finished_at = timezone.now()
    purge.attempts = F("attempts") + 1
    purge.save()
    if purge.status == Purge.Status.DONE:
        purge_done.send(sender=Purge, purge=purge)
