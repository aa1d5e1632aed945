from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.delivery import purging

# Number of consecutive failures after which a feed is shown as broken.
FAILURES_OF_BROKEN = 4


class FeedQuerySet(models.QuerySet["Feed"]):
    def broken(self) -> Self:
        """Return active feeds whose last import failed."""
        return self.filter(active=True).exclude(error="")


class Feed(models.Model):
    """External blog whose entries appear on this site, with the result of the last import."""

    class Health(models.TextChoices):
        NEW = "new", _("Not fetched yet")
        OK = "ok", _("Healthy")
        SHAKY = "shaky", _("Recent failures")
        BROKEN = "broken", _("Broken")
        OFF = "off", _("Turned off")

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, unique=True, help_text=_("Used in URLs: /blogs/?source=…"))
    website_url = models.URLField(_("website"), help_text=_("URL of the blog, for example https://pyfound.blogspot.com/."))
    feed_url = models.URLField(_("feed URL"), max_length=500, unique=True, help_text=_("RSS, Atom or RDF."))
    active = models.BooleanField(
        default=True, help_text=_("Fetch this feed every 15 minutes. Existing entries are kept if you turn this off.")
    )
    read_at = models.DateTimeField(_("last read"), null=True, blank=True, editable=False)
    succeeded_at = models.DateTimeField(_("last success"), null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(_("consecutive failures"), default=0, editable=False)
    error = models.CharField(_("last error"), max_length=500, blank=True, editable=False)
    note = models.CharField(
        max_length=500, blank=True, default="", db_default="", editable=False, help_text=_("Last change of the feed URL.")
    )
    report = models.JSONField(default=dict, editable=False, help_text=_("Counts of the last run: added, changed, skipped."))
    etag = models.CharField(max_length=200, blank=True, editable=False)
    last_modified = models.CharField(max_length=100, blank=True, editable=False)

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/blogs/?source={self.slug}"

    @property
    def health(self) -> str:
        if not self.active:
            return self.Health.OFF
        if self.failures >= FAILURES_OF_BROKEN:
            return self.Health.BROKEN
        if self.failures:
            return self.Health.SHAKY
        return self.Health.OK if self.read_at else self.Health.NEW

    @property
    def health_label(self) -> str:
        return str(self.Health(self.health).label)


class BlogEntryQuerySet(models.QuerySet):
    def visible(self) -> Self:
        return self.filter(is_hidden=False).select_related("feed").order_by("-published_at", "-pk")

    def in_list(self, at: datetime | None = None) -> Self:
        """Return visible entries, with those pinned at a given time (default: now) first."""
        pinned = models.Case(models.When(pinned_until__gt=at or timezone.now(), then=0), default=1)
        return self.visible().annotate(place=pinned).order_by("place", "-published_at", "-pk")


class BlogEntry(models.Model):
    """Blog entry as given in its feed."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="entries")
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True, help_text=_("Cleaned HTML."))
    url = models.URLField(_("URL"), max_length=500)
    # Identifier of the entry in its feed; without one, entries are recognized by their link.
    guid = models.CharField(max_length=500, blank=True, default="", db_default="", editable=False)
    published_at = models.DateTimeField(db_index=True)
    is_hidden = models.BooleanField(_("hidden"), default=False, help_text=_("Do not show this entry on the site."))
    pinned_until = models.DateTimeField(
        _("pinned until"), null=True, blank=True, help_text=_("Show this entry before newer entries until this time.")
    )

    objects = BlogEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        verbose_name_plural = _("blog entries")
        constraints = [
            models.UniqueConstraint(fields=["feed", "url"], name="entry_of_feed"),
            models.UniqueConstraint(fields=["feed", "guid"], condition=~models.Q(guid=""), name="guid_of_feed"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return self.url

    @property
    def is_pinned(self) -> bool:
        return bool(self.pinned_until and self.pinned_until > timezone.now())

    def pin(self, days: int = 7) -> None:
        self.pinned_until = timezone.now() + timedelta(days=days)
        self.save(update_fields=["pinned_until"])


class FeedAggregate(models.Model):
    """Blogs whose entries appear together in one place."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=200, unique=True)
    description = models.TextField(blank=True, help_text=_("Where this aggregate is used. Visible to staff only."))
    feeds = models.ManyToManyField(Feed, related_name="aggregates")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


for model in (Feed, BlogEntry, FeedAggregate):
    purging.register(model, purges=lambda _: ["blogs"])
