from django.db import models
from django.utils import timezone


class DocEntry(models.Model):
    """Name in the documentation of the standard library, and its URL."""

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40, help_text="Role from the inventory, for example py:function, py:module or std:term.")
    url = models.URLField(max_length=500)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "documentation entries"

    def __str__(self) -> str:
        return self.name


class EmptySearch(models.Model):
    """Search query without results, with a count."""

    query = models.CharField("question", max_length=200, unique=True)
    hits = models.PositiveIntegerField("times asked", default=0)
    first_searched_at = models.DateTimeField(auto_now_add=True)
    last_searched_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-hits"]
        verbose_name_plural = "searches without results"

    def __str__(self) -> str:
        return self.query
