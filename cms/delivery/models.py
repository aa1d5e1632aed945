from datetime import datetime, timedelta
from typing import Any, Self

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_NAMED = 20


class PurgeQuerySet(models.QuerySet):
    def due_again(self, at: datetime | None = None) -> Self:
        """Return purges of the last day that failed, and all that have waited for more than five minutes."""
        at = at or timezone.now()
        waiting = models.Q(status=Purge.Status.WAITING, created_at__lt=at - timedelta(minutes=5))
        failed = models.Q(status=Purge.Status.FAILED, created_at__gt=at - timedelta(days=1))
        return self.filter(waiting | failed)


class Purge(models.Model):
    """Purge of surrogate keys from the cache in front of the site."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    keys = models.JSONField(help_text=_("Surrogate keys to purge from the cache."))
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
        """Return a readable list of keys. An import may have purged thousands."""
        more = len(self.keys) - MAX_NAMED
        return ", ".join(self.keys[:MAX_NAMED]) + (f" and {more:,} more" if more > 0 else "")


# Retention of purges. No cache holds older responses.
RETENTION_DAYS = 30
REPORTED_AFTER = timedelta(minutes=3)


class LiveCheckQuerySet(models.QuerySet):
    def of(self, thing: models.Model) -> Self:
        return self.filter(content_type=ContentType.objects.get_for_model(thing), object_id=str(thing.pk))

    def due(self, at: datetime | None = None) -> Self:
        """Return checks of the last hour that have not succeeded yet."""
        at = at or timezone.now()
        return self.exclude(status__in=[LiveCheck.Status.LIVE, LiveCheck.Status.GONE]).filter(
            published_at__gt=at - timedelta(hours=1)
        )

    def with_failed_places(self) -> Self:
        """Return publications that at least one other place does not show."""
        return self.filter(pk__in=PlaceCheck.objects.failed().values("live_check"))

    def to_report(self, at: datetime | None = None) -> Self:
        """Return publications of the last day that are not live everywhere and were not reported by email.

        Checks start after a few minutes, to allow for the purge and its retries; external places have their own limits.
        """
        at = at or timezone.now()
        failed = models.Q(status=LiveCheck.Status.FAILED) | models.Q(places__status=LiveCheck.Status.FAILED)
        period = (at - timedelta(days=1), at - REPORTED_AFTER)
        return self.filter(failed, alarmed_at=None, published_at__range=period).distinct()

    def forgettable(self, at: datetime | None = None) -> Self:
        return self.filter(published_at__lt=(at or timezone.now()) - timedelta(days=RETENTION_DAYS))


class LiveCheck(models.Model):
    """Result of checking that visitors see the last publication or unpublication: one row for each page, release or snippet."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        LIVE = "live", _("Visible")
        FAILED = "failed", _("Not live")
        GONE = "gone", _("Gone")

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=255)
    title = models.CharField(max_length=255)
    path = models.CharField(_("path"), max_length=500)
    published_at = models.DateTimeField(db_index=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING, db_index=True)
    error = models.CharField(max_length=500, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    alarmed_at = models.DateTimeField(null=True, blank=True, help_text=_("When an email was sent because it is not live."))

    objects = LiveCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at"]
        constraints = [models.UniqueConstraint(fields=["content_type", "object_id"], name="cms_live_check_of_one_object")]

    def __str__(self) -> str:
        return self.title

    def get_object(self) -> Any:
        """Return the object, or None if it was deleted."""
        model = self.content_type.model_class()
        return model._base_manager.filter(pk=self.object_id).first() if model else None

    def is_published(self) -> bool:
        """Return whether the object exists and is live."""
        model = self.content_type.model_class()
        return model is not None and model._base_manager.filter(pk=self.object_id, live=True).exists()


class PlaceCheckQuerySet(models.QuerySet["PlaceCheck"]):
    def due(self, at: datetime | None = None) -> Self:
        """Return checks of the last day that have not succeeded yet."""
        since = (at or timezone.now()) - timedelta(days=1)
        return self.exclude(status=LiveCheck.Status.LIVE).filter(live_check__published_at__gt=since).select_related("live_check")

    def failed(self) -> Self:
        return self.filter(status=LiveCheck.Status.FAILED)


class PlaceCheck(models.Model):
    """Another place where a publication must be visible: a page, a feed, an API, or an external site."""

    live_check = models.ForeignKey(LiveCheck, on_delete=models.CASCADE, related_name="places")
    name = models.CharField(max_length=200)
    url = models.CharField(_("URL"), max_length=500, help_text=_("Path on this site, or full URL outside."))
    expected = models.CharField(max_length=200, help_text=_("Text that must be found there."))
    is_outside = models.BooleanField(default=False)
    wait_minutes = models.PositiveSmallIntegerField(default=0, help_text=_("Minutes after which the place is late."))
    status = models.CharField(max_length=10, choices=LiveCheck.Status, default=LiveCheck.Status.WAITING, db_index=True)
    error = models.CharField(max_length=500, blank=True)
    age = models.PositiveIntegerField(null=True, help_text=_("Age of the copy in a cache, in seconds."))
    checked_at = models.DateTimeField(null=True, blank=True)

    objects = PlaceCheckQuerySet.as_manager()

    class Meta:
        ordering = ["is_outside", "pk"]
        constraints = [models.UniqueConstraint(fields=["live_check", "name", "url"], name="cms_one_check_of_a_place")]

    def __str__(self) -> str:
        return self.name
