from datetime import datetime, time, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.models import DraftStateMixin, LockableMixin, PreviewableMixin, Revision, RevisionMixin, WorkflowMixin
from wagtail.search import index

from cms.content import markup
from cms.content.blocks import BodyBlock
from cms.content.fields import StreamField
from cms.content.models.drafts import StaysLiveMixin
from cms.content.presentation import build_context
from cms.delivery import purging
from cms.platform.dates import show_date
from events import recurrence, zones

from .calendars import Calendar, Category, Location
from .occurrences import Occurrence

# Fields that staff can lock against the source of the calendar, with their labels.
LOCKABLE = {
    "title": "Title",
    "body": "Text",
    "dates": _("Dates and time zone"),
    "venue": "Location",
    "online_url": _("Online event URL"),
    "url": "Website",
    "organiser": "Organizer",
    "status": "Status",
}


class EventQuerySet(models.QuerySet["Event"]):
    def visible(self) -> Self:
        return self.filter(live=True)

    def submitted(self) -> Self:
        """Return public submissions that were never published."""
        return self.filter(submitter__isnull=False, first_published_at__isnull=True)


class Event(
    StaysLiveMixin,
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    PreviewableMixin,
    index.Indexed,
    ClusterableModel,
):
    """Event. Its dates are local to its time zone; `Occurrence` rows follow from them."""

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("Scheduled")
        TENTATIVE = "tentative", _("To be confirmed")
        CANCELLED = "cancelled", _("Canceled")
        POSTPONED = "postponed", _("Postponed")

    title = models.CharField(max_length=200)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="events")
    description = models.TextField(
        blank=True, help_text=_("Description in Markdown, as entered by the submitter. Shown above the text; both are optional.")
    )
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("text"), help_text=_("Topic and audience of the event."))
    status = models.CharField(
        max_length=10,
        choices=Status,
        default=Status.SCHEDULED,
        db_index=True,
        help_text=_("A canceled event stays in lists and in subscribed calendars, marked as canceled."),
    )
    status_note = models.CharField(
        max_length=200, blank=True, help_text=_("Reason for a cancellation or postponement, and information for ticket holders.")
    )
    start_date = models.DateField(_("start date"), db_index=True, help_text=_("First date, if the event repeats."))
    start_time = models.TimeField(null=True, blank=True, help_text=_("Leave empty for an all-day event."))
    end_date = models.DateField(
        _("end date"),
        null=True,
        blank=True,
        help_text=_("Last day of the event (or of each occurrence, if it repeats). Leave empty for a one-day event."),
    )
    end_time = models.TimeField(null=True, blank=True)
    time_zone = models.CharField(
        max_length=50,
        default="UTC",
        validators=[zones.check],
        help_text=_("Time zone of the event, for example Europe/Berlin."),
    )
    rrule = models.CharField(
        _("rule"),
        max_length=500,
        blank=True,
        help_text=_("iCalendar recurrence rule, for example FREQ=MONTHLY;BYDAY=2TH. Filled in from the fields above."),
    )
    rdates = models.TextField(
        _("additional dates"), blank=True, help_text=_("One per line, for example 2026-11-20 or 2026-11-20T18:00.")
    )
    exdates = models.TextField(
        _("excluded dates"),
        blank=True,
        help_text=_("Dates on which the event does not take place, one per line, for example 2026-12-25."),
    )
    venue = models.ForeignKey(
        Location, null=True, blank=True, on_delete=models.SET_NULL, related_name="events", verbose_name=_("location")
    )
    online_url = models.URLField(_("online event URL"), max_length=500, blank=True, help_text=_("For online and hybrid events."))
    categories = ParentalManyToManyField(Category, blank=True, related_name="events")
    featured = models.BooleanField(
        default=False, db_index=True, help_text=_("Highlight the event on the events page and on its calendar’s page.")
    )
    featured_order = models.PositiveSmallIntegerField(default=100, help_text=_("Lower numbers come first among featured events."))
    organiser = models.CharField(
        _("organizer"), max_length=200, blank=True, help_text=_("Group, company or person that runs the event.")
    )
    url = models.URLField(_("website"), max_length=500, blank=True)
    image = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    live = models.BooleanField(_("published"), default=False, editable=False, db_index=True)
    uid = models.CharField(
        _("UID"), max_length=255, blank=True, db_index=True, help_text=_("Unique ID of the event in calendar apps.")
    )
    locked_fields = models.JSONField(
        _("locked fields"), default=list, blank=True, help_text=_("Fields that imports do not change.")
    )
    # Time when the source last contained the event, and time since when it does not.
    imported_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Assumptions of the last import, one sentence each.
    import_warnings = models.JSONField(default=list, db_default=[], editable=False)
    # Digest of the last import, to detect changes.
    source_digest = models.CharField(max_length=64, blank=True, editable=False)
    submitter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    # Message of the rejection.
    rejection = models.TextField(blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EventQuerySet.as_manager()

    search_fields = [
        index.SearchField("title", boost=5),
        index.AutocompleteField("title"),
        index.SearchField("description"),
        index.SearchField("body"),
        index.SearchField("organiser"),
        index.FilterField("live"),
        index.FilterField("calendar_id"),
    ]

    class Meta:
        ordering = ["-start_date", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "uid"],
                condition=~models.Q(uid=""),
                name="one_event_for_each_uid_of_a_calendar",
                violation_error_message=_("Another event of this calendar has this UID."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.start_date:
            recurrence.check(self, is_imported=self.imported_at is not None)

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        self.renew_occurrences()

    def save_revision(self, *args: Any, **kwargs: Any) -> Revision:
        revision = super().save_revision(*args, **kwargs)
        if not self.live:
            # The row of a draft is updated from its newest revision, so that lists show its current values.
            self.save()
        return revision

    def get_absolute_url(self) -> str:
        return reverse("events:event_detail", args=[self.calendar.slug, self.pk or 0])

    @property
    def full_url(self) -> str:
        return settings.BASE_URL + self.get_absolute_url()

    @property
    def all_day(self) -> bool:
        return self.start_time is None

    @property
    def wall_start(self) -> datetime:
        return datetime.combine(self.start_date, self.start_time or time.min)

    @property
    def wall_duration(self) -> timedelta:
        """Return the duration in local time; for all-day events, from the first to the last day."""
        last = self.end_date or self.start_date
        if self.all_day:
            return last - self.start_date
        if self.end_time is None:
            return timedelta(0)
        return datetime.combine(last, self.end_time) - self.wall_start

    @property
    def calendar_uid(self) -> str:
        """Return the UID of the event in iCalendar, which never changes."""
        return self.uid or f"event-{self.pk}@{settings.BASE_URL.split('//')[-1]}"

    @property
    def repeats(self) -> bool:
        return bool(self.rrule or self.rdates)

    @property
    def is_online(self) -> bool:
        return bool(self.online_url or (self.venue and self.venue.online))

    @property
    def place(self) -> str:
        """Return the location in short form."""
        if self.venue:
            parts = [self.venue.name, self.venue.city, self.venue.country.name]
            return ", ".join(dict.fromkeys(part for part in parts if part))
        return "Online" if self.is_online else ""

    @property
    def summary(self) -> str:
        """Return the text without markup."""
        text = markup.plain(self.description) if self.description else ""
        return text or markup.plain_html(self.body.render_as_block() if self.body else "")

    def renew_occurrences(self, at: datetime | None = None) -> None:
        """Update the occurrences of the event. Idempotent."""
        if not self.live:
            self.occurrences.all().delete()
            return
        here = {row.key: row for row in self.occurrences.all()}
        new: list[Occurrence] = []
        changed: list[Occurrence] = []
        for span in recurrence.spans(self, at):
            row = here.pop(span.key, None) or Occurrence(event=self, key=span.key)
            values = {
                "title": span.title or self.title,
                "status": self.Status.CANCELLED if span.cancelled else self.status,
                "all_day": self.all_day,
                "starts_on": span.starts_on,
                "ends_on": span.ends_on,
                "starts_at": span.starts_at,
                "ends_at": span.ends_at,
            }
            if row.pk is None or any(getattr(row, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(row, name, value)
                (changed if row.pk else new).append(row)
        Occurrence.objects.filter(pk__in=[row.pk for row in here.values()]).delete()
        Occurrence.objects.bulk_create(new, batch_size=500)
        Occurrence.objects.bulk_update(changed, list(OCCURRENCE_FIELDS), batch_size=100)

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "events/event_detail.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return super().get_preview_context(request, mode_name) | build_context(self)


OCCURRENCE_FIELDS = ("title", "status", "all_day", "starts_on", "ends_on", "starts_at", "ends_at")


class EventOverride(models.Model):
    """Occurrence of a recurring event that is moved, renamed or canceled."""

    event = ParentalKey(Event, on_delete=models.CASCADE, related_name="overrides")
    original_date = models.DateField(help_text=_("Date that the rule gives."))
    original_time = models.TimeField(null=True, blank=True, editable=False)
    cancelled = models.BooleanField(_("canceled"), default=False, help_text=_("The event does not take place on this date."))
    title = models.CharField(max_length=200, blank=True, help_text=_("Leave empty for the title of the event."))
    start_date = models.DateField(_("moved to"), null=True, blank=True)
    start_time = models.TimeField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)
    end_time = models.TimeField(null=True, blank=True)

    class Meta:
        ordering = ["original_date", "pk"]

    def __str__(self) -> str:
        return show_date(self.original_date, "DATE_FORMAT")

    def clean(self) -> None:
        for day in (self.original_date, self.start_date, self.end_date):
            recurrence.check_year(day)
        if self.end_date and self.start_date and self.end_date < self.start_date:
            raise ValidationError({"end_date": _("This date ends before it starts.")})

    @property
    def original_start(self) -> datetime:
        return datetime.combine(self.original_date, self.original_time or self.event.start_time or time.min)

    @property
    def key(self) -> str:
        return recurrence.key_of(self.original_start, all_day=self.event.all_day)


purging.register(Event, purges=lambda event: ["events"] if event.live or event.first_published_at else [])
