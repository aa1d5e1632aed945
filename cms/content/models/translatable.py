"""Base class of snippets with a version in each language."""

from uuid import uuid4

from django.db import models
from wagtail.models import BootstrapTranslatableMixin


class TranslatableSnippet(BootstrapTranslatableMixin):
    """Snippet with translations. Rows that the previous release wrote have no language, and count as English."""

    translation_key = models.UUIDField(default=uuid4, null=True, editable=False)

    class Meta:
        abstract = True
