from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils import timezone

from events import zones


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    def visible(self) -> Self:
        return self.filter(event__live=True)

    def with_events(self) -> Self:
        """Join the related rows that lists show."""
        return self.select_related("event__calendar", "event__venue").defer("event__body", "event__description")

    def scheduled(self) -> Self:
        """Return occurrences that are neither canceled nor postponed, including unconfirmed ones."""
        return self.filter(status__in=["scheduled", "tentative"])

    def current(self, at: datetime | None = None) -> Self:
        """Return occurrences in progress."""
        at = at or timezone.now()
        return self.filter(starts_at__lte=at, ends_at__gt=at).order_by("ends_at", "pk")

    def upcoming(self, at: datetime | None = None) -> Self:
        """Return occurrences that have not begun, the next one first."""
        return self.filter(starts_at__gt=at or timezone.now()).order_by("starts_at", "pk")

    def not_over(self, at: datetime | None = None) -> Self:
        """Return occurrences in progress or upcoming, in order."""
        at = at or timezone.now()
        # An event without an end is over once it has begun.
        return self.filter(Q(ends_at__gt=at) | Q(starts_at__gt=at)).order_by("starts_at", "pk")

    def featured(self, at: datetime | None = None) -> Self:
        """Return occurrences of featured events that are not over, in the order set by staff."""
        found = self.scheduled().not_over(at).filter(event__featured=True)
        return found.order_by("event__featured_order", "starts_at", "pk")

    def past(self, at: datetime | None = None) -> Self:
        """Return past occurrences, latest first."""
        return self.filter(ends_at__lte=at or timezone.now()).order_by("-ends_at", "-pk")

    def between(self, first: date, last: date) -> Self:
        """Return occurrences on a day between the first and the last, by their local dates."""
        return self.filter(starts_on__lte=last, ends_on__gte=first).order_by("starts_on", "starts_at", "pk")


class Occurrence(models.Model):
    """Date of an event. These rows are computed from the event and never edited."""

    event = models.ForeignKey("events.Event", on_delete=models.CASCADE, related_name="occurrences")
    # Original local date by the rule, as in RECURRENCE-ID; it does not change when the date is moved.
    key = models.CharField(max_length=16)
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=10)
    all_day = models.BooleanField(default=False)
    # Local dates; the last day is the last one on which the event takes place.
    starts_on = models.DateField(db_index=True)
    ends_on = models.DateField(db_index=True)
    starts_at = models.DateTimeField(db_index=True)
    # For all-day events: the end of the last day everywhere on Earth.
    ends_at = models.DateTimeField(db_index=True)

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["event", "key"], name="one_occurrence_for_each_date")]

    def __str__(self) -> str:
        return f"{self.title}, {self.starts_on}"

    @property
    def zone(self) -> ZoneInfo:
        return zones.zone(self.event.time_zone)

    @property
    def local_start(self) -> datetime:
        return self.starts_at.astimezone(self.zone)

    @property
    def local_end(self) -> datetime:
        """Return the local end; for all-day events, the midnight after the last day."""
        if self.all_day:
            return datetime.combine(self.ends_on + timedelta(days=1), time.min, self.zone)
        return self.ends_at.astimezone(self.zone)

    def is_past(self, at: datetime | None = None) -> bool:
        return self.ends_at <= (at or timezone.now())

    def is_current(self, at: datetime | None = None) -> bool:
        at = at or timezone.now()
        return self.starts_at <= at < self.ends_at
