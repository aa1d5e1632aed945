"""Delivery of the emails in the outbox, with retries."""

import logging
import smtplib
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django_tasks import task

from cms.email.layout import render_html
from cms.email.models import SentEmail
from cms.platform.schedules import scheduled
from cms.platform.text import clean_text, clean_value

logger = logging.getLogger(__name__)
# Vacation responders do not answer these (RFC 3834).
AUTOMATIC = {"Auto-Submitted": "auto-generated"}


def build_message(email: SentEmail) -> EmailMultiAlternatives:
    """Return the message of a recorded email. It has the same Message-ID in all attempts, so that mailboxes drop copies.

    Control characters in unchecked text are removed here.
    """
    options: dict[str, Any] = clean_value(email.options)
    message = EmailMultiAlternatives(
        # A line break in a subject would start another header.
        " ".join(clean_text(email.subject).split()),
        clean_text(email.body),
        options.get("from_email"),
        email.to,
        cc=options.get("cc"),
        bcc=options.get("bcc"),
        reply_to=[email.reply_to] if email.reply_to else options.get("reply_to"),
        headers=AUTOMATIC | options.get("headers", {}) | {"Message-ID": email.message_id},
        connection=get_connection(settings.EMAIL_DELIVERY_BACKEND),
    )
    message.content_subtype = options.get("content_subtype", "plain")
    is_plain = message.content_subtype == "plain"
    for html in options.get("html") or ([render_html(str(message.subject), str(message.body))] if is_plain else []):
        message.attach_alternative(html, "text/html")
    return message


def is_permanent(error: Exception) -> bool:
    """Return whether a mail server has permanently rejected this message, with a 5xx reply to sender, recipients or text."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())  # noqa: PLR2004 -- see the docstring.
    refused = isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError)
    return refused and error.smtp_code >= 500  # type: ignore[attr-defined]  # noqa: PLR2004 -- both have it.


@task(queue_name="mail")
def deliver_email(pk: int) -> None:
    """Send one email of the outbox, unless it was sent, or another worker is sending it.

    The attempt is committed before the mail server is contacted. If the worker is killed after that, the row is retried when
    its lease expires.
    """
    email = SentEmail.objects.claim(pk)
    if email is None:
        return
    try:
        build_message(email).send()
    except OSError as error:
        # All errors of smtplib are OSErrors.
        email.record_failure(str(error) or type(error).__name__, permanent=is_permanent(error))
    except ValueError as error:
        # An address or a header that no server would accept.
        email.record_failure(str(error), permanent=True)
    else:
        email.record_success()
    if email.status == SentEmail.Status.REJECTED:
        # Sentry reports the error immediately, and the dashboard counts the row.
        logger.error("Email %s of type %s was not delivered: %s", email.pk, email.key, email.error)


@scheduled("* * * * *")
@task()
def retry_emails() -> None:
    """Resend emails that the mail server did not accept or whose sending was interrupted."""
    for pk in SentEmail.objects.overdue().values_list("pk", flat=True):
        deliver_email.enqueue(pk)
