"""Broken links, bundles of drafts that are published together, and preview links."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
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


def make_key() -> str:
    return secrets.token_urlsafe(16)


class PreviewLinkQuerySet(models.QuerySet["PreviewLink"]):
    def of(self, thing: models.Model) -> Self:
        """Return the links to versions of a page or snippet, newest first."""
        return self.filter(content_type=thing.get_base_content_type(), object_id=str(thing.pk))  # type: ignore[attr-defined]

    def active(self, at: datetime | None = None) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=at or timezone.now())

    def ended(self, at: datetime | None = None) -> Self:
        """Return links that have expired or were revoked before a time, by default now."""
        at = at or timezone.now()
        return self.filter(Q(expires_at__lte=at) | Q(revoked_at__lte=at))


class PreviewLink(models.Model):
    """Link with which people without an account read one version of a page or snippet (`cms.editor.preview_links`)."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        EXPIRED = "expired", _("Expired")
        REVOKED = "revoked", _("Revoked")

    key = models.CharField(max_length=32, unique=True, default=make_key, editable=False)
    # The base type, as in Wagtail's revisions: all pages have the type of Page.
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=255)
    thing = GenericForeignKey("content_type", "object_id")
    title = models.CharField(_("title"), max_length=255)
    revision = models.ForeignKey("wagtailcore.Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # A copy of the version, because autosave overwrites the newest revision.
    content = models.JSONField(encoder=DjangoJSONEncoder)
    saved_at = models.DateTimeField(_("version"))
    recipient = models.CharField(_("recipient"), max_length=100, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    open_count = models.PositiveIntegerField(_("opened"), default=0)
    last_opened_at = models.DateTimeField(null=True, blank=True)

    objects = PreviewLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("preview link")
        verbose_name_plural = _("preview links")
        indexes = [models.Index(fields=["content_type", "object_id"], name="preview_link_record")]

    def __str__(self) -> str:
        return self.title

    def get_state(self, at: datetime | None = None) -> State:
        if self.revoked_at:
            return self.State.REVOKED
        return self.State.ACTIVE if self.expires_at > (at or timezone.now()) else self.State.EXPIRED

    def count_opening(self) -> None:
        now = timezone.now()
        PreviewLink.objects.filter(pk=self.pk).update(open_count=F("open_count") + 1, last_opened_at=now)


class PreviewComment(models.Model):
    """Comment of a reader of a preview link, who has no account."""

    link = models.ForeignKey(PreviewLink, on_delete=models.CASCADE, related_name="comments")
    name = models.CharField(_("name"), max_length=100)
    text = models.TextField(_("comment"), max_length=2000)
    created_at = models.DateTimeField(_("sent"), auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name}: {self.text[:60]}"
