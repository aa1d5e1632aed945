from django.db import models
from wagtail.models import Page

# First ID in APIs v1 and v2 for pages that the previous site did not have.
FIRST_NEW_ID = 1_000_000


class LegacyPageID(models.Model):
    """ID of an imported page on the previous site, used by APIs v1 and v2."""

    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="legacy")
    number = models.PositiveIntegerField(unique=True)

    def __str__(self) -> str:
        return str(self.number)

    @staticmethod
    def of(page_id: int | None) -> int | None:
        """Return the ID of a page in APIs v1 and v2: its ID on the previous site, or a higher one."""
        if page_id is None:
            return None
        known = LegacyPageID.objects.filter(page=page_id).values_list("number", flat=True).first()
        return known or FIRST_NEW_ID + page_id
