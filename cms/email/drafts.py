"""Draft messages: emails that a staff member sends to many external recipients at once.

They are rows of the outbox with the status “draft”. Somebody who may send this type of email reads them, then sends or discards
them together.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial

from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone

from users.models import User

from .models import SentEmail
from .registry import EmailType
from .tasks import deliver_email

# Sent in the transaction in which a draft is sent: `instance` is the email, and `by` is the person.
draft_sent = Signal()
# Permission to send and discard the drafts of a type, by its key.
PERMISSIONS: dict[str, str] = {}
_drafter: ContextVar[User | None] = ContextVar("drafter", default=None)


def register(*email_types: EmailType, permission: str) -> None:
    """Make types of emails drafts in a `drafting` block."""
    PERMISSIONS.update(dict.fromkeys((email_type.key for email_type in email_types), permission))


@contextmanager
def drafting(by: User) -> Iterator[None]:
    """Record emails of the registered types as drafts, instead of sending them."""
    token = _drafter.set(by)
    try:
        yield
    finally:
        _drafter.reset(token)


def get_drafter(key: str) -> User | None:
    """Return the person who is drafting emails of this type, or None if they are to be sent."""
    return _drafter.get() if key in PERMISSIONS else None


def find_drafts(user: User) -> models.QuerySet[SentEmail]:
    """Return the drafts that a user may send, oldest first."""
    keys = [key for key, permission in PERMISSIONS.items() if user.has_perm(permission)]
    return SentEmail.objects.filter(status=SentEmail.Status.DRAFT, key__in=keys).order_by("created_at", "pk")


@transaction.atomic
def send_drafts(drafts: models.QuerySet[SentEmail], *, by: User) -> int:
    """Send drafts and return their number. Drafts whose recipient has been erased are kept."""
    found = [email for email in _lock(drafts) if email.to]
    for email in found:
        email.status, email.next_attempt_at = SentEmail.Status.WAITING, timezone.now()
        email.save(update_fields=["status", "next_attempt_at"])
        draft_sent.send(sender=SentEmail, instance=email, by=by)
        transaction.on_commit(partial(deliver_email.enqueue, email.pk))
    return len(found)


@transaction.atomic
def discard_drafts(drafts: models.QuerySet[SentEmail]) -> int:
    """Delete drafts and return their number."""
    found = _lock(drafts)
    SentEmail.objects.filter(pk__in=[email.pk for email in found]).delete()
    return len(found)


def _lock(drafts: models.QuerySet[SentEmail]) -> list[SentEmail]:
    return list(drafts.select_for_update(of=("self",)))
