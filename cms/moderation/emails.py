"""Emails to staff about reviews of pages and releases. Emails about public submissions are in the sections."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from wagtail.admin.admin_url_finder import AdminURLFinder

from cms.email.registry import EmailType, declare
from cms.email.sending import send
from users.models import User

EXAMPLE = {
    "title": "About Python",
    "type": "page",
    "name": "Ada Byron",
    "step": "Editorial review",
    "url": "https://www.python.org/admin/pages/5/edit/",
    "reason": "Please add a source.",
}
TO_REVIEW, APPROVED, RETURNED = (declare(f"cms.review_{name}", example=EXAMPLE) for name in ("requested", "approved", "returned"))


def email_staff(email_type: EmailType, record: Any, recipients: Iterable[User], *, by: User | None, **texts: str) -> None:
    """Send an email about the review of a record, which links to its form in the admin."""
    variables = {
        "title": getattr(record, "get_admin_display_title", record.__str__)(),
        "type": str(record._meta.verbose_name),
        "name": by.display_name if by else "",
        "step": texts.get("step", ""),
        "url": settings.BASE_URL + (AdminURLFinder().get_edit_url(record) or ""),
        "reason": texts.get("reason", ""),
    }
    for person in recipients:
        send(email_type, to=[person.email], about=record, variables=variables, reply_to=by.email if by else "")
