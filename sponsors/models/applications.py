from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sponsors.files import asset_path, private_storage

from .catalog import SponsorshipYear
from .sponsorships import Sponsorship


class ApplicationDraftQuerySet(models.QuerySet["ApplicationDraft"]):
    def open(self) -> Self:
        """Return drafts that were not submitted, for sponsorship years whose applications are open."""
        return self.filter(sponsorship=None, sponsorship_year__in=SponsorshipYear.objects.open()).select_related(
            "sponsorship_year"
        )


class ApplicationDraft(models.Model):
    """Draft of an application. After submission, it refers to the sponsorship that was created."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    sponsorship_year = models.ForeignKey(SponsorshipYear, on_delete=models.CASCADE, related_name="+")
    data = models.JSONField(
        default=dict, help_text=_("package, benefits, renewal_of, sponsor, organisation and contacts, as entered.")
    )
    web_logo = models.FileField(upload_to=asset_path, storage=private_storage, blank=True, max_length=255)
    white_logo = models.FileField(upload_to=asset_path, storage=private_storage, blank=True, max_length=255)
    print_logo = models.FileField(upload_to=asset_path, storage=private_storage, blank=True, max_length=255)
    sponsorship = models.ForeignKey(Sponsorship, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    objects = ApplicationDraftQuerySet.as_manager()
    LOGOS = ("web_logo", "white_logo", "print_logo")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "sponsorship_year"], condition=models.Q(sponsorship=None), name="one_draft_of_sponsorship_year"
            )
        ]

    def __str__(self) -> str:
        name = self.data.get("organisation", {}).get("name") or gettext("Sponsorship application")
        return f"{name}, {self.sponsorship_year}"
