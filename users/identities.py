"""One identity per person: rows that name a person by email address belong to the account that confirmed the address.

Each section declares such models next to their definition::

    identities.register(Contact, key="contact", email="email", account="user", role=describe_contact)

A row without an account is linked when its person signs in, when the person confirms the address, and when the row is saved.
Emails to a person without an account carry `invitation_url`: a personal link that expires, and that leads to one page.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower
from django.db.models.signals import post_save
from django.urls import reverse
from django.utils import timezone
from wagtail.models import RevisionMixin

from .personal import clean_versions

logger = logging.getLogger(__name__)

SALT = "users.invitation"
INVITATION_DAYS = 60


@dataclass(frozen=True)
class Identity:
    """Model whose rows refer to a person: its email field, its account field, and the role of the person."""

    key: str
    model: type[models.Model]
    email: str
    account: str
    role: Callable[[Any], str]
    # Field that records when a row was linked without an action by the person.
    linked_at: str = ""

    def email_of(self, row: Any) -> str:
        return getattr(row, self.email) or ""

    def account_id_of(self, row: Any) -> int | None:
        return getattr(row, f"{self.account}_id")

    def link(self, row: Any, user: Any, *, is_invited: bool = False) -> bool:
        """Link a row without an account to a user. Return whether that was possible.

        A unique constraint can prevent it, for example if an account may have only one nomination in an election.
        """
        values: dict[str, Any] = {self.account: user}
        if self.linked_at:
            values[self.linked_at] = None if is_invited else timezone.now()
        free = self.model._default_manager.filter(pk=row.pk, **{self.account: None})
        try:
            with transaction.atomic():
                is_linked = bool(free.update(**values))
        except IntegrityError:
            return False
        if not is_linked:
            return False
        if issubclass(self.model, RevisionMixin):
            clean_versions(self.model._default_manager.filter(pk=row.pk), **{self.account: user.pk})
        for name, value in values.items():
            setattr(row, name, value)
        logger.info("Linked %s %s to user %s", self.model._meta.label, row.pk, user.pk)
        return True


IDENTITIES: dict[str, Identity] = {}


def register(
    model: type[models.Model], *, key: str, email: str, account: str, role: Callable[[Any], str], linked_at: str = ""
) -> None:
    """Declare that the rows of a model name a person by email address, and may have that person's account."""
    IDENTITIES[key] = Identity(key, model, email, account, role, linked_at)
    post_save.connect(link_saved_row, sender=model, dispatch_uid=f"users.identities.{key}")


def identity_of(row: models.Model) -> Identity:
    """Return the identity of the model of a row."""
    return next(identity for identity in IDENTITIES.values() if isinstance(row, identity.model))


def confirmed_emails(user: Any) -> set[str]:
    """Return the confirmed email addresses of an account, in lower case."""
    return {email.lower() for email in user.emailaddress_set.filter(verified=True).values_list("email", flat=True)}


def link_account(user: Any) -> int:
    """Link to a user all rows without an account that name one of their confirmed email addresses. Return their number."""
    emails = confirmed_emails(user)
    if not emails or not user.is_active:
        return 0
    found: list[tuple[Identity, models.Model]] = []
    for identity in IDENTITIES.values():
        rows = identity.model._default_manager.filter(**{identity.account: None}).annotate(known_email=Lower(identity.email))
        found += [(identity, row) for row in rows.filter(known_email__in=emails)]
    return sum(identity.link(row, user) for identity, row in found)


def link_saved_row(sender: type[models.Model], instance: Any, *, raw: bool, **kwargs: Any) -> None:
    """Link a saved row whose email address an account has confirmed before."""
    identity = identity_of(instance)
    email = identity.email_of(instance)
    if raw or not email or identity.account_id_of(instance) is not None:
        return
    known = EmailAddress.objects.filter(email__iexact=email, verified=True, user__is_active=True).select_related("user").first()
    if known:
        identity.link(instance, known.user)


def invitation_path(row: models.Model, path: str) -> str:
    """Return the path of a personal link to a page of this site, which the person of a row opens after signing in."""
    identity = identity_of(row)
    token = signing.dumps([identity.key, row.pk, identity.email_of(row).lower(), path], salt=SALT, compress=True)
    return reverse("users:invitation", args=[token])


def invitation_url(row: models.Model, path: str) -> str:
    """Return the URL for an email: the page itself if the row has an account, otherwise a personal invitation."""
    has_account = identity_of(row).account_id_of(row) is not None
    return settings.BASE_URL + (path if has_account else invitation_path(row, path))


@dataclass(frozen=True)
class Invitation:
    """Invitation read from a link, with its row and target page."""

    identity: Identity
    row: Any
    path: str
    is_expired: bool

    @property
    def account_id(self) -> int | None:
        return self.identity.account_id_of(self.row)


def read_invitation(token: str) -> Invitation | None:
    """Return the invitation of a link, or None if it is not valid. A change of the row’s email address makes it invalid."""
    try:
        key, pk, email, path = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    identity = IDENTITIES.get(key)
    row = identity.model._default_manager.filter(pk=pk).first() if identity else None
    if identity is None or row is None or identity.email_of(row).lower() != email:
        return None
    try:
        signing.loads(token, salt=SALT, max_age=timedelta(days=INVITATION_DAYS))
    except signing.SignatureExpired:
        return Invitation(identity, row, path, is_expired=True)
    return Invitation(identity, row, path, is_expired=False)
