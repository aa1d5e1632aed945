"""Languages of the site: English without a prefix, every other language under its code, such as /es/."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from wagtail.models import Locale, Page, PageQuerySet, Site

from cms.delivery import cached, surrogate_keys

from .public_pages import without_private

Row = TypeVar("Row", bound=Model)
Pages = TypeVar("Pages", bound=PageQuerySet)
# Ranges of letters that name the language of a title, and the language that most often uses them.
SCRIPTS = [
    ("ja", "\u3040", "\u30ff"),
    ("ko", "\uac00", "\ud7af"),
    ("zh", "\u4e00", "\u9fff"),
    ("ru", "\u0400", "\u04ff"),
    ("ar", "\u0600", "\u06ff"),
    ("he", "\u0590", "\u05ff"),
    ("el", "\u0370", "\u03ff"),
    ("hi", "\u0900", "\u097f"),
    ("th", "\u0e00", "\u0e7f"),
]
# Letters of Ukrainian that Russian does not have.
UKRAINIAN = frozenset("ґєіїҐЄІЇ")


class Language(NamedTuple):
    """Language of a page, with its name in the language itself."""

    code: str
    name: str
    url: str
    is_current: bool


def is_default(code: str | None) -> bool:
    return code in {None, settings.LANGUAGE_CODE}


def current_language() -> str:
    """Return the language of the response that is being made, one of those that pages can have."""
    code = translation.get_language() or settings.LANGUAGE_CODE
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def codes_in_use() -> list[str]:
    """Return the languages that have a front page. Wagtail caches them with the roots of the site: this takes no query."""
    return [path.language_code for path in Site.get_site_root_paths()]


class LanguageMiddleware:
    """Activate the language that a URL begins with, if the site has pages in it.

    Unlike Django's own middleware it reads neither cookies nor Accept-Language, so that caches need no Vary header.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = translation.get_language_from_path(request.path_info)
        if code is None or is_default(code) or code not in codes_in_use():
            return self.get_response(request)
        with translation.override(code):
            response = self.get_response(request)
        if response.status_code == HTTPStatus.OK:
            response.headers.setdefault("Content-Language", code)
        return response


def split_prefix(path: str) -> tuple[str, str]:
    """Return the language of a path on the site, and the path without its prefix."""
    code = translation.get_language_from_path(f"/{path.lstrip('/')}")
    if code is None or is_default(code) or code not in codes_in_use():
        return settings.LANGUAGE_CODE, path
    return code, path.lstrip("/")[len(code) :].lstrip("/")


def versions_of(page: Page) -> list[Language]:
    """Return the published versions of a page in all languages, English first, or nothing if there is only this one."""
    if len(codes_in_use()) < 2:  # noqa: PLR2004 -- English and another one.
        return []
    # Without the content of the pages, which is in the tables of their types.
    pages = without_private(Page.objects.filter(translation_key=page.translation_key).live().select_related("locale"))
    names = dict(settings.LANGUAGES)
    found = {each.locale.language_code: each for each in pages}
    versions = [
        Language(code, names[code], found[code].full_url, code == page.locale.language_code) for code in names if code in found
    ]
    return versions if len(versions) > 1 else []


def in_current_language(rows: Iterable[Row]) -> list[Row]:
    """Return translatable rows in the current language, and the English ones that have no translation, in their order.

    Rows without a language, written by the previous release, are English.
    """
    current = current_language()
    chosen: dict[Any, Row] = {}
    for row in rows:
        code = row.locale.language_code if row.locale_id else settings.LANGUAGE_CODE  # type: ignore[attr-defined]
        key = row.translation_key or row.pk  # type: ignore[attr-defined]
        if code == current or (is_default(code) and key not in chosen):
            chosen[key] = row
    return list(chosen.values())


def translated_urls() -> dict[str, str]:
    """Return the URLs of published pages in the current language, by the URL of their English version."""
    code = current_language()
    if is_default(code) or code not in codes_in_use():
        return {}
    pages = Page.objects.live().filter(locale__language_code=code).select_related("locale")
    translated = {page.translation_key: page.url for page in pages}
    english = Page.objects.filter(locale__language_code=settings.LANGUAGE_CODE, translation_key__in=translated)
    return {page.url: translated[page.translation_key] for page in english.select_related("locale")}


def in_default_language(pages: Pages) -> Pages:
    """Return the English pages, for lists at URLs without a language."""
    if len(codes_in_use()) == 1:
        return pages
    default = cached.cached("default-locale", lambda: Locale.get_default().pk, [surrogate_keys.SITE_KEY])
    return pages.filter(locale=default)


def is_in_default_language(row: Any) -> bool:
    return not row.locale_id or is_default(row.locale.language_code)


def is_taken(row: Any, **values: Any) -> bool:
    """Return whether another translatable row than the translations of this one has the values."""
    return type(row).objects.filter(**values).exclude(pk=row.pk).exclude(translation_key=row.translation_key).exists()


def language_of(text: str) -> str:
    """Return the language of a string in a script other than Latin for the `lang` attribute, or an empty string."""
    letters = [letter for letter in text if letter.isalpha()]
    for code, first, last in SCRIPTS:
        # Japanese and Korean text has Chinese characters too, and names stay in Latin letters.
        if sum(first <= letter <= last for letter in letters) * 3 >= max(len(letters), 1):
            return "uk" if code == "ru" and UKRAINIAN.intersection(text) else code
    return ""
