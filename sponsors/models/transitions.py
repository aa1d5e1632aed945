"""Transitions of a sponsorship."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.moderation.transitions import StateMachine, Transition
from users.models import User

from .catalog import Package
from .states import (
    ACTIVE,
    APPLIED,
    APPROVED,
    CANCELLED,
    DECLINED,
    ENDED,
    OPEN,
    REVIEW,
    SENT,
    SIGNED,
    STAGES,
    WITHDRAWN,
    State,
)

MANAGER, LAWYER, SPONSOR = "manager", "lawyer", "sponsor"

EARLY: dict[str, str] = {state: state for state in (REVIEW, APPROVED, SENT, SIGNED)}
BACK: dict[str, str] = {
    REVIEW: APPLIED,
    APPROVED: REVIEW,
    SENT: APPROVED,
    DECLINED: REVIEW,
    WITHDRAWN: REVIEW,
    CANCELLED: SIGNED,
}


def can_show_early(sponsorship: "SponsorshipStates", user: User | None) -> bool:
    return sponsorship.early_since is None and sponsorship.stage() not in {ACTIVE, ENDED}


def is_shown_early(sponsorship: "SponsorshipStates", user: User | None) -> bool:
    return sponsorship.early_since is not None


def has_no_amendment(sponsorship: "SponsorshipStates", user: User | None) -> bool:
    return sponsorship.amending_since is None


def has_amendment(sponsorship: "SponsorshipStates", user: User | None) -> bool:
    return sponsorship.amending_since is not None


def can_discard_amendment(sponsorship: "SponsorshipStates", user: User | None) -> bool:
    """Return whether the terms before the amendment are known. They are not if an earlier release opened it."""
    return sponsorship.amending_since is not None and sponsorship.terms_before_amendment is not None


def with_reason(
    button: str | Promise, label: str | Promise, roles: set[str], moves: dict[str, str], **options: Any
) -> Transition:
    """Return a transition that asks for a reason."""
    return Transition(
        label,
        roles,
        moves,
        button=button,
        form_fields=("reason",),
        message="reason",
        message_error="Enter a reason. It is saved in the history of the sponsorship.",
        **options,
    )


TRANSITIONS = {
    "take": Transition(_("Review started"), {MANAGER}, {APPLIED: REVIEW}, button=_("Start review")),
    "approve": Transition(
        "Approved",
        {MANAGER},
        {REVIEW: APPROVED},
        button="Approve",
        form_fields=("package", "fee", "starts_on", "ends_on"),
        emails=("approved",),
    ),
    "send": Transition(
        _("Contract sent"), {MANAGER, LAWYER}, {APPROVED: SENT}, button=_("Send contract"), emails=("contract_sent",)
    ),
    "sign": Transition(
        "Signed",
        {MANAGER, LAWYER},
        {APPROVED: SIGNED, SENT: SIGNED},
        button=_("Record signature"),
        form_fields=("signed_file",),
        emails=("signed", "signed_team"),
    ),
    "put_back": with_reason(_("Move back one step"), _("Moved back one step"), {MANAGER}, BACK),
    "decline": with_reason(
        "Decline", "Declined", {MANAGER}, dict.fromkeys([APPLIED, REVIEW, APPROVED], DECLINED), emails=("declined",)
    ),
    "withdraw": with_reason(
        _("Record withdrawal"),
        "Withdrawn",
        {MANAGER, SPONSOR},
        dict.fromkeys(OPEN, WITHDRAWN),
        emails=("withdrawn", "withdrawn_team"),
    ),
    "cancel": with_reason(_("Cancel sponsorship"), "Canceled", {MANAGER}, {SIGNED: CANCELLED}, emails=("canceled",)),
    "show_early": with_reason(_("Show logos early"), _("Logos shown early"), {MANAGER}, EARLY, guard=can_show_early),
    "hide_early": Transition(
        _("Early logo display ended"), {MANAGER}, EARLY, button=_("Stop showing logos early"), guard=is_shown_early
    ),
    "amend": with_reason(_("Open amendment"), _("Amendment opened"), {MANAGER}, {SIGNED: SIGNED}, guard=has_no_amendment),
    "close_amendment": Transition(
        _("Amendment closed"), {MANAGER, LAWYER}, {SIGNED: SIGNED}, button=_("Close amendment"), guard=has_amendment
    ),
    "discard_amendment": with_reason(
        _("Discard amendment"), _("Amendment discarded"), {MANAGER}, {SIGNED: SIGNED}, guard=can_discard_amendment
    ),
}
# Transitions to the next stage.
ONWARD = ("take", "approve", "send", "sign")


# Minimum number of days after the application and after its approval.
DAYS_TO_DELIVER = 14


class SponsorshipStates(StateMachine):
    """State of a sponsorship. It only changes by the transitions below."""

    state = models.CharField(max_length=10, choices=State, default=State.APPLIED, editable=False, db_index=True)
    state_since = models.DateTimeField(default=timezone.now, editable=False)
    reason = models.TextField(
        blank=True, editable=False, help_text=_("Reason for declining, withdrawing, canceling or moving back.")
    )
    applied_on = models.DateField(default=timezone.localdate, editable=False)
    approved_on = models.DateField(null=True, blank=True, editable=False)
    sent_on = models.DateField(null=True, blank=True, editable=False)
    signed_on = models.DateField(null=True, blank=True, editable=False)
    closed_on = models.DateField(
        null=True, blank=True, editable=False, help_text=_("Date when it was declined, withdrawn or canceled.")
    )
    early_since = models.DateField(_("logos shown early since"), null=True, blank=True, editable=False, db_index=True)
    early_reason = models.TextField(blank=True, editable=False)
    early_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    amending_since = models.DateField(null=True, blank=True, editable=False)
    terms_before_amendment = models.JSONField(null=True, editable=False)

    TRANSITIONS = TRANSITIONS
    STATE_FIELDS = (
        *("state", "state_since", "reason", "approved_on", "sent_on", "signed_on", "closed_on"),
        *("early_since", "early_reason", "early_by_id", "amending_since", "terms_before_amendment"),
        *("package_id", "fee", "starts_on", "ends_on", "owner_id"),
    )
    STATE_NOUN = "sponsorship"

    if TYPE_CHECKING:
        # Fields and methods of Sponsorship.
        contracts: Any  # The manager of contracts, whose module imports this one.
        sponsorship_benefits: Any
        owner_id: int | None
        sponsorship_year_id: int

        def get_contact_rights(self, user: User | AnonymousUser) -> set[str]: ...
        def sold_out_benefits(self) -> list[str]: ...
        def get_terms(self) -> dict[str, Any]: ...
        def restore_terms(self, terms: dict[str, Any]) -> None: ...

    class Meta:
        abstract = True

    @property
    def machine_state(self) -> str:
        return self.state

    @property
    def state_label(self) -> str:
        return str(STAGES[self.stage()])

    def set_state(self, target: str) -> None:
        if target != self.state:
            self.state, self.state_since = target, timezone.now()

    def get_roles(self, user: User | None) -> set[str]:
        if user is None:
            return set()
        roles = set()
        if user.has_perm("sponsors.move_sponsorship"):
            roles.add(MANAGER)
        if user.has_perm("sponsors.change_contract"):
            roles.add(LAWYER)
        if "withdraw" in self.get_contact_rights(user):
            roles.add(SPONSOR)
        return roles

    def stage(self, on: date | None = None) -> str:
        """Return the stage on a day: the state, but a signed sponsorship is active between its dates and ended after them."""
        on = on or timezone.localdate()
        if self.state != SIGNED or (self.starts_on and self.starts_on > on):
            return self.state
        return ENDED if self.ends_on and self.ends_on < on else ACTIVE

    @property
    def is_editable(self) -> bool:
        """Return whether terms and benefits may change: until the signature, or while an amendment is open."""
        return self.state in OPEN or self.amending_since is not None

    def take(self, *, by: User) -> None:
        """Start the review. The user becomes the owner of a sponsorship without one."""
        with self.transition("take", by=by):
            self.owner_id = self.owner_id or by.pk

    def approve(
        self,
        *,
        by: User,
        package: Package | None,
        fee: int | None,
        starts_on: date | None,
        ends_on: date | None,
        oversell: bool = False,
    ) -> None:
        """Set package, fee and dates. A fee of 0 is valid. `oversell` permits benefits that are sold out."""
        data = {"fee": fee, "package": str(package), "starts_on": str(starts_on), "ends_on": str(ends_on)}
        with self.transition("approve", by=by, data=data):
            errors = {}
            if package is None:
                errors["package"] = gettext("Choose a package.")
            elif package.sponsorship_year_id != self.sponsorship_year_id:
                errors["package"] = gettext(
                    "This package belongs to another sponsorship year. Choose a package of the selected year."
                )
            if fee is None:
                errors["fee"] = gettext("Enter the fee. Enter 0 for a sponsorship without a fee.")
            if not starts_on:
                errors["starts_on"] = gettext("Choose the first day.")
            if not ends_on or (starts_on and ends_on <= starts_on):
                errors["ends_on"] = gettext("The last day must be after the first day.")
            full = [] if oversell else self.sold_out_benefits()
            if full:
                errors["oversell"] = gettext(
                    "Sold out: %(full)s. Remove these benefits, or select the option to approve anyway."
                ) % {"full": ", ".join(full)}
            if errors:
                raise ValidationError(errors)
            self.package, self.fee, self.starts_on, self.ends_on = package, fee, starts_on, ends_on
            self.approved_on = timezone.localdate()
            self._postpone_past_due_dates()

    @property
    def earliest_due_on(self) -> date:
        """Return the earliest possible due date: sponsors need time after the application and its approval."""
        return max(self.applied_on, self.approved_on or self.applied_on) + timedelta(days=DAYS_TO_DELIVER)

    def _postpone_past_due_dates(self) -> None:
        """Postpone due dates of the catalog that passed during the review."""
        for benefit in self.sponsorship_benefits.all():
            late = benefit.deliverables.filter(own_due_on=False, due_on__lt=self.earliest_due_on)
            late.update(due_on=self.earliest_due_on)

    def send(self, *, by: User) -> None:
        """Send the newest contract to the contacts who may sign it."""
        with self.transition("send", by=by) as event:
            contract = self.contracts.ready().filter(kind__in=["new", "renewal"]).first()
            if contract is None:
                raise ValidationError(gettext("Create a contract first, and wait until its documents are ready."))
            contract.mark_sent()
            self.sent_on = timezone.localdate()
            event.data["contract"] = contract.pk

    def sign(self, *, by: User, signed_file: File | None = None) -> None:
        """Record the signed contract. A contract created outside this site needs only the signed file."""
        with self.transition("sign", by=by) as event:
            contract = self.contracts.current() or self.contracts.model(sponsorship=self, kind="new", created_by=by)
            if not signed_file and not contract.signed_file:
                raise ValidationError({"signed_file": gettext("Choose the file of the signed copy.")})
            if not self.starts_on or not self.ends_on or self.fee is None:
                raise ValidationError(
                    gettext(
                        "The fee or the dates are missing. "
                        "Move the sponsorship back one step and approve it with a fee and dates."
                    )
                )
            contract.mark_signed(signed_file)
            self.signed_on = timezone.localdate()
            event.data["contract"] = contract.pk

    def put_back(self, *, by: User, reason: str) -> None:
        """Return to the previous state. A contract that was sent becomes void."""
        with self.transition("put_back", by=by, message=reason) as event:
            self.reason, self.closed_on = reason, None
            if event.source == SENT:
                self._void_contracts(self.contracts.in_force().exclude(kind="amendment"), by, reason)
                event.emails = ("contract_void",)

    def decline(self, *, by: User, reason: str) -> None:
        self._close("decline", by, reason)

    def withdraw(self, *, by: User, reason: str) -> None:
        """Withdraw the sponsorship. A contract that was sent becomes void."""
        self._close("withdraw", by, reason)

    def cancel(self, *, by: User, reason: str) -> None:
        """End a signed sponsorship before its last day. Its logos are no longer shown."""
        self._close("cancel", by, reason)

    def _close(self, name: str, by: User, reason: str) -> None:
        with self.transition(name, by=by, message=reason):
            self.reason, self.closed_on = reason, timezone.localdate()
            if name == "withdraw":
                self._void_contracts(self.contracts.in_force(), by, reason)

    def _void_contracts(self, contracts: models.QuerySet, by: User, reason: str) -> None:
        for contract in contracts:
            contract.void(by=by, reason=reason)

    def show_early(self, *, by: User, reason: str, at: datetime | None = None) -> None:
        """Show the logos before the signature, and record who allowed it and why."""
        with self.transition("show_early", by=by, message=reason):
            self.early_since, self.early_reason, self.early_by_id = timezone.localdate(at), reason, by.pk

    def hide_early(self, *, by: User) -> None:
        with self.transition("hide_early", by=by):
            self.early_since = None

    def amend(self, *, by: User, reason: str) -> None:
        """Open an amendment: a signed sponsorship can be edited until the amendment is closed."""
        with self.transition("amend", by=by, message=reason):
            self.amending_since, self.terms_before_amendment = timezone.localdate(), self.get_terms()

    def close_amendment(self, *, by: User) -> None:
        """End the amendment. The changed terms and benefits are kept."""
        with self.transition("close_amendment", by=by):
            self.amending_since = self.terms_before_amendment = None

    def discard_amendment(self, *, by: User, reason: str) -> None:
        """End the amendment and restore the terms before it. A document that was sent becomes void."""
        with self.transition("discard_amendment", by=by, message=reason) as event:
            documents = self.contracts.in_force().filter(kind="amendment", signed_at=None)
            if documents.filter(state="sent").exists():
                event.emails = ("contract_void",)
            self._void_contracts(documents, by, reason)
            self.restore_terms(self.terms_before_amendment or {})
            self.amending_since = self.terms_before_amendment = None
