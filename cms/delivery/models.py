from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

MAX_NAMED = 20


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

    def __str__(self) -> str:
        return f"Purge of {self.key_list()}"

    def key_list(self) -> str:
        """Its keys as somebody reads them; an import may have purged thousands."""
        more = len(self.keys) - MAX_NAMED
        return ", ".join(self.keys[:MAX_NAMED]) + (f" and {more:,} more" if more > 0 else "")


# As long as purges are kept. What was published before that, no cache holds an older copy of.
RETENTION_DAYS = 30


class LiveCheckQuerySet(models.QuerySet):
    def of(self, thing: models.Model):
        return self.filter(content_type=ContentType.objects.get_for_model(thing), object_id=str(thing.pk))

    def due(self, at=None):
        """What was published, or taken off, within the last hour and visitors do not get so yet."""
        at = at or timezone.now()
        return self.exclude(status__in=[LiveCheck.Status.LIVE, LiveCheck.Status.GONE]).filter(
            published_at__gt=at - timedelta(hours=1)
        )

    def forgettable(self, at=None):
        return self.filter(published_at__lt=(at or timezone.now()) - timedelta(days=RETENTION_DAYS))


class LiveCheck(models.Model):
    """Whether visitors get what somebody published last, or do not get any more what was taken off: one row for each page,
    release or snippet. `cms.delivery.live_checks` looks.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        LIVE = "live", "Seen"
        FAILED = "failed", "Not seen"
        GONE = "gone", "Gone"

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=255)
    title = models.CharField(max_length=255)
    path = models.CharField("address", max_length=500)
    published_at = models.DateTimeField(db_index=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING, db_index=True)
    error = models.CharField(max_length=500, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    objects = LiveCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at"]
        constraints = [models.UniqueConstraint(fields=["content_type", "object_id"], name="cms_live_check_of_one_object")]

    def __str__(self) -> str:
        return self.title

    def is_published(self) -> bool:
        """Whether visitors should find it: as things stand now, and not once it is deleted."""
        model = self.content_type.model_class()
        return model is not None and model._base_manager.filter(pk=self.object_id, live=True).exists()
