"""The life of an advert: its states, and the acts that lead from one to the next."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Revision, RevisionMixin

from jobs import emails
from users.models import User

from .lookups import JobBoardSettings


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    REVIEW = "review", "In review"
    APPROVED = "approved", "Live"
    REJECTED = "rejected", "Sent back"
    EXPIRED = "expired", "Expired"
    ARCHIVED = "archived", "Archived"
    REMOVED = "removed", "Removed"


# A live advert whose change waits for a moderator: a state of its own here, although visitors see the old text as before.
CHANGE = "change"
STAGES = [*Status.values, CHANGE]

# Who may do something to an advert. The site does what the clock says, and what the holder of a link from a mail asks.
POSTER, MODERATOR, SITE = "poster", "moderator", "site"


class Act(NamedTuple):
    """What the log calls it, who may do it, and from which state it leads to which."""

    label: str
    actors: set[str]
    moves: dict[str, str]


DRAFT, REVIEW, APPROVED, REJECTED, EXPIRED, ARCHIVED, REMOVED = Status
LIVE = [APPROVED, CHANGE]
UNDECIDED = [DRAFT, REVIEW, REJECTED]
ACTS = {
    "submit": Act("Submitted", {POSTER}, dict.fromkeys(UNDECIDED, REVIEW)),
    "propose": Act("Change proposed", {POSTER}, dict.fromkeys(LIVE, CHANGE)),
    "approve": Act("Approved", {MODERATOR}, {REVIEW: APPROVED, CHANGE: APPROVED}),
    "reject": Act("Sent back", {MODERATOR}, {REVIEW: REJECTED, CHANGE: APPROVED}),
    "ask": Act("Question asked", {MODERATOR}, {REVIEW: REVIEW, CHANGE: CHANGE}),
    "renew": Act("Renewed", {POSTER, MODERATOR, SITE}, {APPROVED: APPROVED, CHANGE: CHANGE, EXPIRED: APPROVED}),
    "fill": Act("Marked as filled", {POSTER, MODERATOR}, dict.fromkeys(LIVE, ARCHIVED)),
    # An advert whose change waits is out of the clock's reach, so that it stays in the queue. Visitors do not see it either.
    "expire": Act("Expired", {SITE}, {APPROVED: EXPIRED}),
    "archive": Act("Archived", {MODERATOR}, dict.fromkeys([*LIVE, REVIEW, REJECTED, EXPIRED], ARCHIVED)),
    "withdraw": Act("Withdrawn", {POSTER}, dict.fromkeys([*LIVE, *UNDECIDED, EXPIRED], REMOVED)),
    "remove": Act("Removed as spam", {MODERATOR}, dict.fromkeys([*LIVE, *UNDECIDED, EXPIRED], REMOVED)),
    "restore": Act("Restored", {MODERATOR}, {ARCHIVED: REVIEW, REMOVED: REVIEW}),
}


class JobActs(RevisionMixin, models.Model):
    """The business state of an advert. It changes by the acts below, and by nothing else.

    Each act locks the row, checks who acts and from which state, writes a log entry, and has one mail sent after the commit.
    """

    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT, editable=False, db_index=True)
    is_spam = models.BooleanField(default=False, editable=False, help_text="As long as it is, its poster cannot post.")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="jobs"
    )
    proposed_revision = models.ForeignKey(
        Revision, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True, help_text="For the first time.")
    waits_since = models.DateTimeField(null=True, blank=True, editable=False, help_text="Its place in the queue.")
    answered_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="When a moderator last answered.")
    asked_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="Set while a question waits for the poster.")
    approved_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    expires_at = models.DateTimeField("live until", null=True, blank=True, db_index=True)
    warned_at = models.DateTimeField(null=True, blank=True, editable=False)
    filled_at = models.DateTimeField(null=True, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    STATE_FIELDS = (
        *("status", "is_spam", "proposed_revision_id", "latest_revision_id", "submitted_at", "waits_since"),
        *("answered_at", "asked_at", "approved_at", "expires_at", "warned_at", "filled_at"),
    )

    class Meta:
        abstract = True

    @property
    def stage(self) -> str:
        """The state, as the table of acts knows it."""
        return CHANGE if self.status == Status.APPROVED and self.proposed_revision_id else self.status

    @property
    def stage_label(self) -> str:
        if self.stage == CHANGE:
            return "Live, change in review"
        return "Filled" if self.status == ARCHIVED and self.filled_at else self.get_status_display()

    def acts_for(self, user: User) -> list[str]:
        """What somebody may do to the advert now. The buttons of a page, and the guard of each act."""
        actors = self.actors(user)
        found = [name for name, act in ACTS.items() if act.actors & actors and self.stage in act.moves]
        # Somebody else decides about one's own advert.
        return [name for name in found if not (name == "approve" and POSTER in actors)]

    def actors(self, user: User) -> set[str]:
        if user is None:
            return {SITE}
        found = {POSTER} if user.is_active and user.pk == self.submitted_by_id else set()
        return found | {MODERATOR} if user.has_perm("jobs.moderate_job") else found

    def _start(self, act: str, by) -> None:
        """Take the row for this transaction and check the act. Raises ValidationError or PermissionDenied."""
        row = type(self).objects.select_for_update().get(pk=self.pk)
        for name in self.STATE_FIELDS:
            setattr(self, name, getattr(row, name))
        if act in self.acts_for(by):
            return
        if not ACTS[act].actors & self.actors(by):
            raise PermissionDenied
        if self.stage in ACTS[act].moves:
            raise ValidationError("Somebody else has to decide about your own advert.")
        raise ValidationError(f"That is not possible: this advert is “{self.stage_label}” now. Somebody may have been faster.")

    def _finish(self, act: str, by, **data: Any) -> None:
        leads_to = ACTS[act].moves[self.stage]
        if leads_to != CHANGE:
            self.status, self.proposed_revision = leads_to, None
        self.save(update_fields=[*(name.removesuffix("_id") for name in self.STATE_FIELDS), "updated_at"])
        log(instance=self, action=f"jobs.{act}", user=by, data=data or None)

    @transaction.atomic
    def submit(self, *, by, at: datetime | None = None) -> None:
        """Put the text, as it is saved, before the moderators. Sent once more in review, it keeps its place in the queue."""
        self._start("submit", by)
        type(self).objects.refuse_blocked(by)
        is_news = self.status != Status.REVIEW or self.asked_at is not None
        if self.status != Status.REVIEW:
            self.waits_since = at or timezone.now()
            self.submitted_at = self.submitted_at or self.waits_since
        self.asked_at = None
        self.save_revision(user=by, clean=False)
        self._finish("submit", by)
        if is_news:
            emails.tell_board(self, "submitted")

    @transaction.atomic
    def propose(self, *, by, at: datetime | None = None) -> None:
        """Keep the text of this instance as a change for the moderators to read; the row keeps its own."""
        self._start("propose", by)
        type(self).objects.refuse_blocked(by)
        is_news = self.stage != CHANGE or self.asked_at is not None
        if self.stage != CHANGE:
            self.waits_since = at or timezone.now()
        self.asked_at = None
        self.proposed_revision = self.save_revision(user=by, clean=False)
        self._finish("propose", by)
        if is_news:
            emails.tell_board(self, "change_submitted")

    @transaction.atomic
    def approve(self, *, by, seen: int | None = None, at: datetime | None = None) -> None:
        """Let the advert, or the change of a live one, go live. `seen` is the id of the revision that the moderator has read."""
        self._start("approve", by)
        self._refuse_unseen(seen)
        self.answered_at, self.asked_at = at or timezone.now(), None
        change = self.proposed_revision
        if change:
            self.take_text_of(change.as_object())
        else:
            self.approved_at, self.warned_at, self.filled_at = self.answered_at, None, None
            self.expires_at = self._new_end(self.answered_at)
        self._finish("approve", by)
        emails.tell_poster(self, "change_approved" if change else "approved")

    def _refuse_unseen(self, seen: int | None) -> None:
        if seen is not None and seen != self.latest_revision_id:
            raise ValidationError("The poster has changed this advert since you opened it. Please read it again.")

    def _new_end(self, at: datetime) -> datetime:
        return at + timedelta(days=JobBoardSettings.load().days_live)

    @transaction.atomic
    def reject(self, *, by, reason: str, at: datetime | None = None) -> None:
        """Send the advert, or the change of a live one, back with a reason that the poster reads."""
        self._start("reject", by)
        if not reason.strip():
            raise ValidationError("Say why. The poster reads this, and can mend it.")
        is_change = self.stage == CHANGE
        self.answered_at, self.asked_at = at or timezone.now(), None
        self.comments.create(author=by, kind="reason", text=reason)
        self._finish("reject", by, reason=reason)
        emails.tell_poster(self, "change_rejected" if is_change else "rejected", text=reason)

    @transaction.atomic
    def ask(self, *, by, question: str, at: datetime | None = None) -> None:
        """Ask the poster something. The advert stays in the queue, with a mark."""
        self._start("ask", by)
        if not question.strip():
            raise ValidationError("Type the question that the poster should answer.")
        self.answered_at = self.asked_at = at or timezone.now()
        self.comments.create(author=by, kind="question", text=question)
        self._finish("ask", by, question=question)
        emails.tell_poster(self, "asked", text=question)

    @transaction.atomic
    def renew(self, *, by, at: datetime | None = None) -> None:
        """Let the advert run for another full time from now. It keeps its place in the list."""
        self._start("renew", by)
        self.expires_at, self.warned_at = self._new_end(at or timezone.now()), None
        self._finish("renew", by)
        emails.tell_poster(self, "renewed")

    @transaction.atomic
    def fill(self, *, by, at: datetime | None = None) -> None:
        self._start("fill", by)
        self.filled_at = at or timezone.now()
        self._finish("fill", by)
        emails.tell_poster(self, "filled")

    @transaction.atomic
    def warn(self, *, at: datetime | None = None) -> None:
        """Tell the poster, once for each end, that the advert ends soon."""
        self.warned_at = at or timezone.now()
        self.save(update_fields=["warned_at"])
        emails.tell_poster(self, "expiring")

    @transaction.atomic
    def expire(self) -> None:
        """End an advert whose time is over."""
        self._start("expire", None)
        self._finish("expire", None)
        emails.tell_poster(self, "expired")

    @transaction.atomic
    def archive(self, *, by) -> None:
        self._start("archive", by)
        self._finish("archive", by)
        emails.tell_poster(self, "archived")

    @transaction.atomic
    def withdraw(self, *, by) -> None:
        self._start("withdraw", by)
        self._finish("withdraw", by)
        emails.tell_poster(self, "withdrawn")

    @transaction.atomic
    def remove(self, *, by) -> None:
        """Remove an advert as spam with all that its account has not got approved. The account cannot post until it is restored.

        Nobody gets a mail: the address may be that of a stranger.
        """
        self._start("remove", by)
        self.is_spam = True
        self._finish("remove", by)
        if self.submitted_by_id is None:
            return
        others = type(self).objects.filter(submitted_by=self.submitted_by_id).exclude(pk=self.pk)
        for other in others.filter(status__in=UNDECIDED):
            other._start("remove", by)
            other._finish("remove", by, because=self.pk)
        for other in others.filter(proposed_revision__isnull=False):
            other._start("reject", by)
            other._finish("reject", by, because=self.pk)

    @transaction.atomic
    def restore(self, *, by, at: datetime | None = None) -> None:
        """The way back: into the queue, whatever has happened."""
        self._start("restore", by)
        self.is_spam, self.waits_since, self.asked_at = False, at or timezone.now(), None
        self._finish("restore", by)
        emails.tell_poster(self, "restored")
