"""The task that sends a purge. `purge_done` is sent when the cache has accepted it."""

import requests
from django.db.models import F
from django.dispatch import Signal
from django.utils import timezone
from django_tasks import task

from cms.delivery import backends
from cms.delivery.models import Purge

purge_done = Signal()


@task(queue_name="purge", backend="aside")
def send_purge(pk: int) -> None:
    """Send one purge and write down what came of it."""
    purge = Purge.objects.get(pk=pk)
    try:
        backends.send(purge.keys)
    except requests.RequestException as error:
        purge.status, purge.error = Purge.Status.FAILED, str(error)[:500]
    else:
        purge.status, purge.error = Purge.Status.DONE, ""
    purge.finished_at = timezone.now()
    purge.attempts = F("attempts") + 1
    purge.save()
    if purge.status == Purge.Status.DONE:
        purge_done.send(sender=Purge, purge=purge)
