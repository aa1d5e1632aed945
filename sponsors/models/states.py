"""States of sponsorships and of their deliverables."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    APPLIED = "applied", _("Applied")
    REVIEW = "review", _("In review")
    APPROVED = "approved", _("Approved")
    SENT = "sent", _("Contract sent")
    SIGNED = "signed", _("Signed")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CANCELLED = "cancelled", _("Canceled")


class DeliverableState(models.TextChoices):
    WAITING = "waiting", _("Waiting for the sponsor")
    SUBMITTED = "submitted", _("Submitted")
    NEEDS_CHANGES = "needs_changes", _("Needs changes")
    ACCEPTED = "accepted", _("Accepted")
    WAIVED = "waived", _("Waived")
    TO_DO = "to_do", _("Not delivered yet")
    DELIVERED = "delivered", _("Delivered")
    NONE = "none", _("No action needed")


# Stages of a signed sponsorship on a day: computed from its dates, never stored.
ACTIVE, ENDED = "active", "ended"
APPLIED, REVIEW, APPROVED, SENT, SIGNED, DECLINED, WITHDRAWN, CANCELLED = State
# All stages in order, with the final ones last.
STAGES = {state.value: state.label for state in (APPLIED, REVIEW, APPROVED, SENT, SIGNED)}
STAGES |= {ACTIVE: _("Active"), ENDED: _("Ended")} | {state.value: state.label for state in (DECLINED, WITHDRAWN, CANCELLED)}
OPEN = [APPLIED, REVIEW, APPROVED, SENT]
# States in which benefits count as held, or as sold.
HOLDING, SELLING = [APPLIED, REVIEW], [APPROVED, SENT, SIGNED]

WAITING, SUBMITTED, NEEDS_CHANGES, ACCEPTED, WAIVED, TO_DO, DELIVERED, NOTHING = DeliverableState
# States that need no action from the sponsor.
DONE = [SUBMITTED, ACCEPTED, WAIVED]
