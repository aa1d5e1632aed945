from datetime import timedelta

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

# As long as purges are kept. What was published before that, no cache holds an older copy of.
DAYS_KEPT = 30


class SightingQuerySet(models.QuerySet):
    def of(self, thing: models.Model):
        return self.filter(content_type=ContentType.objects.get_for_model(thing), object_id=str(thing.pk))

    def due(self, at=None):
        """What was published, or taken off, within the last hour and visitors do not get so yet."""
        at = at or timezone.now()
        return self.exclude(status__in=[Sighting.Status.SEEN, Sighting.Status.GONE]).filter(
            published_at__gt=at - timedelta(hours=1)
        )

    def forgettable(self, at=None):
        return self.filter(published_at__lt=(at or timezone.now()) - timedelta(days=DAYS_KEPT))


class Sighting(models.Model):
    """Whether visitors get what somebody published last, or do not get any more what was taken off: one row for each page,
    release or snippet. `cms.live` looks.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SEEN = "seen", "Seen"
        FAILED = "failed", "Not seen"
        GONE = "gone", "Gone"

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=255)
    title = models.CharField(max_length=255)
    address = models.CharField(max_length=500)
    published_at = models.DateTimeField(db_index=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING, db_index=True)
    error = models.CharField(max_length=500, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)

    objects = SightingQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at"]
        constraints = [models.UniqueConstraint(fields=["content_type", "object_id"], name="cms_sighting_of_one_thing")]

    def __str__(self):
        return self.title

    def is_published(self) -> bool:
        """Whether visitors should find it: as things stand now, and not once it is deleted."""
        model = self.content_type.model_class()
        return model is not None and model._base_manager.filter(pk=self.object_id, live=True).exists()
