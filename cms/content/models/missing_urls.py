from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class MissingURLQuerySet(models.QuerySet):
    def forgettable(self, at: datetime | None = None) -> Self:
        """Return missing URLs that were not requested in the last 90 days."""
        return self.filter(last_seen_at__lt=(at or timezone.now()) - timedelta(days=90))


class MissingURL(models.Model):
    """Missing URL that visitors requested, with a count."""

    path = models.CharField(_("path"), max_length=500, unique=True)
    hits = models.PositiveIntegerField(default=0)
    referrer = models.CharField(_("referrer"), max_length=500, blank=True, help_text=_("The last page that linked to it."))
    first_seen_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = MissingURLQuerySet.as_manager()

    class Meta:
        ordering = ["-hits"]
        verbose_name_plural = _("missing URLs")

    def __str__(self) -> str:
        return self.path
