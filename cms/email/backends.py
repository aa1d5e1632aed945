"""Email backend that records every email from Django, allauth and Wagtail in the outbox instead of sending it."""

from collections.abc import Sequence
from functools import partial

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from .models import SentEmail
from .tasks import deliver_email

# Header with the type of a message, set by the code that creates it. It is not sent.
TYPE_HEADER = "X-Email-Type"
DEFAULT_TYPE = "site.message"


class OutboxBackend(BaseEmailBackend):
    """Backend of `EMAIL_BACKEND`; the task `deliver_email` sends each row with `EMAIL_DELIVERY_BACKEND`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        recorded = [record(message) for message in email_messages if message.recipients()]
        return len(recorded)


def record(message: EmailMessage) -> SentEmail:
    """Record a message and deliver it after the commit. Raises ValueError for attachments, which the outbox cannot store."""
    if message.attachments:
        raise ValueError("Emails with attachments cannot be stored. Send a link to the file instead.")
    headers = dict(message.extra_headers)
    html = [str(content) for content, mimetype in getattr(message, "alternatives", []) if mimetype == "text/html"]
    email = SentEmail.objects.create(
        key=headers.pop(TYPE_HEADER, DEFAULT_TYPE),
        to=message.to,
        subject=" ".join(message.subject.split())[:300],
        body=str(message.body),
        options={
            "from_email": message.from_email,
            "cc": message.cc,
            "bcc": message.bcc,
            "reply_to": message.reply_to,
            "headers": headers,
            "html": html,
            "content_subtype": message.content_subtype,
        },
    )
    transaction.on_commit(partial(deliver_email.enqueue, email.pk))
    return email
