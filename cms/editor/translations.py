"""Translations in the admin: who sees the progress report, and the permissions on the pages of a language."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import URLPattern, path
from wagtail.models import Page
from wagtail_localize.views.report import TranslationsReportView
from wagtail_localize.wagtail_hooks import TranslationsReportMenuItem

from cms.content.languages import is_default
from users.groups import let_translate

MAY_TRANSLATE = "wagtail_localize.submit_translation"
FRONT_PAGE_DEPTH = 2


class GuardedTranslationsReportView(TranslationsReportView):
    """Report of the translations and what is missing in each, for those who translate. The library shows it to all staff."""

    permission_required = MAY_TRANSLATE

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().order_by("-pk")

    def user_has_permission(self, permission: str) -> bool:
        return self.request.user.has_perm(permission)


def urls() -> list[URLPattern]:
    """Return the URLs that replace those of the library."""
    return [
        path("localize/reports/translations/", GuardedTranslationsReportView.as_view()),
        path("localize/reports/translations/results/", GuardedTranslationsReportView.as_view(results_only=True)),
    ]


def is_report_shown(request: HttpRequest) -> bool:
    return request.user.has_perm(MAY_TRANSLATE)


def hide_report(request: HttpRequest, menu_items: list[Any]) -> None:
    """Remove the report from the menu of those who cannot open it."""
    if not is_report_shown(request):
        menu_items[:] = [item for item in menu_items if not isinstance(item, TranslationsReportMenuItem)]


@receiver(post_save)
def grant_translators(sender: Any, instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002 -- the signal's arguments.
    """Let translators work on the pages of a language when its front page is made."""
    is_page = created and not raw and issubclass(sender, Page) and sender is not Page
    if is_page and instance.depth == FRONT_PAGE_DEPTH and not is_default(instance.locale.language_code):
        let_translate(instance)
