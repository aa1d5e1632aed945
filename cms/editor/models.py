"""Broken links, and bundles of drafts that are published together."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BrokenLink(models.Model):
    """Broken link of a public page, as found by the last check."""

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="broken_links")
    url = models.CharField(_("leads to"), max_length=500)
    text = models.CharField(_("link text"), max_length=200, blank=True)
    reason = models.CharField(max_length=200)
    internal = models.BooleanField(_("on this site"), default=True)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-internal", "-first_seen_at"]
        constraints = [models.UniqueConstraint(fields=["page", "url"], name="one_row_for_each_broken_link")]

    def __str__(self) -> str:
        return self.url


class BundleQuerySet(models.QuerySet["Bundle"]):
    def due(self, within: timedelta = timedelta(0), at: datetime | None = None) -> Self:
        """Return scheduled bundles that are due, or will be due within a period."""
        return self.filter(status=Bundle.Status.SCHEDULED, publish_at__lte=(at or timezone.now()) + within)

    def failed(self) -> Self:
        return self.filter(status=Bundle.Status.FAILED)


class Bundle(models.Model):
    """Drafts that are published at the same moment and undone together (`cms.editor.bundles`)."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Scheduled")
        PUBLISHED = "published", _("Published")
        UNDONE = "undone", _("Undone")
        FAILED = "failed", _("Not published")

    name = models.CharField(max_length=200, help_text=_("Shown to staff, for example “Python 3.16.0”."))
    note = models.TextField(blank=True, help_text=_("For staff, for example who must agree before publication."))
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT, editable=False, db_index=True)
    publish_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    undone_at = models.DateTimeField(null=True, blank=True, editable=False)
    error = models.CharField(max_length=1000, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BundleQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Return whether its contents can be changed."""
        return self.status in {self.Status.DRAFT, self.Status.FAILED, self.Status.UNDONE}


class BundleItem(models.Model):
    """Page or snippet of a bundle, with the version to publish and the previous live version."""

    bundle = models.ForeignKey(Bundle, on_delete=models.CASCADE, related_name="items")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=255)
    thing: Any = GenericForeignKey("content_type", "object_id")
    title = models.CharField(max_length=255)
    revision = models.ForeignKey("wagtailcore.Revision", null=True, on_delete=models.SET_NULL, related_name="+")
    previous_revision = models.ForeignKey("wagtailcore.Revision", null=True, on_delete=models.SET_NULL, related_name="+")
    was_live = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["bundle", "content_type", "object_id"], name="once_in_a_bundle")]

    def __str__(self) -> str:
        return self.title
