from django.db import models
from django.utils.translation import gettext_lazy as _

from .files import ReleaseFile


class FileCheck(models.Model):
    """Result of the last check of a file and of its signatures on the server."""

    file = models.OneToOneField(ReleaseFile, on_delete=models.CASCADE, related_name="url_check")
    checked_at = models.DateTimeField()
    problems = models.JSONField(default=list, blank=True, help_text=_("Sentences for the release manager."))
    is_hashed = models.BooleanField(
        _("checksum checked"), default=False, help_text=_("Whether the content was read and its checksum compared.")
    )

    class Meta:
        ordering = ["-checked_at"]

    def __str__(self) -> str:
        return f"Check of {self.file}"

    @property
    def is_current(self) -> bool:
        """Return whether the file was not changed after the check."""
        return self.checked_at >= self.file.updated_at
