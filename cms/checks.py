"""A register that writes past drafts, locks and moderation is refused at start-up."""

from django.apps import apps
from django.core.checks import Error, register
from wagtail.admin.viewsets import viewsets
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.models import DraftStateMixin
from wagtail.snippets.views.snippets import SnippetViewSet
from wagtail_modeladmin.options import ModelAdmin


@register()
def check_admins_respect_drafts(app_configs, **kwargs):
    admins = [type(viewset) for viewset in viewsets.viewsets if not isinstance(viewset, SnippetViewSet)]
    candidates = [*admins, *_subclasses(ModelAdmin)]
    return (
        [
            Error(
                f"{admin.__name__} edits {admin.model.__name__}, which has drafts: it would publish every change at once.",
                hint="Use a SnippetViewSet.",
                id="cms.E001",
            )
            for admin in candidates
            if issubclass(admin, (ModelViewSet, ModelAdmin))
            and isinstance(getattr(admin, "model", None), type)
            and issubclass(admin.model, DraftStateMixin)
        ]
        if apps.ready
        else []
    )


def _subclasses(cls):
    for subclass in cls.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)
