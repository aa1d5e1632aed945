"""Models that staff edit: deleted records go to the trash, and changed ones have versions, or `EXCEPTIONS` has a reason.

The models are those of all admin lists, registers, settings and page types: a new one needs no entry here.
"""

from collections.abc import Iterator

from django.db import models
from wagtail.admin.viewsets import viewsets
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.models import Page, RevisionMixin, get_page_models
from wagtail_modeladmin.options import ModelAdmin

from cms.content.models.media import CustomDocument, CustomImage
from cms.moderation.models import ProblemReport
from cms.undo import files, steps, versions

# Models whose lists in the admin are no viewsets of models.
OTHERS: list[type[models.Model]] = [Redirect, CustomImage, CustomDocument]
WRITTEN_BY_THE_SITE = "Written by the site; staff read it and cannot change or delete it."
# Label of a model -> why it is in neither.
EXCEPTIONS = {
    "users.User": "Personal data: deleted accounts never enter the trash. Changes are in the log.",
    "wagtailcore.APIToken": "A revoked key must not work again.",
    "wagtailcore.Locale": "Languages are settings of the deployment.",
    "wagtailcore.Page": "Base of all page types, which are listed themselves.",
    "cms.LiveCheck": WRITTEN_BY_THE_SITE,
    "cms.MissingURL": WRITTEN_BY_THE_SITE,
    "cms.Purge": WRITTEN_BY_THE_SITE,
    "cms.SentEmail": WRITTEN_BY_THE_SITE,
    "psf.Membership": WRITTEN_BY_THE_SITE,
    "psf.Resolution": "Edited in its minutes, whose versions contain it.",
}


def _registers() -> Iterator[type[ModelAdmin]]:
    waiting: list[type[ModelAdmin]] = [ModelAdmin]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        waiting += subclasses
        yield from (subclass for subclass in subclasses if subclass.model)


def find_registered_models() -> set[type[models.Model]]:
    """Return the models of all admin lists, registers, settings and page types."""
    lists = {viewset.model for viewset in viewsets.viewsets if isinstance(viewset, ModelViewSet)}
    return {*lists, *(register.model for register in _registers()), *settings_registry, *get_page_models(), *OTHERS}


def find_restorable_models() -> list[type[models.Model]]:
    """Return the models whose records go to the trash and have versions."""
    found = (model for model in find_registered_models() if model._meta.label not in EXCEPTIONS)
    return sorted(found, key=lambda model: model._meta.label)


def connect() -> None:
    """Start to record deletions and changes of all models that staff edit."""
    files.keep_files(CustomImage)
    files.keep_files(CustomDocument)
    # Removed in the moderation queue; they have no form.
    steps.register(ProblemReport)
    for model in find_restorable_models():
        steps.register(model)
        # Wagtail shows revisions of pages and snippets only.
        has_views = issubclass(model, Page) or (issubclass(model, RevisionMixin) and hasattr(model, "snippet_viewset"))
        versions.register(model, has_revision_views=has_views)
