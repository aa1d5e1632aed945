"""Translations in the admin: who sees the progress report, and the permissions on the pages of a language."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.models import Locale, Page, TranslatableMixin
from wagtail_localize import wagtail_hooks as localize_hooks
from wagtail_localize.models import TranslationSource
from wagtail_localize.views.report import TranslationsReportView

from cms.content.languages import is_default
from users.groups import let_translate
from users.models import User

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


def drop_hook(name: str, function: Callable) -> None:
    """Remove a function of a library from a hook."""
    hooks._hooks[name] = [(known, order) for known, order in hooks._hooks.get(name, []) if known is not function]


def read_languages(user: User) -> tuple[int, dict]:
    """Return the number of languages, and what is translated, read once for all rows of a list.

    The keys are translation keys, the values the ID of the source and its number of translations.
    """
    # A user object exists for one request only.
    if "_languages" not in user.__dict__:
        sources = TranslationSource.objects.filter(translations__enabled=True).annotate(number=Count("translations"))
        found = {key: (pk, number) for key, pk, number in sources.values_list("object_id", "pk", "number")}
        user.__dict__["_languages"] = Locale.objects.count(), found
    return user.__dict__["_languages"]


def list_buttons(row: Any, user: User, next_url: str | None = None, **kwargs: Any) -> Iterator[Button]:
    """Yield the buttons of a row in a list. Those of the library take two queries for each row."""
    if not isinstance(row, TranslatableMixin) or not user.has_perm(MAY_TRANSLATE):
        return
    count, sources = read_languages(user)
    source, number = sources.get(row.translation_key, (None, 0))
    # Without a language that is left, the form of the library would have nothing to choose.
    if number + 1 < count and not (isinstance(row, Page) and row.is_root()):
        yield Button(_("Translate"), submit_url(row), priority=60, icon_name="wagtail-localize-language")
    if source:
        url = reverse("wagtail_localize:update_translations", args=[source])
        url += f"?{urlencode({'next': next_url})}" if next_url else ""
        yield Button(_("Sync translations"), url, priority=61, icon_name="resubmit")


def page_buttons(page: Page, user: User, next_url: str | None = None, **kwargs: Any) -> Iterator[Button]:
    """Yield the buttons of a page in the explorer, where Wagtail passes the page by name."""
    return list_buttons(page, user, next_url)


def submit_url(row: Any) -> str:
    if isinstance(row, Page):
        return reverse("wagtail_localize:submit_page_translation", args=[row.pk])
    return reverse("wagtail_localize:submit_snippet_translation", args=[row._meta.app_label, row._meta.model_name, row.pk])


def is_report_shown(request: HttpRequest) -> bool:
    return request.user.has_perm(MAY_TRANSLATE)


def hide_report(request: HttpRequest, menu_items: list[Any]) -> None:
    """Remove the report from the menu of those who cannot open it."""
    if not is_report_shown(request):
        menu_items[:] = [item for item in menu_items if not isinstance(item, localize_hooks.TranslationsReportMenuItem)]


@receiver(post_save)
def grant_translators(sender: Any, instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002 -- the signal's arguments.
    """Let translators work on the pages of a language when its front page is made."""
    is_page = created and not raw and issubclass(sender, Page) and sender is not Page
    if is_page and instance.depth == FRONT_PAGE_DEPTH and not is_default(instance.locale.language_code):
        let_translate(instance)
