"""Contract templates with merge fields, and the contracts rendered from them."""

from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log
from wagtail.models import PreviewableMixin, RevisionMixin

from sponsors.contract_template import EXAMPLE, FIELDS, fields_of, parse, to_html
from sponsors.files import check_contract, check_letterhead, contract_path, private_storage
from users.models import User

from .sponsorships import Sponsorship


class ContractKind(models.TextChoices):
    NEW = "new", _("New sponsor")
    RENEWAL = "renewal", _("Renewal")
    AMENDMENT = "amendment", _("Amendment")


class ContractTemplate(RevisionMixin, PreviewableMixin, models.Model):
    """Text of contracts with merge fields."""

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(_("type"), max_length=10, choices=ContractKind, default=ContractKind.NEW)
    body = models.TextField(
        help_text=_(
            "Markdown with merge fields in double braces, for example {{ sponsor_name }}. Put {{ benefits }} and {{ clauses }} "
            "in paragraphs of their own. A line with three dashes starts a new page."
        )
    )
    letterhead = models.FileField(
        upload_to=contract_path,
        storage=private_storage,
        blank=True,
        max_length=255,
        validators=[check_letterhead],
        help_text=_(
            "A .docx file with {{ body }} where the text goes. It can contain merge fields. "
            "Leave empty to use the default letterhead."
        ),
    )

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        unknown = sorted(fields_of(self.body) - FIELDS.keys())
        if unknown:
            raise ValidationError(
                {
                    "body": gettext("Unknown merge fields: %(unknown)s. Available merge fields: %(available)s.")
                    % {"unknown": ", ".join(unknown), "available": ", ".join(FIELDS)}
                }
            )

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "sponsors/admin/contract_preview.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        return super().get_preview_context(request, mode_name) | {"html": to_html(parse(self.body, EXAMPLE))}


class ContractQuerySet(models.QuerySet["Contract"]):
    def in_force(self) -> Self:
        return self.exclude(state=Contract.State.VOID)

    def ready(self) -> Self:
        """Return drafts whose documents are rendered."""
        return self.filter(state=Contract.State.DRAFT).exclude(docx="")

    def current(self) -> "Contract | None":
        return self.in_force().order_by("-pk").first()


class Contract(models.Model):
    """Contract of a sponsorship, with the template and values from the time of its creation."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        SIGNED = "signed", _("Signed")
        VOID = "void", _("Void")

    sponsorship = models.ForeignKey(Sponsorship, on_delete=models.PROTECT, related_name="contracts")
    template = models.ForeignKey(ContractTemplate, null=True, on_delete=models.SET_NULL, related_name="contracts")
    kind = models.CharField(_("type"), max_length=10, choices=ContractKind, default=ContractKind.NEW)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, db_index=True)
    body = models.TextField(blank=True, help_text=_("Text of the template when the contract was created."))
    values = models.JSONField(default=dict, help_text=_("Values of the merge fields when the contract was created."))
    pdf = models.FileField(upload_to=contract_path, storage=private_storage, blank=True, max_length=255)
    docx = models.FileField(upload_to=contract_path, storage=private_storage, blank=True, max_length=255)
    signed_file = models.FileField(
        upload_to=contract_path, storage=private_storage, blank=True, max_length=255, validators=[check_contract]
    )
    problem = models.CharField(max_length=500, blank=True, help_text=_("Error of the last attempt to create a document."))
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    objects = ContractQuerySet.as_manager()
    FILES = ("pdf", "docx", "signed_file")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} contract {self.pk}, {self.sponsorship}"

    @property
    def document_name(self) -> str:
        """Return what emails call this document."""
        return "amendment" if self.kind == ContractKind.AMENDMENT else "contract"

    def mark_sent(self) -> None:
        self.state, self.sent_at = self.State.SENT, timezone.now()
        self.save()

    def mark_signed(self, file: File | None = None) -> None:
        if file:
            check_contract(file)
            self.signed_file = file
        self.state, self.signed_at = self.State.SIGNED, timezone.now()
        self.save()

    @transaction.atomic
    def void(self, *, by: User | None, reason: str) -> None:
        """Make the contract void. Its documents remain."""
        self.refresh_from_db(from_queryset=Contract.objects.select_for_update())
        if self.state == self.State.VOID:
            raise ValidationError(gettext("This contract is already void."))
        if self.state == self.State.SIGNED:
            raise ValidationError(gettext("A signed contract cannot be voided. Cancel the sponsorship, or create an amendment."))
        if not reason.strip():
            raise ValidationError(gettext("Enter a reason for voiding the contract."))
        self.state, self.voided_at, self.void_reason = self.State.VOID, timezone.now(), reason
        self.save()
        log(instance=self.sponsorship, action="sponsors.void", user=by, data={"contract": self.pk, "reason": reason})
