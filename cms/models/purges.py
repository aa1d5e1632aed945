from datetime import timedelta
from functools import partial

from django.db import models, transaction
from django.utils import timezone

MOST_NAMED = 20


class PurgeQuerySet(models.QuerySet):
    def due_again(self, at=None):
        """Failed purges younger than a day, and those that waited for longer than five minutes."""
        at = at or timezone.now()
        waiting = models.Q(status=Purge.Status.WAITING, created_at__lt=at - timedelta(minutes=5))
        failed = models.Q(status=Purge.Status.FAILED)
        return self.filter(waiting | failed, created_at__gt=at - timedelta(days=1))


class Purge(models.Model):
    """An order to the cache in front of the site to forget what carries these keys."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    keys = models.JSONField(help_text="The surrogate keys that the cache should forget.")
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = PurgeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return f"Purge of {self.key_list()}"

    def key_list(self) -> str:
        """Its keys as somebody reads them; an import may have purged thousands."""
        more = len(self.keys) - MOST_NAMED
        return ", ".join(self.keys[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")

    def send_again(self) -> None:
        """Put it into the queue once more, after the commit."""
        from cms.tasks import send_purge  # noqa: PLC0415 -- tasks read this model.

        self.status = self.Status.WAITING
        self.save(update_fields=["status"])
        transaction.on_commit(partial(send_purge.enqueue, self.pk))
