"""Transitions of nominations: nominate, accept or decline, decide. Each sends emails to the people involved."""

import json
from datetime import datetime
from hashlib import sha256

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from users.models import User

from . import emails
from .models import Election, Nomination, Nominee, NomineeNote
from .models.elections import use_up_invitations

State = Nominee.State
CLOSED = _("Nominations for this election are not open.")
USED = _("This link has already been used.")


def _refuse_closed(election: Election, at: datetime | None) -> None:
    if not election.is_open(at):
        raise ValidationError(CLOSED)


def lock(nominee: Nominee) -> None:
    """Reload and lock a nominee until the transaction ends, because the candidate and staff may act at the same time."""
    nominee.refresh_from_db(from_queryset=Nominee.objects.select_for_update())


@transaction.atomic
def nominate(nomination: Nomination, *, by: User, at: datetime | None = None) -> Nomination:
    """Save a nomination: a self-nomination creates a candidate, any other invites the nominee. Raises ValidationError."""
    # Serializes simultaneous nominations of the same person.
    election = Election.objects.select_for_update().get(pk=nomination.election_id)
    _refuse_closed(election, at)
    nomination.nominator = by
    known = election.nominees.filter(user=by).first() if nomination.is_self else None
    if nomination.is_self and known is None:
        known = election.nominees.filter(email__iexact=by.email, user=None).exclude(email="").first()
    elif not nomination.is_self:
        known = election.nominees.filter(email__iexact=nomination.email).first()
    if known and known.nominations.filter(nominator=by).exists():
        raise ValidationError(gettext("You have already nominated this person. Edit that nomination instead."))
    nominee = known or Nominee(election=election, name=nomination.name, email=nomination.email)
    if nomination.is_self:
        nominee.user = by
        # Staff have also approved the name.
        if nominee.state != State.APPROVED:
            nominee.name = nomination.name
        nomination.state = Nomination.State.ACCEPTED
        if not nominee.has_accepted() and nominee.state != State.REFUSED:
            nominee.state = State.ACCEPTED
    is_new = nominee.pk is None
    nominee.save()
    nomination.nominee = nominee
    nomination.save()
    emails.confirm(nomination)
    if is_new and not nomination.is_self:
        invite(nominee, by=by, at=at)
    return nomination


@transaction.atomic
def invite(nominee: Nominee, *, by: User, at: datetime | None = None) -> None:
    """Invite a nominee to accept, for the first time or again. Raises ValidationError."""
    _refuse_closed(nominee.election, at)
    lock(nominee)
    if nominee.state not in {State.PROPOSED, State.INVITED}:
        raise ValidationError(gettext("%(nominee)s has already answered.") % {"nominee": nominee})
    if not nominee.email:
        raise ValidationError(gettext("%(nominee)s has no email address. Add one first.") % {"nominee": nominee})
    emails.invite(nominee, again=nominee.invited_at is not None)
    nominee.state, nominee.invited_at = State.INVITED, timezone.now()
    nominee.save()


def nominee_of(token: str) -> Nominee:
    """Return the nominee of an invitation token. Raises ValidationError if the token is invalid or used."""
    try:
        pk, answers = signing.loads(token, salt=emails.SALT)
    except signing.BadSignature as error:
        raise ValidationError(gettext("This link is incomplete. Copy the whole link from the email.")) from error
    nominee = Nominee.objects.select_related("election__kind").filter(pk=pk).first()
    if nominee is None:
        raise ValidationError(gettext("This nomination no longer exists."))
    if nominee.answers != answers:
        raise ValidationError(USED)
    return nominee


@transaction.atomic
def answer(nominee: Nominee, *, accepts: bool, by: User | None = None, comment: str = "", at: datetime | None = None) -> None:
    """Accept or decline a nomination. Accepting also accepts pending statements. Raises ValidationError."""
    answers = nominee.answers
    lock(nominee)
    if nominee.answers != answers:
        raise ValidationError(USED)
    _refuse_closed(nominee.election, at)
    if nominee.state in {State.APPROVED, State.REFUSED}:
        raise ValidationError(gettext("This nomination has already been reviewed. To change your answer, contact PSF staff."))
    if accepts and by and by.is_authenticated and nominee.user_id is None:
        if nominee.election.nominees.filter(user=by).exists():
            raise ValidationError(gettext("You are already a candidate in this election with another email address."))
        nominee.user = by
    nominee.state = State.ACCEPTED if accepts else State.DECLINED
    nominee.save()
    use_up_invitations(nominee)
    waiting = nominee.nominations.filter(state=Nomination.State.SUBMITTED)
    waiting.update(state=Nomination.State.ACCEPTED if accepts else Nomination.State.DECLINED)
    word = "Accepted." if accepts else "Declined."
    author = by if by and by.is_authenticated else None
    NomineeNote.objects.create(nominee=nominee, author=author, text=f"{word} {comment}".strip())
    emails.tell_nominators(nominee, accepts=accepts)


@transaction.atomic
def answer_statement(nomination: Nomination, *, accepts: bool, at: datetime | None = None) -> None:
    """Accept or decline one statement; accepting the first one accepts the nomination. Raises ValidationError."""
    _refuse_closed(nomination.election, at)
    lock(nomination.nominee)
    nomination.refresh_from_db(fields=["state"])
    if nomination.state not in {Nomination.State.SUBMITTED, Nomination.State.ACCEPTED, Nomination.State.DECLINED}:
        raise ValidationError(gettext("This statement has already been reviewed and can no longer be changed."))
    nomination.state = Nomination.State.ACCEPTED if accepts else Nomination.State.DECLINED
    nomination.save()
    nominee = nomination.nominee
    if accepts and nominee.state in {State.PROPOSED, State.INVITED, State.DECLINED}:
        nominee.state = State.ACCEPTED
        nominee.save()
        use_up_invitations(nominee)
        emails.tell_nominators(nominee, accepts=True)


def fingerprint(nominee: Nominee) -> str:
    """Return a digest of a candidate's statements, included in the form so that a decision applies to what was reviewed."""
    texts = [[one.pk, *(getattr(one, name) for name in Nomination.PUBLIC_FIELDS)] for one in nominee.nominations.order_by("pk")]
    return sha256(json.dumps(texts).encode()).hexdigest()


def refuse_unread(nominee: Nominee, seen: str | None) -> None:
    """Raise ValidationError when a statement has changed since a staff member opened the candidate's page."""
    if seen is not None and seen != fingerprint(nominee):
        raise ValidationError(gettext("A statement has changed since you opened this page. Review it again."))


@transaction.atomic
def approve(nominee: Nominee, *, by: User, seen: str | None = None) -> None:
    """Approve a candidate and the statements that the candidate has accepted. They become public on the publication date.

    Raises ValidationError for a candidate who has not accepted, or whose statements differ from those `seen`.
    """
    lock(nominee)
    refuse_unread(nominee, seen)
    if not nominee.has_accepted():
        raise ValidationError(gettext("%(nominee)s has not accepted the nomination yet.") % {"nominee": nominee})
    nominee.state = State.APPROVED
    nominee.save()
    nominee.nominations.filter(state=Nomination.State.ACCEPTED).update(state=Nomination.State.APPROVED)
    log(instance=nominee, action="psf.approve", user=by)
    emails.tell_approved(nominee)


@transaction.atomic
def refuse(nominee: Nominee, *, by: User, reason: str) -> None:
    """Reject a nominee who is not eligible. The reason is a note for staff."""
    if not reason.strip():
        raise ValidationError(gettext("Enter a reason. It is saved with the notes."))
    lock(nominee)
    nominee.state = State.REFUSED
    nominee.save()
    NomineeNote.objects.create(nominee=nominee, author=by, text=f"Not eligible: {reason}")
    log(instance=nominee, action="psf.refuse", user=by)


@transaction.atomic
def reopen(nominee: Nominee, *, by: User) -> None:
    """Undo a decision."""
    lock(nominee)
    if nominee.state not in {State.APPROVED, State.REFUSED}:
        raise ValidationError(gettext("There is no decision to undo."))
    nominee.state = State.ACCEPTED
    nominee.save()
    log(instance=nominee, action="psf.reopen", user=by)


@transaction.atomic
def show_statement(nomination: Nomination, *, by: User, shown: bool, seen: str | None = None) -> None:
    """Show or hide one statement that its candidate has accepted. Raises ValidationError."""
    lock(nomination.nominee)
    nomination.refresh_from_db()
    refuse_unread(nomination.nominee, seen)
    if nomination.state in {Nomination.State.SUBMITTED, Nomination.State.DECLINED}:
        raise ValidationError(gettext("The candidate has not accepted this nomination."))
    nomination.state = Nomination.State.APPROVED if shown else Nomination.State.HIDDEN
    nomination.save()
    log(instance=nomination, action="psf.show" if shown else "psf.hide", user=by)
