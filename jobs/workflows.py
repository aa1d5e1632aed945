"""Actions on job postings that send emails: transitions, comments and warnings before the last day."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.moderation.changes import describe_changes
from cms.moderation.transitions import TransitionEvent, transition_made
from users.models import User

from . import emails
from .changes import get_changes
from .models import Job, JobComment
from .models.states import MODERATOR


@receiver(transition_made, sender=Job, dispatch_uid="jobs-emails")
def send_transition_emails(instance: Job, event: TransitionEvent, **kwargs: Any) -> None:
    """Send the emails that a transition declares."""
    for name in event.emails:
        if name in emails.TO_BOARD:
            emails.email_board(instance, name, text=describe_proposal(instance))
        else:
            emails.email_poster(instance, name, text=event.message)


def describe_proposal(job: Job) -> str:
    """Return the differences of a change to a live job, for the email to the job board; empty for other submissions."""
    return describe_changes(get_changes(Job.objects.get(pk=job.pk), job.get_latest_text())) if job.proposed_revision else ""


@transaction.atomic
def post_comment(job: Job, *, by: User, text: str) -> JobComment:
    """Add a comment and email it to the other side. A comment of the poster answers the pending question."""
    if not text.strip():
        raise ValidationError(_("Enter a message."))
    job = Job.objects.select_for_update().get(pk=job.pk)
    comment = JobComment.objects.create(job=job, author=by, text=text)
    if by.pk != job.submitted_by_id and MODERATOR in job.get_roles(by):
        emails.email_poster(job, "comment", text=text)
        return comment
    if job.question_pending_since:
        job.question_pending_since = None
        job.save(update_fields=["question_pending_since"])
    emails.email_board(job, "answer", text=text)
    return comment


@transaction.atomic
def warn_poster(job: Job, *, at: datetime | None = None) -> None:
    """Warn the poster, once for each end date, that the job ends soon. Checks again after locking the row."""
    locked = Job.objects.expiring_soon(at).select_for_update(of=("self",)).filter(pk=job.pk).first()
    if locked is None:
        return
    locked.warned_at = at or timezone.now()
    locked.save(update_fields=["warned_at"])
    emails.email_poster(locked, "expiring")
