"""Deliverables of sponsorships in both directions, and the assets that sponsors send.

Assets belong to a key and to a sponsor or sponsorship, so that they survive changes to benefits and deliverables.
"""

import uuid
from datetime import date
from typing import Any, Self, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import models, transaction
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from cms.delivery import purging
from cms.platform.documents import refuse_large
from cms.platform.pictures import clean_image
from sponsors.files import MAX_FILE_SIZE, asset_path, check_document, private_storage
from users.models import User

from .catalog import FROM_SPONSOR, MARKERS, TO_SPONSOR, AbstractDeliverable, Deliverable, Kind
from .sponsors import Sponsor
from .sponsorships import Sponsorship, SponsorshipBenefit
from .states import ACCEPTED, DELIVERED, NEEDS_CHANGES, NOTHING, SELLING, SUBMITTED, TO_DO, WAITING, WAIVED, DeliverableState

# Days before the due date on which a sponsor is reminded; 0 means overdue.
REMINDERS = [14, 7, 1, 0]


class SponsorAsset(models.Model):
    """Asset of a sponsor or of one sponsorship: text, an answer or a file, which API clients find by key and UUID."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sponsor = models.ForeignKey(Sponsor, on_delete=models.CASCADE, related_name="assets")
    sponsorship = models.ForeignKey(Sponsorship, null=True, blank=True, on_delete=models.CASCADE, related_name="assets")
    key = models.CharField(max_length=128, db_index=True)
    text = models.TextField(blank=True)
    answer = models.CharField(_("yes or no"), max_length=3, blank=True, choices=[("YES", "Yes"), ("NO", "No")])
    file = models.FileField(upload_to=asset_path, storage=private_storage, blank=True, max_length=255)
    file_name = models.CharField(max_length=255, blank=True, help_text=_("File name of the upload."))
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["sponsor", "key"], condition=Q(sponsorship=None), name="asset_of_sponsor_once"),
            models.UniqueConstraint(
                fields=["sponsorship", "key"], condition=~Q(sponsorship=None), name="asset_of_sponsorship_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.sponsorship or self.sponsor}"

    @property
    def has_value(self) -> bool:
        return bool(self.text or self.answer or self.file)

    @property
    def value(self) -> str:
        return self.text or self.get_answer_display() or self.file_name or self.file.name or ""

    @property
    def accepted(self) -> "SponsorAsset | SponsorAssetVersion":
        """Return the value for API clients. While a new value is in review, this is the previously accepted one."""
        if not any(item.state in {SUBMITTED, NEEDS_CHANGES} for item in self.deliverables.all()):
            return self
        return next((version for version in self.versions.all() if version.was_accepted), self)

    def write(self, *, text: str = "", answer: str = "", file: File | None = None, by: User | None = None) -> None:
        """Replace the value. The previous one remains as a version."""
        if self.has_value:
            self.versions.create(
                text=self.text,
                answer=self.answer,
                file=self.file.name,
                file_name=self.file_name,
                replaced_by=by,
                was_accepted=self.deliverables.filter(state=ACCEPTED).exists(),
            )
        self.text, self.answer = text, answer
        self.file, self.file_name = (file, (file.name or "")[:255]) if file else ("", "")
        self.save()


class SponsorAssetVersion(models.Model):
    """Previous value of an asset."""

    asset = models.ForeignKey(SponsorAsset, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField(blank=True)
    answer = models.CharField(max_length=3, blank=True)
    file = models.FileField(upload_to=asset_path, storage=private_storage, blank=True, max_length=255)
    file_name = models.CharField(max_length=255, blank=True)
    was_accepted = models.BooleanField(default=False, editable=False)
    replaced_at = models.DateTimeField(auto_now_add=True)
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-replaced_at", "-pk"]

    @property
    def value(self) -> str:
        return self.text or self.answer or self.file_name or self.file.name or ""


class SponsorshipDeliverableQuerySet(models.QuerySet):
    def active(self) -> Self:
        return self.filter(sponsorship_benefit__removed=False)

    def owed(self) -> Self:
        """Return the missing assets of active sponsorships."""
        sponsorships = Sponsorship.objects.running()
        return self.active().filter(
            kind__in=FROM_SPONSOR, state__in=[WAITING, NEEDS_CHANGES], sponsorship_benefit__sponsorship__in=sponsorships
        )

    def submitted(self) -> Self:
        """Return assets that wait for a review by staff."""
        return self.active().filter(state=SUBMITTED, sponsorship_benefit__sponsorship__state__in=SELLING)

    def overdue(self, on: date | None = None) -> Self:
        on = on or timezone.localdate()
        ours = Q(kind__in=TO_SPONSOR, state=TO_DO)
        theirs = Q(kind__in=FROM_SPONSOR, state__in=[WAITING, NEEDS_CHANGES])
        return self.active().filter(
            ours | theirs, due_on__lt=on, sponsorship_benefit__sponsorship__in=Sponsorship.objects.running(on)
        )

    def with_related(self) -> Self:
        return self.select_related(
            "sponsorship_benefit__sponsorship__sponsor",
            "sponsorship_benefit__sponsorship__sponsorship_year",
            "sponsorship_benefit__sponsorship__package",
            "asset",
            "deliverable",
        )


class SponsorshipDeliverable(AbstractDeliverable):
    """Deliverable of a sponsorship, from or to the sponsor: a copy of the deliverable in the catalog."""

    sponsorship_benefit = models.ForeignKey(SponsorshipBenefit, on_delete=models.CASCADE, related_name="deliverables")
    deliverable = models.ForeignKey(
        Deliverable, null=True, blank=True, on_delete=models.SET_NULL, related_name="sponsorship_deliverables"
    )
    asset = models.ForeignKey(SponsorAsset, null=True, blank=True, on_delete=models.SET_NULL, related_name="deliverables")
    state = models.CharField(max_length=14, choices=DeliverableState, default=WAITING, db_index=True)
    state_since = models.DateTimeField(default=timezone.now)
    comment = models.TextField(blank=True, help_text=_("Changes that the sponsor should make."))
    quantity = models.PositiveIntegerField(null=True, blank=True, help_text=_("Overrides the quantity of the benefit."))
    used = models.PositiveIntegerField(null=True, blank=True, help_text=_("Uses so far, for example of passes."))
    own_due_on = models.BooleanField(_("has its own due date"), default=False, editable=False)
    reminded_days = models.SmallIntegerField(null=True, blank=True, editable=False)
    reminded_for = models.DateField(null=True, blank=True, editable=False)

    FROM_SPONSOR, TO_SPONSOR, MARKERS = FROM_SPONSOR, TO_SPONSOR, MARKERS
    objects = SponsorshipDeliverableQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["kind", "publisher", "place"], name="item_placement"),
            models.Index(fields=["state", "due_on"], name="item_due"),
        ]

    def __str__(self) -> str:
        return self.title()

    def copy_from(self, deliverable: Deliverable) -> None:
        """Copy the deliverable of the catalog, except a due date that staff have set for this sponsorship."""
        own = self.due_on if self.own_due_on else None
        for name in self.COPIED:
            setattr(self, name, getattr(deliverable, name))
        self.due_on = own or self._get_due_date(deliverable)
        if self.kind in MARKERS:
            self.state = NOTHING
            return
        if self.asset_id is None and self.key:
            sponsorship = self.sponsorship_benefit.sponsorship
            owner = {"sponsorship": sponsorship} if self.scope == self.Scope.SPONSORSHIP else {"sponsorship": None}
            self.asset, _ = SponsorAsset.objects.get_or_create(sponsor=sponsorship.sponsor, key=self.key, **owner)
        if self.pk is None:
            self.state = self._first_state(deliverable)

    def _get_due_date(self, deliverable: Deliverable) -> date | None:
        """Return the due date of the catalog, or a later one if the sponsor applied late."""
        if deliverable.due_on is None:
            return None
        return max(deliverable.due_on, self.sponsorship_benefit.sponsorship.earliest_due_on)

    def _first_state(self, deliverable: Deliverable) -> str:
        has_value = bool(self.asset and self.asset.has_value)
        if self.kind in TO_SPONSOR:
            return DELIVERED if has_value or deliverable.shared_text or deliverable.shared_file else TO_DO
        return SUBMITTED if has_value else WAITING

    @property
    def uses(self) -> int | None:
        """Return the number of uses that the sponsorship includes."""
        return self.quantity or self.sponsorship_benefit.quantity

    @property
    def remaining(self) -> int | None:
        """Return the number of uses that remain, or None if staff have not entered any."""
        return None if self.used is None or self.uses is None else max(self.uses - self.used, 0)

    @property
    def is_open(self) -> bool:
        return self.state in {WAITING, NEEDS_CHANGES, TO_DO}

    def is_overdue(self, on: date | None = None) -> bool:
        return bool(self.is_open and self.due_on and self.due_on < (on or timezone.localdate()))

    @property
    def file(self) -> FieldFile | None:
        """Return the file of this sponsorship, or the one shared by all sponsors."""
        if self.asset and self.asset.file:
            return self.asset.file
        return self.deliverable.shared_file if self.deliverable and self.kind == Kind.GIVEN_FILE else None

    @property
    def value(self) -> str:
        if self.asset and self.asset.has_value:
            return self.asset.value
        if self.deliverable and self.kind in TO_SPONSOR:
            return self.deliverable.shared_text or (self.deliverable.shared_file.name or "").rpartition("/")[2]
        return ""

    def limits(self) -> str:
        """Return the limits of the asset as readable text."""
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

    def check_limits(self, *, text: str = "", file: File | None = None) -> None:
        """Raise ValidationError if the text or file exceeds the limits."""
        if self.max_length and len(text) > self.max_length:
            raise ValidationError(
                gettext("This text has %(text)s characters. The maximum is %(max_length)s.")
                % {"text": len(text), "max_length": self.max_length}
            )
        if file is None:
            return
        refuse_large(file, MAX_FILE_SIZE)
        if self.kind != Kind.IMAGE:
            check_document(file)
            return
        for side, pixels in zip(("width", "height"), clean_image(file), strict=True):
            least, most = getattr(self, f"min_{side}"), getattr(self, f"max_{side}")
            if least and pixels < least:
                raise ValidationError(
                    gettext("The %(side)s of this image is %(pixels)s pixels. It must be at least %(least)s.")
                    % {"side": side, "pixels": pixels, "least": least}
                )
            if most and pixels > most:
                raise ValidationError(
                    gettext("The %(side)s of this image is %(pixels)s pixels. It must be at most %(most)s.")
                    % {"side": side, "pixels": pixels, "most": most}
                )

    def _set_state(self, state: str, by: User | None, **changes: Any) -> None:
        self.state, self.state_since = state, timezone.now()
        for name, value in changes.items():
            setattr(self, name, value)
        self.save()
        log(
            instance=self.sponsorship_benefit.sponsorship,
            action=f"sponsors.item_{state}",
            user=by,
            data={"item": self.title(), **changes},
        )

    @transaction.atomic
    def submit(self, *, by: User, text: str = "", answer: str = "", file: File | None = None) -> None:
        """Submit an asset. An asset of the sponsor counts for all sponsorships that need it."""
        if self.kind not in FROM_SPONSOR:
            raise ValidationError(gettext("Sponsors cannot submit this item."))
        if not (text or answer or file):
            raise ValidationError(gettext("Submit text or a file first."))
        self.check_limits(text=text, file=file)
        # Only markers have no asset.
        cast(SponsorAsset, self.asset).write(text=text, answer=answer, file=file, by=by)
        for item in (
            SponsorshipDeliverable.objects.filter(asset=self.asset)
            .exclude(state=WAIVED)
            .select_related("sponsorship_benefit__sponsorship")
        ):
            item._set_state(SUBMITTED, by, comment="")
        self.refresh_from_db()

    @transaction.atomic
    def deliver(self, *, by: User, text: str = "", file: File | None = None) -> None:
        """Deliver text, a voucher code or a file to the sponsor."""
        if self.kind not in TO_SPONSOR:
            raise ValidationError(gettext("This item is submitted by the sponsor."))
        if not (text or file):
            raise ValidationError(gettext("Enter text or choose a file."))
        if file:
            check_document(file)
        cast(SponsorAsset, self.asset).write(text=text, file=file, by=by)
        self._set_state(DELIVERED, by)

    @transaction.atomic
    def record_use(self, used: int, *, by: User) -> None:
        """Record the number of uses so far, of a voucher code for example."""
        self.used = used
        self.save(update_fields=["used"])
        log(
            instance=self.sponsorship_benefit.sponsorship,
            action="sponsors.item_used",
            user=by,
            data={"item": self.title(), "used": used},
        )

    @transaction.atomic
    def accept(self, *, by: User) -> None:
        if self.state != SUBMITTED:
            raise ValidationError(
                gettext("“%(title)s” is “%(state)s” and cannot be accepted.")
                % {"title": self.title(), "state": self.get_state_display()}
            )
        self._set_state(ACCEPTED, by, comment="")

    @transaction.atomic
    def request_changes(self, *, by: User, comment: str) -> None:
        if self.state not in {SUBMITTED, ACCEPTED}:
            raise ValidationError(
                gettext("“%(title)s” is “%(state)s” and cannot be sent for changes.")
                % {"title": self.title(), "state": self.get_state_display()}
            )
        if not comment.strip():
            raise ValidationError(gettext("Enter the changes you need. The sponsor reads this text."))
        self._set_state(NEEDS_CHANGES, by, comment=comment)

    @transaction.atomic
    def waive(self, *, by: User) -> None:
        if self.kind in MARKERS:
            raise ValidationError(gettext("This item cannot be waived."))
        self._set_state(WAIVED, by)

    @transaction.atomic
    def extend(self, *, by: User, due_on: date) -> None:
        """Set a due date for this sponsorship only. Reminders start again."""
        self.due_on, self.own_due_on, self.reminded_days, self.reminded_for = due_on, True, None, None
        self.save()
        log(
            instance=self.sponsorship_benefit.sponsorship,
            action="sponsors.item_due",
            user=by,
            data={"item": self.title(), "due_on": str(due_on)},
        )

    def reminder_due(self, on: date) -> int | None:
        """Return the reminder due on a day: 14, 7, 1, or 0 for overdue. None if it was sent or is not due yet."""
        if self.due_on is None:
            return None
        left = (self.due_on - on).days
        stage = 0 if left < 0 else min((days for days in REMINDERS if days >= max(left, 1)), default=None)
        sent = self.reminded_days if self.reminded_for == self.due_on else None
        return stage if stage is not None and (sent is None or stage < sent) else None


purging.register(SponsorshipDeliverable, purges=lambda item: ["sponsors"] if item.kind == Kind.PLACEMENT else [])
