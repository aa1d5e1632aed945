"""What visitors and the site's own checks found wrong, for staff to mend."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .banners import section_of


class ProblemReport(models.Model):
    """What a reader says is wrong with a page: a task for those who look after it."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"

    path = models.CharField("address", max_length=500, db_index=True)
    section = models.CharField(max_length=50, blank=True, db_index=True, editable=False)
    page = models.ForeignKey("wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField("what is wrong", max_length=2000)
    email = models.EmailField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN, db_index=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self):
        return f"{self.path}: {self.text[:60]}"

    def save(self, *args, **kwargs):
        self.section = section_of(self.path)[:50]
        super().save(*args, **kwargs)

    def close(self, *, by) -> None:
        self.status, self.closed_at, self.closed_by = self.Status.DONE, timezone.now(), by
        self.save()


class BrokenLink(models.Model):
    """A link of a public page that leads nowhere, as the last check found it."""

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="broken_links")
    url = models.CharField("leads to", max_length=500)
    text = models.CharField("words of the link", max_length=200, blank=True)
    reason = models.CharField(max_length=200)
    internal = models.BooleanField("on this site", default=True)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-internal", "-first_seen_at"]
        constraints = [models.UniqueConstraint(fields=["page", "url"], name="one_row_for_each_broken_link")]

    def __str__(self):
        return self.url


class EmptySearch(models.Model):
    """A question that the search of the site had no answer to, counted."""

    query = models.CharField("question", max_length=200, unique=True)
    hits = models.PositiveIntegerField("times asked", default=0)
    first_asked_at = models.DateTimeField(auto_now_add=True)
    last_asked_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-hits"]
        verbose_name_plural = "searches without result"

    def __str__(self):
        return self.query
