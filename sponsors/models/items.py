"""What a deal makes both sides owe each other, and the answers, which outlive the deal's structure."""

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from wagtail.log_actions import log

from cms.delivery import purging
from sponsors import emails
from sponsors.files import LARGEST_FILE, answer_path, check_document, private_storage, refuse_large, size_of

from .catalogue import FROM_SPONSOR, MARKERS, TO_SPONSOR, AbstractDeliverable, Deliverable, Kind
from .deals import Deal, Line
from .sponsors import Sponsor


class ItemState(models.TextChoices):
    WAITING = "waiting", "Waiting for the sponsor"
    SUBMITTED = "submitted", "Submitted"
    NEEDS_CHANGES = "needs_changes", "Needs changes"
    ACCEPTED = "accepted", "Accepted"
    WAIVED = "waived", "Waived"
    TO_DO = "to_do", "To do for us"
    DELIVERED = "delivered", "Delivered"
    NONE = "none", "Nothing to do"


WAITING, SUBMITTED, NEEDS_CHANGES, ACCEPTED, WAIVED, TO_DO, DELIVERED, NOTHING = ItemState
# The sponsor has done its part.
DONE = [SUBMITTED, ACCEPTED, WAIVED]
# Days before the due day on which a sponsor is reminded; 0 stands for overdue.
REMINDERS = [14, 7, 1, 0]


class Answer(models.Model):
    """A value by its key, of one sponsor or of one deal. Other programs know it by its key and its uuid."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sponsor = models.ForeignKey(Sponsor, on_delete=models.CASCADE, related_name="answers")
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=128, db_index=True)
    text = models.TextField(blank=True)
    answer = models.CharField("yes or no", max_length=3, blank=True, choices=[("YES", "Yes"), ("NO", "No")])
    file = models.FileField(upload_to=answer_path, storage=private_storage, blank=True, max_length=255)
    file_name = models.CharField(max_length=255, blank=True, help_text="As the sponsor called it.")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["sponsor", "key"], condition=Q(deal=None), name="answer_of_sponsor_once"),
            models.UniqueConstraint(fields=["deal", "key"], condition=~Q(deal=None), name="answer_of_deal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.deal or self.sponsor}"

    @property
    def has_value(self) -> bool:
        return bool(self.text or self.answer or self.file)

    @property
    def value(self) -> str:
        return self.text or self.get_answer_display() or self.file_name or self.file.name or ""

    @property
    def accepted(self) -> "Answer | AnswerVersion":
        """The value for other programs: while a new one waits, the one that the staff have accepted."""
        if not any(item.state in {SUBMITTED, NEEDS_CHANGES} for item in self.items.all()):
            return self
        return next((version for version in self.versions.all() if version.was_accepted), self)

    def write(self, *, text: str = "", answer: str = "", file=None, by=None) -> None:
        """Replace the value. The previous one stays as a version."""
        if self.has_value:
            self.versions.create(
                text=self.text,
                answer=self.answer,
                file=self.file.name,
                file_name=self.file_name,
                replaced_by=by,
                was_accepted=self.items.filter(state=ACCEPTED).exists(),
            )
        self.text, self.answer = text, answer
        self.file, self.file_name = (file, file.name[:255]) if file else ("", "")
        self.save()


class AnswerVersion(models.Model):
    """What stood in an answer before."""

    answer_row = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField(blank=True)
    answer = models.CharField(max_length=3, blank=True)
    file = models.FileField(upload_to=answer_path, storage=private_storage, blank=True, max_length=255)
    file_name = models.CharField(max_length=255, blank=True)
    was_accepted = models.BooleanField(default=False, editable=False)
    replaced_at = models.DateTimeField(auto_now_add=True)
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-replaced_at", "-pk"]

    @property
    def value(self) -> str:
        return self.text or self.answer or self.file_name or self.file.name or ""


class ItemQuerySet(models.QuerySet):
    def kept(self):
        return self.filter(line__removed=False)

    def owed(self):
        """What sponsors still owe us, of deals that run."""
        deals = Deal.objects.running()
        return self.kept().filter(kind__in=FROM_SPONSOR, state__in=[WAITING, NEEDS_CHANGES], line__deal__in=deals)

    def overdue(self, on: date | None = None):
        on = on or timezone.localdate()
        ours = Q(kind__in=TO_SPONSOR, state=TO_DO)
        theirs = Q(kind__in=FROM_SPONSOR, state__in=[WAITING, NEEDS_CHANGES])
        return self.kept().filter(ours | theirs, due_on__lt=on, line__deal__in=Deal.objects.running(on))

    def with_all(self):
        return self.select_related("line__deal__sponsor", "line__deal__season", "line__deal__package", "answer", "deliverable")


class Item(AbstractDeliverable):
    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="items")
    deliverable = models.ForeignKey(Deliverable, null=True, blank=True, on_delete=models.SET_NULL, related_name="items")
    answer = models.ForeignKey(Answer, null=True, blank=True, on_delete=models.SET_NULL, related_name="items")
    state = models.CharField(max_length=14, choices=ItemState, default=WAITING, db_index=True)
    state_since = models.DateTimeField(default=timezone.now)
    comment = models.TextField(blank=True, help_text="What the sponsor should change.")
    quantity = models.PositiveIntegerField(null=True, blank=True, help_text="In place of the line’s own.")
    own_due_on = models.BooleanField("due day of its own", default=False, editable=False)
    reminded_days = models.SmallIntegerField(null=True, blank=True, editable=False)
    reminded_for = models.DateField(null=True, blank=True, editable=False)

    FROM_SPONSOR, TO_SPONSOR, MARKERS = FROM_SPONSOR, TO_SPONSOR, MARKERS
    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["kind", "publisher", "place"], name="item_placement"),
            models.Index(fields=["state", "due_on"], name="item_due"),
        ]

    def __str__(self) -> str:
        return self.title()

    def copy_from(self, deliverable: Deliverable) -> None:
        """Take over what the catalogue says, but not a due day that staff have set for this deal alone."""
        own = self.due_on if self.own_due_on else None
        for name in self.COPIED:
            setattr(self, name, getattr(deliverable, name))
        self.due_on = own or self.due_on
        if self.kind in MARKERS:
            self.state = NOTHING
            return
        if self.answer_id is None and self.key:
            deal = self.line.deal
            owner = {"deal": deal} if self.scope == self.Scope.DEAL else {"deal": None}
            self.answer, _ = Answer.objects.get_or_create(sponsor=deal.sponsor, key=self.key, **owner)
        if self.pk is None:
            self.state = self._first_state(deliverable)

    def _first_state(self, deliverable: Deliverable) -> str:
        has_value = bool(self.answer and self.answer.has_value)
        if self.kind in TO_SPONSOR:
            return DELIVERED if has_value or deliverable.shared_text or deliverable.shared_file else TO_DO
        return SUBMITTED if has_value else WAITING

    @property
    def is_open(self) -> bool:
        return self.state in {WAITING, NEEDS_CHANGES, TO_DO}

    def is_overdue(self, on: date | None = None) -> bool:
        return bool(self.is_open and self.due_on and self.due_on < (on or timezone.localdate()))

    @property
    def file(self):
        """The file that is shown: the sponsor's own, or the one for all."""
        if self.answer and self.answer.file:
            return self.answer.file
        return self.deliverable.shared_file if self.deliverable and self.kind == Kind.GIVEN_FILE else None

    @property
    def value(self):
        if self.answer and self.answer.has_value:
            return self.answer.value
        if self.deliverable and self.kind in TO_SPONSOR:
            return self.deliverable.shared_text or self.deliverable.shared_file.name.rpartition("/")[2]
        return ""

    def limits(self) -> str:
        """What is taken, in words."""
        parts = []
        for side in ("width", "height"):
            least, most = getattr(self, f"min_{side}"), getattr(self, f"max_{side}")
            if least and most:
                parts.append(f"{side} {least} to {most} pixels")
            elif least or most:
                parts.append(f"{side} {'at least' if least else 'at most'} {least or most} pixels")
        if self.max_length:
            parts.append(f"at most {self.max_length} characters")
        return ", ".join(parts)

    def check_limits(self, *, text: str = "", file=None) -> None:
        """Refuse what is over the limits. Raises ValidationError with a sentence."""
        if self.max_length and len(text) > self.max_length:
            raise ValidationError(f"This text has {len(text)} characters. At most {self.max_length} are taken.")
        if file is None:
            return
        refuse_large(file, LARGEST_FILE)
        if self.kind != Kind.IMAGE:
            check_document(file)
            return
        for side, pixels in zip(("width", "height"), size_of(file), strict=True):
            least, most = getattr(self, f"min_{side}"), getattr(self, f"max_{side}")
            if least and pixels < least:
                raise ValidationError(f"The {side} of this image is {pixels} pixels. It must be at least {least}.")
            if most and pixels > most:
                raise ValidationError(f"The {side} of this image is {pixels} pixels. It must be at most {most}.")

    def _move(self, state: str, by, **changes: Any) -> None:
        self.state, self.state_since = state, timezone.now()
        for name, value in changes.items():
            setattr(self, name, value)
        self.save()
        log(instance=self.line.deal, action=f"sponsors.item_{state}", user=by, data={"item": self.title(), **changes})

    @transaction.atomic
    def submit(self, *, by, text: str = "", answer: str = "", file=None):
        """What the sponsor sends. A value that belongs to the sponsor counts for all deals that ask for it."""
        if self.kind not in FROM_SPONSOR:
            raise ValidationError("This is not asked of sponsors.")
        if not (text or answer or file):
            raise ValidationError("Send something first.")
        self.check_limits(text=text, file=file)
        self.answer.write(text=text, answer=answer, file=file, by=by)
        for item in Item.objects.filter(answer=self.answer).exclude(state=WAIVED).select_related("line__deal"):
            item._move(SUBMITTED, by, comment="")
        self.refresh_from_db()

    @transaction.atomic
    def deliver(self, *, by, text: str = "", file=None):
        """What we give to the sponsor: a text, a voucher code or a file."""
        if self.kind not in TO_SPONSOR:
            raise ValidationError("This comes from the sponsor.")
        if not (text or file):
            raise ValidationError("Give a text or a file.")
        if file:
            check_document(file)
        self.answer.write(text=text, file=file, by=by)
        self._move(DELIVERED, by)

    @transaction.atomic
    def accept(self, *, by) -> None:
        if self.state != SUBMITTED:
            raise ValidationError(f"“{self.title()}” is “{self.get_state_display()}”: there is nothing to accept.")
        self._move(ACCEPTED, by, comment="")

    @transaction.atomic
    def ask_for_changes(self, *, by, comment: str) -> None:
        if self.state not in {SUBMITTED, ACCEPTED}:
            raise ValidationError(f"“{self.title()}” is “{self.get_state_display()}”: there is nothing to change.")
        if not comment.strip():
            raise ValidationError("Say what should be changed. The sponsor reads this.")
        self._move(NEEDS_CHANGES, by, comment=comment)
        emails.tell_sponsor(self.line.deal, "needs_changes", roles=("primary", "manager"), text=f"{self.title()}\n\n{comment}")

    @transaction.atomic
    def waive(self, *, by) -> None:
        if self.kind in MARKERS:
            raise ValidationError("There is nothing to waive here.")
        self._move(WAIVED, by)

    @transaction.atomic
    def extend(self, *, by, due_on: date) -> None:
        """Another due day for this deal alone. Reminders start over."""
        self.due_on, self.own_due_on, self.reminded_days, self.reminded_for = due_on, True, None, None
        self.save()
        log(instance=self.line.deal, action="sponsors.item_due", user=by, data={"item": self.title(), "due_on": str(due_on)})

    def reminder_due(self, on: date) -> int | None:
        """The reminder that is due on a day: 14, 7, 1, or 0 for overdue. Nothing where it was sent, or is not due yet."""
        if self.due_on is None:
            return None
        left = (self.due_on - on).days
        stage = 0 if left < 0 else min((days for days in REMINDERS if days >= max(left, 1)), default=None)
        sent = self.reminded_days if self.reminded_for == self.due_on else None
        return stage if stage is not None and (sent is None or stage < sent) else None


purging.register(Item, purges=lambda item: ["sponsors"] if item.kind == Kind.PLACEMENT else [])
