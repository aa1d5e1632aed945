"""Broken links, for staff to fix."""

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
