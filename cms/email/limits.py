"""Limits on the emails that one visitor or member can cause: per sender, per recipient and per object.

Staff and scheduled tasks are not limited. An email above a limit is recorded as not sent, so that staff can see it.
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from .models import SentEmail

WINDOW = timedelta(hours=1)
MAX_PER_SENDER = 20
MAX_PER_RECIPIENT = 30
# Emails of one type about one object to one recipient.
MAX_PER_OBJECT = 5

_current_request: ContextVar[HttpRequest | None] = ContextVar("email_request", default=None)


class EmailSenderMiddleware:
    """Record the current request, so that emails are counted for the person who causes them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _current_request.set(request)
        try:
            return self.get_response(request)
        finally:
            _current_request.reset(token)


def current_sender() -> str:
    """Return the sender for the limits, such as "user:5" or "client:203.0.113.9"; empty for staff and tasks."""
    request = _current_request.get()
    if request is None:
        return ""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return f"client:{request.META.get('REMOTE_ADDR', '')}"
    return "" if user.has_perm("wagtailadmin.access_admin") else f"user:{user.pk}"


def reached_limit(*, sender: str, to: Sequence[str], key: str, about: str) -> str:
    """Return the limit that one more email would exceed, as a sentence; empty if it may be sent."""
    if not sender:
        return ""
    counted = (
        SentEmail.objects.filter(created_at__gt=timezone.now() - WINDOW)
        .exclude(sender="")
        .exclude(status=SentEmail.Status.LIMITED)
    )
    rows = list(counted.values_list("sender", "to", "key", "about"))
    if sum(row[0] == sender for row in rows) >= MAX_PER_SENDER:
        return f"This sender caused {MAX_PER_SENDER} emails within an hour."
    recipients = {email.lower() for email in to}
    to_recipient = [row for row in rows if recipients & {email.lower() for email in row[1]}]
    if len(to_recipient) >= MAX_PER_RECIPIENT:
        return f"This recipient received {MAX_PER_RECIPIENT} emails within an hour."
    if about and sum(row[2:] == (key, about) for row in to_recipient) >= MAX_PER_OBJECT:
        return f"This recipient received {MAX_PER_OBJECT} emails of this type about the same object within an hour."
    return ""
