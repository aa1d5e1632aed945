from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.template import Context, Engine, TemplateDoesNotExist, TemplateSyntaxError
from django.utils import timezone
from wagtail.admin.panels import FieldPanel
from wagtail.models import PreviewableMixin, RevisionMixin
from wagtail.search import index

from .registry import EMAIL_TYPES

# Staff write these templates: no loaders, no libraries, and nothing but strings in the context.
ENGINE = Engine()


def render_template(template: str, variables: dict[str, str]) -> str:
    """A template with its variables filled in. Raises TemplateSyntaxError where the template is malformed."""
    return ENGINE.from_string(template).render(Context(variables, autoescape=False))


class EmailTemplate(RevisionMixin, PreviewableMixin, index.Indexed, models.Model):
    """The words of one mail of the site, in place of the words that come with the software."""

    key = models.CharField("mail", max_length=100, unique=True, help_text="Which mail of the site these words are for.")
    subject = models.CharField(max_length=200, help_text="Variables stand in braces, such as {{ title }}.")
    body = models.TextField(help_text="Plain text. The same variables as in the subject.")

    panels = [FieldPanel("key"), FieldPanel("subject"), FieldPanel("body")]
    search_fields = [index.SearchField("key"), index.SearchField("subject"), index.SearchField("body")]

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.key

    def clean(self):
        mail = EMAIL_TYPES.get(self.key)
        if mail is None:
            raise ValidationError({"key": "The site sends no mail of this name."})
        for field in ("subject", "body"):
            try:
                render_template(getattr(self, field), mail.example)
            except (TemplateSyntaxError, TemplateDoesNotExist) as error:
                raise ValidationError({field: f"Something is wrong with the braces: {error}."}) from error

    def get_preview_template(self, request: HttpRequest, mode_name) -> str:
        return "cms/email_preview.html"

    def get_preview_context(self, request: HttpRequest, mode_name):
        example = EMAIL_TYPES[self.key].example if self.key in EMAIL_TYPES else {}
        return super().get_preview_context(request, mode_name) | {
            "subject": render_template(self.subject, example),
            "body": render_template(self.body, example),
        }


class SentEmailQuerySet(models.QuerySet):
    def due_again(self, at=None):
        """Mails of the last day that failed, and those that waited for longer than five minutes."""
        at = at or timezone.now()
        waiting = models.Q(status=SentEmail.Status.WAITING, created_at__lt=at - timedelta(minutes=5))
        failed = models.Q(status=SentEmail.Status.FAILED)
        return self.filter(waiting | failed, created_at__gt=at - timedelta(days=1))

    def expired(self, at: datetime | None = None) -> Self:
        """Return emails older than the retention period that still name a person."""
        return self.exclude(subject="").filter(
            created_at__lt=(at or timezone.now()) - timedelta(days=settings.PERSONAL_DATA_DAYS)
        )

    def anonymize(self) -> None:
        """Remove recipients, text and sender. What was sent about which object, and when, stays."""
        self.update(to=[], reply_to="", subject="", body="", error="", sender="")


class SentEmail(models.Model):
    """A mail as it was sent. Kept, so that staff can tell what was said to whom, and so that nothing is lost on the way."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"
        LIMITED = "limited", "Not sent: limit reached"

    key = models.CharField("mail", max_length=100, db_index=True)
    to = models.JSONField(help_text="The addresses of the recipients.")
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    about = models.CharField(max_length=100, blank=True, db_index=True, help_text="The record that the mail is about.")
    sender = models.CharField(
        max_length=64,
        blank=True,
        db_index=True,
        help_text="The member or client whose action caused the email; empty for staff and tasks.",
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.WAITING, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = SentEmailQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.subject} to {', '.join(self.to)}"
