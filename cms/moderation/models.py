from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, RevisionMixin

from cms.content.models.banners import section_of
from users.models import User

CLAIM_LASTS = timedelta(days=1)


class AbstractSavedReply(RevisionMixin, models.Model):
    """Reply that moderators use again and again. Each section has its own."""

    title = models.CharField(max_length=100, unique=True, help_text=_("Title for moderators, for example: Not about Python."))
    text = models.TextField(help_text=_("Message to the submitter. Moderators can edit it before it is sent."))

    class Meta:
        abstract = True
        ordering = ["title"]
        verbose_name_plural = _("saved replies")

    def __str__(self) -> str:
        return self.title


class ClaimQuerySet(models.QuerySet["Claim"]):
    def current(self, at: datetime | None = None) -> Self:
        """Return claims that have not lapsed."""
        return self.filter(claimed_at__gt=(at or timezone.now()) - CLAIM_LASTS)


class Claim(models.Model):
    """Claim of a moderator who is working on a submission, so that nobody else starts. It lapses after a day."""

    queue = models.CharField(max_length=30)
    object_id = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    claimed_at = models.DateTimeField(default=timezone.now)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "object_id"], name="one_claim_for_each_submission")]

    def __str__(self) -> str:
        return f"{self.queue}-{self.object_id}: {self.user}"


class ProblemReport(models.Model):
    """Report of a problem with a page, sent by a reader."""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        DONE = "done", _("Done")

    path = models.CharField(_("path"), max_length=500, db_index=True)
    section = models.CharField(max_length=50, blank=True, db_index=True, editable=False)
    page = models.ForeignKey("wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(_("problem"), max_length=2000)
    email = models.EmailField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.path}: {self.text[:60]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.section = section_of(self.path)[:50]
        super().save(*args, **kwargs)

    def close(self, *, by: User) -> None:
        self.status, self.closed_at, self.closed_by = self.Status.DONE, timezone.now(), by
        self.save()


class PageFeedbackQuerySet(models.QuerySet):
    def of(self, page: Page) -> Self:
        return self.filter(page_id=page.pk)

    def counts(self) -> dict[str, int]:
        """Return the number of readers who found the page helpful, and of those who did not."""
        return self.order_by().aggregate(
            helpful_count=Count("pk", filter=Q(helpful=True)), unhelpful_count=Count("pk", filter=Q(helpful=False))
        )


class PageFeedback(models.Model):
    """Answer of a reader to “Was this page helpful?”, without anything that identifies the reader."""

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    helpful = models.BooleanField(_("helpful"))
    comment = models.TextField(_("comment"), max_length=2000, blank=True)
    created_at = models.DateTimeField(_("sent"), auto_now_add=True, db_index=True)

    objects = PageFeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("page feedback")
        verbose_name_plural = _("page feedback")

    def __str__(self) -> str:
        return f"{self.page}: {self.comment[:60] or (gettext('Helpful') if self.helpful else gettext('Not helpful'))}"
