"""The life of a deal: its states, and the acts that lead from one to the next."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from wagtail.log_actions import log

from sponsors import emails
from users.models import User


class State(models.TextChoices):
    APPLIED = "applied", "Applied"
    REVIEW = "review", "In review"
    APPROVED = "approved", "Approved"
    SENT = "sent", "Agreement sent"
    SIGNED = "signed", "Signed"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    CANCELLED = "cancelled", "Cancelled"


# What a signed deal is on a day; computed from its dates, never stored.
ACTIVE, ENDED = "active", "ended"
APPLIED, REVIEW, APPROVED, SENT, SIGNED, DECLINED, WITHDRAWN, CANCELLED = State
# All stages in the order in which a deal meets them; the exits come last.
STAGES = {state.value: state.label for state in (APPLIED, REVIEW, APPROVED, SENT, SIGNED)}
STAGES |= {ACTIVE: "Active", ENDED: "Ended"} | {state.value: state.label for state in (DECLINED, WITHDRAWN, CANCELLED)}
OPEN = [APPLIED, REVIEW, APPROVED, SENT]
# Lines of these deals hold a benefit, or count as sold.
HOLDING, SELLING = [APPLIED, REVIEW], [APPROVED, SENT, SIGNED]

MANAGER, LAWYER, SPONSOR = "manager", "lawyer", "sponsor"


class Act(NamedTuple):
    """What its button says, what the log calls it, who may do it, from which state it leads to which, and what it asks for."""

    button: str
    label: str
    actors: set[str]
    moves: dict[str, str]
    asks: tuple[str, ...] = ()


EARLY: dict[str, str] = {state: state for state in (REVIEW, APPROVED, SENT, SIGNED)}
BACK: dict[str, str] = {
    REVIEW: APPLIED,
    APPROVED: REVIEW,
    SENT: APPROVED,
    DECLINED: REVIEW,
    WITHDRAWN: REVIEW,
    CANCELLED: SIGNED,
}
ACTS = {
    "take": Act("Take into review", "Taken into review", {MANAGER}, {APPLIED: REVIEW}),
    "approve": Act("Approve", "Approved", {MANAGER}, {REVIEW: APPROVED}, ("package", "fee", "starts_on", "ends_on")),
    "send": Act("Send the agreement", "Agreement sent", {MANAGER, LAWYER}, {APPROVED: SENT}),
    "sign": Act("Record the signed agreement", "Signed", {MANAGER, LAWYER}, {APPROVED: SIGNED, SENT: SIGNED}, ("signed_file",)),
    "put_back": Act("One step back", "Put one step back", {MANAGER}, BACK, ("reason",)),
    "decline": Act("Decline", "Declined", {MANAGER}, dict.fromkeys([APPLIED, REVIEW, APPROVED], DECLINED), ("reason",)),
    "withdraw": Act("Record a withdrawal", "Withdrawn", {MANAGER, SPONSOR}, dict.fromkeys(OPEN, WITHDRAWN), ("reason",)),
    "cancel": Act("Cancel the deal", "Cancelled", {MANAGER}, {SIGNED: CANCELLED}, ("reason",)),
    "show_early": Act("Show the logos early", "Logos shown early", {MANAGER}, EARLY, ("reason",)),
    "hide_early": Act("End showing the logos early", "Logos not shown early any more", {MANAGER}, EARLY),
    "amend": Act("Open an amendment", "Amendment opened", {MANAGER}, {SIGNED: SIGNED}, ("reason",)),
    "close_amendment": Act("Close the amendment", "Amendment closed", {MANAGER}, {SIGNED: SIGNED}),
}
# The acts that take a deal on its way.
ONWARD = ("take", "approve", "send", "sign")
NEEDS_REASON = {name for name, act in ACTS.items() if "reason" in act.asks}


class DealActs(models.Model):
    """The business state of a deal. It changes by the acts below, and by nothing else.

    Each act locks the row, checks who acts and from which state, writes a log entry, and has its mails sent after the commit.
    """

    state = models.CharField(max_length=10, choices=State, default=State.APPLIED, editable=False, db_index=True)
    state_since = models.DateTimeField(default=timezone.now, editable=False)
    reason = models.TextField(blank=True, editable=False, help_text="Why it was declined, withdrawn, cancelled or put back.")
    applied_on = models.DateField(default=timezone.localdate, editable=False)
    approved_on = models.DateField(null=True, blank=True, editable=False)
    sent_on = models.DateField(null=True, blank=True, editable=False)
    signed_on = models.DateField(null=True, blank=True, editable=False)
    closed_on = models.DateField(null=True, blank=True, editable=False, help_text="Declined, withdrawn or cancelled.")
    early_since = models.DateField("logos shown early since", null=True, blank=True, editable=False, db_index=True)
    early_reason = models.TextField(blank=True, editable=False)
    early_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    amending_since = models.DateField(null=True, blank=True, editable=False)

    STATE_FIELDS = (
        *("state", "state_since", "reason", "approved_on", "sent_on", "signed_on", "closed_on"),
        *("early_since", "early_reason", "early_by_id", "amending_since"),
        *("package_id", "fee", "starts_on", "ends_on", "owner_id"),
    )

    class Meta:
        abstract = True

    def stage(self, on: date | None = None) -> str:
        """The state, as people speak of it: a signed deal is active between its dates, and ended after them."""
        on = on or timezone.localdate()
        if self.state != SIGNED or (self.starts_on and self.starts_on > on):
            return self.state
        return ENDED if self.ends_on and self.ends_on < on else ACTIVE

    @property
    def stage_label(self) -> str:
        return STAGES[self.stage()]

    @property
    def may_be_edited(self) -> bool:
        """What is signed stays as it is, unless an amendment is open."""
        return self.state in OPEN or self.amending_since is not None

    def actors(self, user: User):
        found = set()
        if user.has_perm("sponsors.move_deal"):
            found.add(MANAGER)
        if user.has_perm("sponsors.change_agreement"):
            found.add(LAWYER)
        if "withdraw" in self.rights_of(user):
            found.add(SPONSOR)
        return found

    def acts_for(self, user: User) -> list[str]:
        """What somebody may do with the deal now. The buttons of a page, and the guard of each act."""
        actors = self.actors(user)
        return [name for name, act in ACTS.items() if act.actors & actors and self.state in act.moves and self._fits(name)]

    def _fits(self, act: str) -> bool:
        fits = {
            "show_early": self.early_since is None and self.stage() not in {ACTIVE, ENDED},
            "hide_early": self.early_since is not None,
            "amend": self.amending_since is None,
            "close_amendment": self.amending_since is not None,
        }
        return fits.get(act, True)

    def _start(self, act, by, reason: str = ""):
        """Take the row for this transaction and check the act. Raises ValidationError or PermissionDenied."""
        row = type(self).objects.select_for_update().get(pk=self.pk)
        for name in self.STATE_FIELDS:
            setattr(self, name, getattr(row, name))
        if not ACTS[act].actors & self.actors(by):
            raise PermissionDenied
        if act not in self.acts_for(by):
            raise ValidationError(f"That is not possible: this deal is “{self.stage_label}” now. Somebody may have been faster.")
        if act in NEEDS_REASON and not reason.strip():
            raise ValidationError({"reason": "Say why. It is kept with the deal."})

    def _finish(self, act, by, **data: Any) -> None:
        leads_to = ACTS[act].moves[self.state]
        if leads_to != self.state:
            self.state, self.state_since = leads_to, timezone.now()
        self.save(update_fields=[*(name.removesuffix("_id") for name in self.STATE_FIELDS), "updated_at"])
        log(instance=self, action=f"sponsors.{act}", user=by, data=data or None)

    @transaction.atomic
    def take(self, *, by) -> None:
        """Begin the review. Whoever takes a deal that nobody has, has it."""
        self._start("take", by)
        self.owner_id = self.owner_id or by.pk
        self._finish("take", by)

    @transaction.atomic
    def approve(self, *, by, package, fee, starts_on, ends_on, oversell: bool = False):
        """Agree on package, fee and dates. A fee of 0 is a fee. `oversell` passes over benefits of which nothing is left."""
        self._start("approve", by)
        errors = {}
        if package is None:
            errors["package"] = "Choose a package."
        elif package.season_id != self.season_id:
            errors["package"] = "This package belongs to another season."
        if fee is None:
            errors["fee"] = "Type the fee. 0 is a fee too."
        if not starts_on:
            errors["starts_on"] = "Choose the first day."
        if not ends_on or (starts_on and ends_on <= starts_on):
            errors["ends_on"] = "The last day comes after the first one."
        full = [] if oversell else self.full_lines()
        if full:
            errors["oversell"] = f"Nothing is left of: {', '.join(full)}. Take the lines out, or approve it all the same."
        if errors:
            raise ValidationError(errors)
        self.package, self.fee, self.starts_on, self.ends_on = package, fee, starts_on, ends_on
        self.approved_on = timezone.localdate()
        self._finish("approve", by, fee=fee, package=str(package), starts_on=str(starts_on), ends_on=str(ends_on))
        emails.tell_sponsor(self, "approved")

    @transaction.atomic
    def send(self, *, by):
        """Send the newest agreement of the deal to those who may sign it."""
        self._start("send", by)
        agreement = self.agreements.ready().filter(kind__in=["new", "renewal"]).first()
        if agreement is None:
            raise ValidationError("Make an agreement first. Its documents must be ready.")
        agreement.mark_sent()
        self.sent_on = timezone.localdate()
        self._finish("send", by, agreement=agreement.pk)
        emails.tell_sponsor(self, "agreement_sent", roles=("primary", "administrative"))

    @transaction.atomic
    def sign(self, *, by, signed_file=None):
        """Keep the signed copy. A deal that was agreed on paper alone may be signed without an agreement from here."""
        self._start("sign", by)
        agreement = self.agreements.current() or self.agreements.model(deal=self, kind="new", created_by=by)
        if not signed_file and not agreement.signed_file:
            raise ValidationError({"signed_file": "Choose the signed copy."})
        if not self.starts_on or not self.ends_on or self.fee is None:
            raise ValidationError("Fee and dates are missing. Put the deal one step back and approve it with them.")
        agreement.mark_signed(signed_file)
        self.signed_on = timezone.localdate()
        self._finish("sign", by, agreement=agreement.pk)
        emails.tell_sponsor(self, "signed")
        emails.tell_team(self, "signed_team")

    @transaction.atomic
    def put_back(self, *, by, reason) -> None:
        """The way back, by one step. An agreement that was sent is void then."""
        self._start("put_back", by, reason)
        was = self.state
        self.reason, self.closed_on = reason, None
        if was == SENT:
            for agreement in self.agreements.in_force().exclude(kind="amendment"):
                agreement.void(by=by, reason=reason)
        self._finish("put_back", by, reason=reason)
        if was == SENT:
            emails.tell_sponsor(self, "agreement_void", roles=("primary", "administrative"), text=reason)

    def _close(self, act: str, by, reason: str) -> None:
        self._start(act, by, reason)
        self.reason, self.closed_on = reason, timezone.localdate()
        self._finish(act, by, reason=reason)

    @transaction.atomic
    def decline(self, *, by, reason: str) -> None:
        self._close("decline", by, reason)
        emails.tell_sponsor(self, "declined", text=reason)

    @transaction.atomic
    def withdraw(self, *, by, reason) -> None:
        """The sponsor does not want it any more. An agreement that is out is void."""
        self._close("withdraw", by, reason)
        for agreement in self.agreements.in_force():
            agreement.void(by=by, reason=reason)
        emails.tell_sponsor(self, "withdrawn", text=reason)
        emails.tell_team(self, "withdrawn_team", text=reason)

    @transaction.atomic
    def cancel(self, *, by, reason: str) -> None:
        """End a signed deal before its time. Its logos vanish at once."""
        self._close("cancel", by, reason)
        emails.tell_sponsor(self, "cancelled", text=reason)

    @transaction.atomic
    def show_early(self, *, by, reason: str, at: datetime | None = None) -> None:
        """Let the logos go live before the signature. Who allowed it, when and why is kept."""
        self._start("show_early", by, reason)
        self.early_since, self.early_reason, self.early_by_id = timezone.localdate(at), reason, by.pk
        self._finish("show_early", by, reason=reason)

    @transaction.atomic
    def hide_early(self, *, by) -> None:
        self._start("hide_early", by)
        self.early_since = None
        self._finish("hide_early", by)

    @transaction.atomic
    def amend(self, *, by, reason: str) -> None:
        """Open a signed deal for changes. It stays open, whatever is saved, until somebody closes the amendment."""
        self._start("amend", by, reason)
        self.amending_since = timezone.localdate()
        self._finish("amend", by, reason=reason)

    @transaction.atomic
    def close_amendment(self, *, by) -> None:
        self._start("close_amendment", by)
        self.amending_since = None
        self._finish("close_amendment", by)
