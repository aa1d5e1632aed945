"""States of a job posting and the transitions between them."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision, RevisionMixin

from cms.moderation.transitions import StateMachine, Transition
from users.models import User

from .lookups import JobBoardSettings


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("In review")
    APPROVED = "approved", _("Live")
    REJECTED = "rejected", _("Changes requested")
    EXPIRED = "expired", _("Expired")
    ARCHIVED = "archived", _("Archived")
    REMOVED = "removed", _("Removed")


# A live job with a change in review is a separate state here, although visitors still see the approved text.
CHANGE = "change"
STAGES = [*Status.values, CHANGE]

# SITE is the role of scheduled tasks and of requests by a signed link from an email.
POSTER, MODERATOR, SITE = "poster", "moderator", "site"

DRAFT, REVIEW, APPROVED, REJECTED, EXPIRED, ARCHIVED, REMOVED = Status
LIVE: list[str] = [APPROVED, CHANGE]
UNDECIDED: list[str] = [DRAFT, REVIEW, REJECTED]


def is_not_poster(job: "JobStates", user: User | None) -> bool:
    """Return whether the user is not the poster of the job."""
    return POSTER not in job.get_roles(user)


TRANSITIONS = {
    "submit": Transition("Submitted", {POSTER}, dict.fromkeys(UNDECIDED, REVIEW), emails=("submitted",)),
    "propose": Transition(_("Change proposed"), {POSTER}, dict.fromkeys(LIVE, CHANGE), emails=("change_submitted",)),
    "approve": Transition(
        "Approved",
        {MODERATOR},
        {REVIEW: APPROVED, CHANGE: APPROVED},
        guard=is_not_poster,
        guard_error="You cannot approve your own job. Ask another moderator.",
        emails=("approved",),
    ),
    "reject": Transition(
        _("Changes requested"),
        {MODERATOR},
        {REVIEW: REJECTED, CHANGE: APPROVED},
        message="reason",
        message_error="Enter a reason, so that the poster knows what to change.",
        emails=("rejected",),
    ),
    "ask": Transition(
        _("Question asked"),
        {MODERATOR},
        {REVIEW: REVIEW, CHANGE: CHANGE},
        message="question",
        message_error="Enter a question for the poster.",
        emails=("question",),
    ),
    "renew": Transition(
        "Renewed",
        {POSTER, MODERATOR, SITE},
        {APPROVED: APPROVED, CHANGE: CHANGE, EXPIRED: APPROVED},
        emails=("renewed",),
    ),
    "fill": Transition(_("Marked as filled"), {POSTER, MODERATOR}, dict.fromkeys(LIVE, ARCHIVED), emails=("filled",)),
    # A job with a change in review does not expire, so that it stays in the queue. Visitors do not see it after its last day.
    "expire": Transition("Expired", {SITE}, {APPROVED: EXPIRED}, emails=("expired",)),
    "archive": Transition(
        "Archived", {MODERATOR}, dict.fromkeys([*LIVE, REVIEW, REJECTED, EXPIRED], ARCHIVED), emails=("archived",)
    ),
    "withdraw": Transition("Withdrawn", {POSTER}, dict.fromkeys([*LIVE, *UNDECIDED, EXPIRED], REMOVED), emails=("withdrawn",)),
    "remove": Transition(_("Removed as spam"), {MODERATOR}, dict.fromkeys([*LIVE, *UNDECIDED, EXPIRED], REMOVED)),
    "restore": Transition("Restored", {MODERATOR}, {ARCHIVED: REVIEW, REMOVED: REVIEW}, emails=("restored",)),
}


class JobStates(StateMachine, RevisionMixin, models.Model):
    """State of a job posting. It only changes by the transitions below."""

    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT, editable=False, db_index=True)
    is_spam = models.BooleanField(
        default=False, editable=False, help_text=_("While a job is marked as spam, its poster cannot post jobs.")
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="jobs"
    )
    proposed_revision = models.ForeignKey(
        Revision, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    submitted_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_index=True, help_text=_("Date of the first submission.")
    )
    queued_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("Date that determines the place in the queue.")
    )
    answered_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("Date of the last decision or question of a moderator.")
    )
    question_pending_since = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("Set while a question to the poster is unanswered.")
    )
    approved_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    expires_at = models.DateTimeField(_("live until"), null=True, blank=True, db_index=True)
    warned_at = models.DateTimeField(null=True, blank=True, editable=False)
    filled_at = models.DateTimeField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    TRANSITIONS = TRANSITIONS
    STATE_FIELDS = (
        *("status", "is_spam", "proposed_revision_id", "latest_revision_id", "submitted_at", "queued_at"),
        *("answered_at", "question_pending_since", "approved_at", "expires_at", "warned_at", "filled_at"),
    )
    STATE_NOUN = "job"

    class Meta:
        abstract = True

    @property
    def machine_state(self) -> str:
        return CHANGE if self.status == Status.APPROVED and self.proposed_revision_id else self.status

    @property
    def state_label(self) -> str:
        if self.machine_state == CHANGE:
            return gettext("Live, changes in review")
        return gettext("Filled") if self.status == ARCHIVED and self.filled_at else self.get_status_display()

    def set_state(self, target: str) -> None:
        if target != CHANGE:
            self.status, self.proposed_revision = target, None

    def get_roles(self, user: User | AnonymousUser | None) -> set[str]:
        if user is None:
            return {SITE}
        roles = {POSTER} if user.is_active and user.pk == self.submitted_by_id else set()
        return roles | {MODERATOR} if user.has_perm("jobs.moderate_job") else roles

    @transaction.atomic
    def submit(self, *, by: User, at: datetime | None = None) -> None:
        """Submit the saved text for review. Submitted again while in review, it keeps its place in the queue."""
        with self.transition("submit", by=by) as event:
            type(self).objects.refuse_blocked(by)
            if self.status == Status.REVIEW:
                event.emails = event.emails if self.question_pending_since else ()
            else:
                self.queued_at = at or timezone.now()
                self.submitted_at = self.submitted_at or self.queued_at
            self.question_pending_since = None
            self.save_revision(user=by, clean=False)

    @transaction.atomic
    def propose(self, *, by: User, at: datetime | None = None) -> None:
        """Submit the text of this instance as a change to a live job. The row keeps the approved text."""
        with self.transition("propose", by=by) as event:
            type(self).objects.refuse_blocked(by)
            if self.machine_state == CHANGE:
                event.emails = event.emails if self.question_pending_since else ()
            else:
                self.queued_at = at or timezone.now()
            self.question_pending_since = None
            self.proposed_revision = self.save_revision(user=by, clean=False)

    def approve(self, *, by: User, seen: int | None = None, at: datetime | None = None) -> None:
        """Publish the job, or the change to a live job. `seen` is the ID of the revision that the moderator has read."""
        with self.transition("approve", by=by) as event:
            if seen is not None and seen != self.latest_revision_id:
                raise ValidationError(
                    gettext("The poster has edited this job since you opened it. Read the new version, then decide.")
                )
            self.answered_at, self.question_pending_since = at or timezone.now(), None
            change = self.proposed_revision
            if change:
                event.emails = ("change_approved",)
                self.copy_text_from(change.as_object())
            else:
                self.approved_at, self.warned_at, self.filled_at = self.answered_at, None, None
                self.expires_at = self._get_new_end(self.answered_at)

    def _get_new_end(self, at: datetime) -> datetime:
        return at + timedelta(days=JobBoardSettings.load().days_live)

    def reject(self, *, by: User, reason: str, at: datetime | None = None) -> None:
        """Request changes to the job, or to the proposed change of a live job, with a reason for the poster."""
        with self.transition("reject", by=by, message=reason) as event:
            if event.source == CHANGE:
                event.emails = ("change_rejected",)
            self.answered_at, self.question_pending_since = at or timezone.now(), None
            self.comments.create(author=by, kind="reason", text=reason)

    def ask(self, *, by: User, question: str, at: datetime | None = None) -> None:
        """Ask the poster a question. The job stays in the queue, marked as waiting for the answer."""
        with self.transition("ask", by=by, message=question):
            self.answered_at = self.question_pending_since = at or timezone.now()
            self.comments.create(author=by, kind="question", text=question)

    def renew(self, *, by: User | None, at: datetime | None = None) -> None:
        """Extend the job by another full period from now. Its position in the list does not change.

        Raises ValidationError if it was renewed after this instance was read.
        """
        end_before = self.expires_at
        with self.transition("renew", by=by):
            if self.expires_at != end_before:
                raise ValidationError(gettext("Someone else has just renewed this job."))
            self.expires_at, self.warned_at = self._get_new_end(at or timezone.now()), None

    def fill(self, *, by: User, at: datetime | None = None) -> None:
        with self.transition("fill", by=by):
            self.filled_at = at or timezone.now()

    def expire(self) -> None:
        self.make_transition("expire", by=None)

    def archive(self, *, by: User) -> None:
        self.make_transition("archive", by=by)

    def withdraw(self, *, by: User) -> None:
        self.make_transition("withdraw", by=by)

    @transaction.atomic
    def remove(self, *, by: User) -> None:
        """Remove a job as spam, with all unapproved jobs of its account, which cannot post until the job is restored.

        Sends no email: the address may be that of a stranger.
        """
        with self.transition("remove", by=by):
            self.is_spam = True
        if self.submitted_by_id is None:
            return
        for other in self.get_jobs_of_spammer():
            if other.status in UNDECIDED:
                other.make_transition("remove", by=by, data={"because": self.pk})
                continue
            with other.transition("reject", by=by, data={"because": self.pk}) as event:
                event.emails = ()

    def get_jobs_of_spammer(self) -> list[Any]:
        """Return the other jobs of the account that change if this one is removed as spam."""
        if self.submitted_by_id is None:
            return []
        others = type(self).objects.filter(submitted_by=self.submitted_by_id).exclude(pk=self.pk)
        return list(others.filter(models.Q(status__in=UNDECIDED) | models.Q(proposed_revision__isnull=False)).order_by("pk"))

    def describe_spam_effects(self) -> list[str]:
        """Return what the removal of this job as spam does, one sentence for each effect."""
        found = [gettext("This job will be removed. The submitter will not get an email.")]
        for other in self.get_jobs_of_spammer():
            text = (
                gettext("“%(job)s” will also be removed.")
                if other.status in UNDECIDED
                else gettext("The proposed change to “%(job)s” will be rejected.")
            )
            found.append(text % {"job": other})
        if self.submitted_by is not None:
            found.append(
                gettext("The account %(account)s will no longer be able to post jobs.") % {"account": self.submitted_by.username}
            )
        return [*found, gettext("You can undo this.")]

    def restore(self, *, by: User, at: datetime | None = None) -> None:
        """Return an archived or removed job to the queue."""
        with self.transition("restore", by=by):
            self.is_spam, self.queued_at, self.question_pending_since = False, at or timezone.now(), None
