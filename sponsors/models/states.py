"""States of sponsorships and of their deliverables."""

from django.db import models


class State(models.TextChoices):
    APPLIED = "applied", "Applied"
    REVIEW = "review", "In review"
    APPROVED = "approved", "Approved"
    SENT = "sent", "Contract sent"
    SIGNED = "signed", "Signed"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Withdrawn"
    CANCELLED = "cancelled", "Canceled"


class DeliverableState(models.TextChoices):
    WAITING = "waiting", "Waiting for the sponsor"
    SUBMITTED = "submitted", "Submitted"
    NEEDS_CHANGES = "needs_changes", "Needs changes"
    ACCEPTED = "accepted", "Accepted"
    WAIVED = "waived", "Waived"
    TO_DO = "to_do", "To deliver"
    DELIVERED = "delivered", "Delivered"
    NONE = "none", "No action needed"


# Stages of a signed sponsorship on a day: computed from its dates, never stored.
ACTIVE, ENDED = "active", "ended"
APPLIED, REVIEW, APPROVED, SENT, SIGNED, DECLINED, WITHDRAWN, CANCELLED = State
# All stages in their order; the final ones are last.
STAGES = {state.value: state.label for state in (APPLIED, REVIEW, APPROVED, SENT, SIGNED)}
STAGES |= {ACTIVE: "Active", ENDED: "Ended"} | {state.value: state.label for state in (DECLINED, WITHDRAWN, CANCELLED)}
OPEN = [APPLIED, REVIEW, APPROVED, SENT]
# States whose benefits count as held, or as sold.
HOLDING, SELLING = [APPLIED, REVIEW], [APPROVED, SENT, SIGNED]

WAITING, SUBMITTED, NEEDS_CHANGES, ACCEPTED, WAIVED, TO_DO, DELIVERED, NOTHING = DeliverableState
# States that need no action from the sponsor.
DONE = [SUBMITTED, ACCEPTED, WAIVED]
