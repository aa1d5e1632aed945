"""Send emails: staff can change the template, a task sends the message, and a row records it.

An app declares its emails in its `emails.py`; content is in `templates/<app>/email/<name>.txt`, subject on the first line::

    JOB_APPROVED = declare("jobs.approved", example={"title": "Data engineer", "url": "https://www.python.org/jobs/1/"})

    def send_job_approved(job):
        send(JOB_APPROVED, to=[job.email], about=job, variables={"title": job.title, "url": job.full_url})
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from users.models import User

from .drafts import get_drafter
from .limits import current_sender, reached_limit
from .models import EmailTemplate, SentEmail, about_key, render_template
from .registry import EmailType
from .tasks import deliver_email


def get_content(email_type: EmailType) -> tuple[str, str]:
    """Return the subject and body from the staff template, or from the template file if there is none."""
    template = EmailTemplate.objects.filter(key=email_type.key).first()
    return (template.subject, template.body) if template else email_type.default_content


def unsubscribe_header(address: str) -> dict[str, str]:
    return {"List-Unsubscribe": f"<mailto:{address}?subject=unsubscribe>"}


def send(
    email_type: EmailType,
    *,
    to: Sequence[str],
    variables: dict[str, str],
    about: models.Model | None = None,
    reply_to: str = "",
    effect: str | None = None,
    unsubscribe: str = "",
) -> SentEmail:
    """Record an email and send it after the commit, from a task. Variables are strings, all of those in the example.

    `effect` identifies the event for which the email is sent, such as the reminder of one date: only one email of a type is
    recorded for it, even if several workers call this function. `unsubscribe` is the email address that receives unsubscribe
    requests of a mailing. In a block of `cms.email.drafts.drafting`, the email is a draft. An email above the limits of
    `cms.email.limits` is recorded with the status "limited" and not sent.
    """
    missing = email_type.example.keys() - variables.keys()
    if missing:
        raise ValueError(f"The email {email_type.key} lacks {', '.join(sorted(missing))}.")
    subject, body = get_content(email_type)
    sender, about_text = current_sender(), about_key(about) if about else ""
    drafter = get_drafter(email_type.key)
    limit = reached_limit(sender=sender, to=to, key=email_type.key, about=about_text)
    fields = {
        "key": email_type.key,
        "to": list(to),
        "reply_to": reply_to,
        # A line break in a subject would start another header.
        "subject": " ".join(render_template(subject, variables).split())[:300],
        "body": render_template(body, variables),
        "about": about_text,
        "options": {"variables": variables} | ({"headers": unsubscribe_header(unsubscribe)} if unsubscribe else {}),
        "sender": sender,
        "drafted_by": drafter,
        "status": first_status(limit, drafter),
        "error": limit,
    }
    if effect is None:
        sent, is_new = SentEmail.objects.create(**fields), True
    else:
        sent, is_new = SentEmail.objects.get_or_create(effect=f"{email_type.key} {effect}", defaults=fields)
    if is_new and sent.status == SentEmail.Status.WAITING:
        transaction.on_commit(partial(deliver_email.enqueue, sent.pk))
    return sent


def first_status(limit: str, drafter: User | None) -> str:
    if limit:
        return SentEmail.Status.LIMITED
    return SentEmail.Status.DRAFT if drafter else SentEmail.Status.WAITING


def send_or_refuse(email_type: EmailType, **kwargs: Any) -> SentEmail:
    """Send an email that is the whole purpose of an action. Raises ValidationError if a limit is reached."""
    sent = send(email_type, **kwargs)
    if sent.status == SentEmail.Status.LIMITED:
        raise ValidationError(_("Too many emails were sent from your account in the last hour. Try again later."))
    return sent
