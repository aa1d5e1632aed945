from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Now
from django.http import HttpRequest
from django.template import Context, Engine, TemplateDoesNotExist, TemplateSyntaxError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.models import PreviewableMixin, RevisionMixin
from wagtail.search import index

from .layout import render_html
from .registry import EMAIL_TYPES

# Staff write these templates, so there are no loaders or libraries, and the context contains only strings.
ENGINE = Engine()
LATEST = "latest"


def render_template(template: str, variables: dict[str, str]) -> str:
    """Return a template with its variables filled in. Raises TemplateSyntaxError if the template is malformed."""
    return ENGINE.from_string(template).render(Context(variables, autoescape=False))


class EmailTemplate(RevisionMixin, PreviewableMixin, index.Indexed, models.Model):
    """Staff version of the subject and body of one email type."""

    key = models.CharField(_("email"), max_length=100, unique=True, help_text=_("Email that this template replaces."))
    subject = models.CharField(max_length=200, help_text=_("Write variables in double braces, for example {{ title }}."))
    body = models.TextField(help_text=_("Plain text. The same variables as in the subject."))

    panels = [FieldPanel("key"), FieldPanel("subject"), FieldPanel("body")]
    search_fields = [
        *(index.SearchField(name) for name in ("key", "subject", "body")),
        *(index.AutocompleteField(name) for name in ("key", "subject")),
    ]

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key

    def clean(self) -> None:
        email = EMAIL_TYPES.get(self.key)
        if email is None:
            raise ValidationError({"key": _("There is no email with this name.")})
        for field in ("subject", "body"):
            try:
                render_template(getattr(self, field), email.example)
            except (TemplateSyntaxError, TemplateDoesNotExist) as error:
                raise ValidationError({field: _("The template syntax is not valid: %(error)s.") % {"error": error}}) from error

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        return [("", _("Example")), (LATEST, _("Last email that was sent"))]

    def get_preview_variables(self, mode_name: str) -> dict[str, str]:
        """Return the variables of a preview: those of the last email of this type, or of the example."""
        example = EMAIL_TYPES[self.key].example if self.key in EMAIL_TYPES else {}
        latest = SentEmail.objects.filter(key=self.key).order_by("-pk").first() if mode_name == LATEST else None
        return example | (latest.options.get("variables", {}) if latest else {})

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "cms/email_preview.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        variables = self.get_preview_variables(mode_name)
        subject, body = render_template(self.subject, variables), render_template(self.body, variables)
        return super().get_preview_context(request, mode_name) | {
            "subject": subject,
            "body": body,
            "html": render_html(subject, body),
        }


# Types of emails whose text contains a secret link, such as a password reset. Staff never see their text.
SECRET_PREFIX = "account."  # noqa: S105 -- of the names of types.
# Maximum duration of an attempt, which is the timeout of a queue job. Other workers wait that long for the email.
LEASE = timedelta(minutes=10)
# The delay doubles after each attempt; ten attempts take about a day.
FIRST_WAIT, MAX_WAIT = timedelta(minutes=1), timedelta(hours=5)
MAX_ATTEMPTS = 13
# Emails of the last minute are still in the queue.
GRACE = timedelta(minutes=1)


def new_message_id() -> str:
    return make_msgid(domain=urlsplit(settings.BASE_URL).hostname)


def about_key(record: models.Model) -> str:
    """Return the reference to a record that `SentEmail.about` stores."""
    return f"{record._meta.label_lower}:{record.pk}"


class SentEmailQuerySet(models.QuerySet["SentEmail"]):
    def due(self, at: datetime | None = None) -> Self:
        """Return emails whose first or next attempt is due."""
        unfinished = [SentEmail.Status.WAITING, SentEmail.Status.FAILED]
        return self.filter(status__in=unfinished, next_attempt_at__lte=at or timezone.now())

    def overdue(self, at: datetime | None = None) -> Self:
        """Return emails that should have been sent a minute ago, because they failed or the queue lost them."""
        return self.due((at or timezone.now()) - GRACE)

    def undelivered(self) -> Self:
        """Return emails that need attention: rejected, or failed with a retry pending."""
        return self.filter(status__in=[SentEmail.Status.FAILED, SentEmail.Status.REJECTED])

    def claim(self, pk: int, at: datetime | None = None) -> "SentEmail | None":
        """Record an attempt and lock the email for other workers until it ends. Return None if the email is not due."""
        at = at or timezone.now()
        with transaction.atomic():
            email = self.select_for_update(skip_locked=True).due(at).filter(pk=pk).first()
            if email is None:
                return None
            if email.status == SentEmail.Status.FAILED and email.attempts >= MAX_ATTEMPTS:
                email.record_failure(email.error, permanent=True)
                return None
            # Status of the row if this process is killed.
            email.status, email.error = SentEmail.Status.FAILED, "The attempt was interrupted."
            email.attempts += 1
            email.next_attempt_at = at + LEASE
            email.save(update_fields=["status", "error", "attempts", "next_attempt_at"])
        return email

    def expired(self, at: datetime | None = None) -> Self:
        """Return emails older than the retention period that still contain personal data."""
        return self.exclude(subject="").filter(
            created_at__lt=(at or timezone.now()) - timedelta(days=settings.PERSONAL_DATA_DAYS)
        )

    def anonymize(self) -> None:
        """Remove recipients, text and sender. The type, object and time of each email are kept."""
        self.update(to=[], reply_to="", subject="", body="", options={}, error="", sender="")


class SentEmail(models.Model):
    """Email of the outbox, recorded in the transaction that causes it and sent by a task. Staff can view it."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed, will be sent again")
        REJECTED = "rejected", _("Not delivered")
        LIMITED = "limited", _("Not sent: limit reached")

    key = models.CharField(_("email type"), max_length=100, db_index=True)
    message_id = models.CharField(_("Message-ID"), max_length=255, default=new_message_id, db_default="", editable=False)
    to = models.JSONField(help_text=_("Email addresses of the recipients."))
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    options = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        help_text=_("Further headers, recipients and the HTML version."),
    )
    effect = models.CharField(
        max_length=200,
        null=True,
        blank=True,
        unique=True,
        editable=False,
        help_text=_("Key of an email that is sent only once, for example a reminder for a date."),
    )
    about = models.CharField(max_length=100, blank=True, db_index=True, help_text=_("Record that the email is about."))
    sender = models.CharField(
        max_length=64,
        blank=True,
        db_index=True,
        help_text=_("The member or client whose action caused the email; empty for staff and tasks."),
    )
    # Without an index, which would lock a large table when it is created.
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
        db_index=False,
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    next_attempt_at = models.DateTimeField(default=timezone.now, db_default=Now(), null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = SentEmailQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.subject} to {', '.join(self.to)}"

    @property
    def is_secret(self) -> bool:
        return self.key.startswith(SECRET_PREFIX)

    @property
    def readable_body(self) -> str:
        """Return the text shown to staff."""
        return "Not shown: the text of emails about accounts is secret." if self.is_secret else self.body

    def record_success(self) -> None:
        self.status, self.error, self.sent_at, self.next_attempt_at = self.Status.SENT, "", timezone.now(), None
        self._save_result()

    def record_failure(self, error: str, *, permanent: bool) -> None:
        """Record why an attempt failed and the time of the next one: none after the last attempt or a permanent failure."""
        self.error = error[:500]
        if permanent or self.attempts >= MAX_ATTEMPTS:
            self.status, self.next_attempt_at = self.Status.REJECTED, None
        else:
            wait = min(FIRST_WAIT * 2 ** (self.attempts - 1), MAX_WAIT)
            self.status, self.next_attempt_at = self.Status.FAILED, timezone.now() + wait
        self._save_result()

    def _save_result(self) -> None:
        if self.is_secret and self.next_attempt_at is None:
            self.body, self.options = "", {}
        self.save(update_fields=["status", "error", "sent_at", "next_attempt_at", "body", "options"])

    def send_again(self) -> None:
        """Make the email due now. Its Message-ID does not change."""
        self.status, self.next_attempt_at = self.Status.WAITING, timezone.now()
        self.save(update_fields=["status", "next_attempt_at"])
