from django.db import models
from wagtail.models import RevisionMixin


class AbstractCannedReply(RevisionMixin, models.Model):
    """Words that a moderator sends again and again. Each section has replies of its own."""

    title = models.CharField(max_length=100, unique=True, help_text="How moderators find it, such as: Not about Python.")
    text = models.TextField(help_text="What the submitter reads. Moderators may change it before it goes out.")

    class Meta:
        abstract = True
        ordering = ["title"]
        verbose_name_plural = "canned replies"

    def __str__(self):
        return self.title
