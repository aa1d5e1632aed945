from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import PreviewableMixin, RevisionMixin

from cms.email.models import render_template

# Variables of messages, each with an example for the preview.
VARIABLES = {
    "sponsor_name": "Harbor Analytics",
    "sponsorship_package": "Visionary",
    # Same value, for stored templates.
    "sponsorship_level": "Visionary",
    "sponsorship_start_date": "March 1, 2026",
    "sponsorship_end_date": "February 28, 2027",
    "sponsorship_status": "Signed",
    "portal_url": "https://www.python.org/users/sponsorships/1/",
}


def validate_message(**fields: str) -> None:
    """Raise ValidationError for each field that is not a valid template."""
    errors = {}
    for name, text in fields.items():
        try:
            render_template(text, VARIABLES)
        except (TemplateSyntaxError, TemplateDoesNotExist) as error:
            errors[name] = gettext("The template syntax is not valid: %(error)s. Check the braces.") % {"error": error}
    if errors:
        raise ValidationError(errors)


class MessageTemplate(RevisionMixin, PreviewableMixin, models.Model):
    """Message that staff send to several sponsors."""

    name = models.CharField(max_length=128, unique=True, help_text=_("Shown to staff only."))
    subject = models.CharField(max_length=128)
    body = models.TextField(help_text="Plain text with variables in double braces: " + ", ".join(VARIABLES) + ".")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        validate_message(subject=self.subject, body=self.body)

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return "cms/email_preview.html"

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        filled = {"subject": render_template(self.subject, VARIABLES), "body": render_template(self.body, VARIABLES)}
        return super().get_preview_context(request, mode_name) | filled
