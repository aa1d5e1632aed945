from django.db import models


class DocEntry(models.Model):
    """A name of the standard library's documentation, and where it is explained."""

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40, help_text="As the inventory says: py:function, py:module, std:term.")
    url = models.URLField(max_length=500)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "names of the documentation"

    def __str__(self):
        return self.name
