from django.db import models
from wagtail.models import Page

# Ids of pages that the previous site did not have begin here in APIs v1 and v2.
FIRST_NEW_ID = 1_000_000


class LegacyPageID(models.Model):
    """Id of an imported page on the previous site, under which APIs v1 and v2 serve it."""

    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="legacy")
    number = models.PositiveIntegerField(unique=True)

    def __str__(self) -> str:
        return str(self.number)

    @staticmethod
    def of(page_id: int | None) -> int | None:
        """Return the id of a page in APIs v1 and v2: its own on the previous site, or a higher one."""
        if page_id is None:
            return None
        known = LegacyPageID.objects.filter(page=page_id).values_list("number", flat=True).first()
        return known or FIRST_NEW_ID + page_id
