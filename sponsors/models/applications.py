from django.conf import settings
from django.db import models

from sponsors.files import answer_path, private_storage

from .catalogue import Season
from .deals import Deal


class ApplicationDraft(models.Model):
    """An application that somebody has begun. It waits until it is sent in, and then knows the deal that it became."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    season = models.ForeignKey(Season, on_delete=models.CASCADE, related_name="+")
    data = models.JSONField(
        default=dict, help_text="package, benefits, renewal_of, sponsor, organisation and contacts, as typed."
    )
    web_logo = models.FileField(upload_to=answer_path, storage=private_storage, blank=True, max_length=255)
    white_logo = models.FileField(upload_to=answer_path, storage=private_storage, blank=True, max_length=255)
    print_logo = models.FileField(upload_to=answer_path, storage=private_storage, blank=True, max_length=255)
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    LOGOS = ("web_logo", "white_logo", "print_logo")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "season"], condition=models.Q(deal=None), name="one_draft_of_season")
        ]

    def __str__(self) -> str:
        return f"Application of {self.user} for {self.season}"
