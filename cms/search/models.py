from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class DocEntry(models.Model):
    """Name in the documentation of the standard library, and its URL."""

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(
        max_length=40, help_text=_("Role from the inventory, for example py:function, py:module or std:term.")
    )
    url = models.URLField(max_length=500)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("documentation entries")

    def __str__(self) -> str:
        return self.name


class EmptySearch(models.Model):
    """Search query without results, with a count."""

    query = models.CharField(_("question"), max_length=200, unique=True)
    hits = models.PositiveIntegerField(_("times asked"), default=0)
    first_searched_at = models.DateTimeField(auto_now_add=True)
    last_searched_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-hits"]
        verbose_name_plural = _("searches without results")

    def __str__(self) -> str:
        return self.query
