"""Emails about a record, for the admin screens of that record."""

from typing import Any

from django.db.models import Model
from wagtail.admin.panels import Panel

from .models import SentEmail, about_key

MAX_EMAILS = 30


def find_emails(record: Model) -> list[SentEmail]:
    """Return the newest emails about a record."""
    return list(SentEmail.objects.filter(about=about_key(record))[:MAX_EMAILS])


class EmailsPanel(Panel):
    """List of the emails about a record."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/admin/emails.html"

        def is_shown(self) -> bool:
            return super().is_shown() and self.instance.pk is not None

        def get_context_data(self, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
            return super().get_context_data(parent_context) | {"emails": find_emails(self.instance)}
