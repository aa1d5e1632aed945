"""System checks that reject admin classes that bypass drafts or allow HTML for all users."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import Error, register
from django.db import models
from django.forms import ModelForm
from django.urls import reverse
from wagtail.admin.viewsets import viewsets
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, get_page_models
from wagtail.snippets.views.snippets import SnippetViewSet
from wagtail_modeladmin.options import ModelAdmin

from .forms import TrustedHTMLForm, holds_html


@register()
def check_admins_respect_drafts(app_configs: Any, **kwargs: Any) -> Any:
    """Refuse admin classes without drafts on models with drafts: they bypass locks and moderation (cms.E001)."""
    return [
        Error(
            f"{admin.__name__} edits {admin.model.__name__}, which has drafts: every change would be published immediately.",
            hint="Use a SnippetViewSet.",
            id="cms.E001",
        )
        for admin in [*model_viewsets(), *model_admins()]
        if issubclass(admin.model, DraftStateMixin)
    ]


@register()
def check_forms_hold_html_back(app_configs: Any, **kwargs: Any) -> Any:
    """Reject forms that accept raw HTML blocks from all users (cms.E002)."""
    return [
        Error(
            f"The form of {model.__name__} accepts HTML from all users.",
            hint="Give its panels base_form_class=TrustedHTMLForm.",
            id="cms.E002",
        )
        for model, form_class in admin_forms()
        if not issubclass(form_class, TrustedHTMLForm)
    ]


def model_viewsets() -> Iterator[type[ModelViewSet]]:
    # Viewsets register themselves when the admin's URLs are first loaded.
    reverse("wagtailadmin_home")
    for viewset in viewsets.viewsets:
        if isinstance(viewset, ModelViewSet) and not isinstance(viewset, SnippetViewSet):
            yield type(viewset)


def model_admins() -> Iterator[type[ModelAdmin]]:
    waiting = [ModelAdmin]
    while waiting:
        subclasses = waiting.pop().__subclasses__()
        yield from (admin for admin in subclasses if admin.model)
        waiting += subclasses


def admin_forms() -> Iterator[tuple[type[models.Model], type[ModelForm]]]:
    """Return the forms of models that can hold HTML."""
    reverse("wagtailadmin_home")
    for page_model in get_page_models():
        if can_hold_html(page_model):
            yield page_model, page_model.get_edit_handler().get_form_class()
    for viewset in viewsets.viewsets:
        if isinstance(viewset, ModelViewSet) and can_hold_html(viewset.model):
            yield viewset.model, viewset.get_form_class()
    for admin in model_admins():
        if can_hold_html(admin.model):
            yield admin.model, admin().get_edit_handler().bind_to_model(admin.model).get_form_class()


def can_hold_html(model: type[models.Model]) -> bool:
    return any(isinstance(field, StreamField) and holds_html(field.stream_block) for field in model._meta.concrete_fields)
