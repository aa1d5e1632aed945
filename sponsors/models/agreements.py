"""The paper: templates with merge fields, and the agreements that are made from them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import PreviewableMixin, RevisionMixin

from sponsors.files import agreement_path, check_document, private_storage
from sponsors.merging import EXAMPLE, FIELDS, fields_of, parse, to_html

from .deals import Deal


class AgreementKind(models.TextChoices):
    NEW = "new", "New sponsor"
    RENEWAL = "renewal", "Renewal"
    AMENDMENT = "amendment", "Amendment"


class AgreementTemplate(RevisionMixin, PreviewableMixin, models.Model):
    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=AgreementKind, default=AgreementKind.NEW)
    body = models.TextField(
        help_text="Markdown. Merge fields stand in braces, such as {{ sponsor_name }}; {{ benefits }} and {{ clauses }} stand "
        "alone in a paragraph. A line with three dashes starts a new page."
    )
    letterhead = models.FileField(
        upload_to=agreement_path,
        storage=private_storage,
        blank=True,
        max_length=255,
        help_text="A .docx file with {{ body }} where the text goes. It may hold merge fields too. Without one, ours is used.",
    )

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name

    def clean(self):
        unknown = sorted(fields_of(self.body) - FIELDS.keys())
        if unknown:
            raise ValidationError({"body": f"There is no merge field {', '.join(unknown)}. There are: {', '.join(FIELDS)}."})
        if self.letterhead and not self.letterhead.name.lower().endswith(".docx"):
            raise ValidationError({"letterhead": "The letterhead must be a .docx file."})

    def get_preview_template(self, request: HttpRequest, mode_name) -> str:
        return "sponsors/admin/agreement_preview.html"

    def get_preview_context(self, request: HttpRequest, mode_name):
        return super().get_preview_context(request, mode_name) | {"html": to_html(parse(self.body, EXAMPLE))}


class AgreementQuerySet(models.QuerySet):
    def in_force(self):
        return self.exclude(state=Agreement.State.VOID)

    def ready(self):
        """Made, with its documents, and not sent yet."""
        return self.filter(state=Agreement.State.DRAFT).exclude(docx="")

    def current(self):
        return self.in_force().order_by("-pk").first()


class Agreement(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SENT = "sent", "Sent"
        SIGNED = "signed", "Signed"
        VOID = "void", "Void"

    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="agreements")
    template = models.ForeignKey(AgreementTemplate, null=True, on_delete=models.SET_NULL, related_name="agreements")
    kind = models.CharField(max_length=10, choices=AgreementKind, default=AgreementKind.NEW)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, db_index=True)
    body = models.TextField(blank=True, help_text="The template’s text as it was.")
    values = models.JSONField(default=dict, help_text="All values as they were merged.")
    pdf = models.FileField(upload_to=agreement_path, storage=private_storage, blank=True, max_length=255)
    docx = models.FileField(upload_to=agreement_path, storage=private_storage, blank=True, max_length=255)
    signed_file = models.FileField(
        upload_to=agreement_path, storage=private_storage, blank=True, max_length=255, validators=[check_document]
    )
    problem = models.CharField(max_length=500, blank=True, help_text="Why a document could not be made.")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    objects = AgreementQuerySet.as_manager()
    FILES = ("pdf", "docx", "signed_file")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} agreement {self.pk}, {self.deal}"

    def mark_sent(self) -> None:
        self.state, self.sent_at = self.State.SENT, timezone.now()
        self.save()

    def mark_signed(self, file=None) -> None:
        if file:
            check_document(file)
            self.signed_file = file
        self.state, self.signed_at = self.State.SIGNED, timezone.now()
        self.save()

    @transaction.atomic
    def void(self, *, by, reason: str) -> None:
        """Take an agreement out of force. Its documents are kept; another one may be made at once."""
        if self.state == self.State.VOID:
            raise ValidationError("This agreement is void already.")
        if self.state == self.State.SIGNED:
            raise ValidationError("A signed agreement stays. Cancel the deal, or make an amendment.")
        if not reason.strip():
            raise ValidationError("Say why the agreement is void.")
        self.state, self.voided_at, self.void_reason = self.State.VOID, timezone.now(), reason
        self.save()
        log(instance=self.deal, action="sponsors.void", user=by, data={"agreement": self.pk, "reason": reason})
