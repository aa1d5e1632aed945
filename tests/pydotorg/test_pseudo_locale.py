"""Public pages in a made-up language: what is neither translated nor content of the database is hard-coded.

The language wraps each translated text in brackets. Templates are also read without being rendered
(`test_translations.py`); this test sees what Python code adds: labels, choices, errors, messages.
"""

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db import models
from django.utils import translation
from django.utils.translation import trans_real
from wagtail.fields import StreamField
from wagtail.models import Page

from tests.factories.users import UserFactory
from tests.pydotorg.test_routes import Demo, routes

pytestmark = [pytest.mark.django_db, pytest.mark.full]
START, END = "⟦", "⟧"
TEXT_FIELDS = (models.CharField, models.TextField, models.JSONField, models.FileField, StreamField)
# Elements whose text is code or a name, not prose.
CODE = {"script", "style", "code", "pre", "kbd", "samp", "svg"}
VISIBLE = {"aria-label", "alt", "placeholder", "title", "data-all", "data-filtered"}
# The same in all languages.
NAMES = {
    *("atom", "json", "rss", "ical", "icalendar", "ics", "csv", "pdf", "docx", "odt", "zip", "svg", "png", "webp", "html"),
    *("python", "python.org", "ctrl", "windows", "macos", "linux", "android", "ios", "source", "sha", "md", "gpg", "sbom"),
    *("sigstore", "kb", "mb", "gb", "utc", "usd", "eur", "pypi", "github", "google", "pycon", "us", "psf", "testserver", "url"),
}
# Abbreviations of time zones and currencies.
ACRONYM = re.compile(r"\b[A-Z]{3,5}\b")
# Pages that other people than visitors read, and files of other formats.
SKIPPED = re.compile(r"^/(admin|api|_util|metrics|m|documents|idp|\.well-known)/|/index\.md$")


class PseudoTranslation:
    """Translation object that wraps each string, with the methods that Django calls."""

    # django-countries takes the fallback away for a moment.
    _fallback = None

    def to_language(self) -> str:
        return "xx"

    def language(self) -> str:
        return "xx"

    def gettext(self, message: str) -> str:
        # Django puts the context of a message in front of it.
        text = message.rpartition(trans_real.CONTEXT_SEPARATOR)[2]
        return f"{START}{text}{END}" if text else text

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return self.gettext(singular if number == 1 else plural)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)

    def npgettext(self, context: str, singular: str, plural: str, number: int) -> str:
        return self.ngettext(singular, plural, number)


class TextReader(HTMLParser):
    """Collect the visible text of a page in order, with a separator between elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.code: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in CODE:
            self.code.append(tag)
        values = dict(attrs)
        shown = [values[name] or "" for name in VISIBLE if name in values]
        if tag == "input" and values.get("type") in {"submit", "button", "reset"}:
            shown.append(values.get("value") or "")
        self.parts += [f"\n{text}\n" for text in shown]
        self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.code and self.code[-1] == tag:
            self.code.pop()
        self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.code:
            self.parts.append(data)


def find_untranslated(source: str, known: str) -> Iterator[str]:
    """Yield strings of a page that are not wrapped and not part of `known`, the content of the database."""
    reader = TextReader()
    reader.feed(source)
    text = "".join(reader.parts)
    while START in text:
        shorter = re.sub(f"{START}[^{START}{END}]*{END}", "\n", text)
        if shorter == text:
            break
        text = shorter
    for line in re.split(r"[\n·|,:;()–—“”]|\.\s", text):
        words = " ".join(line.split()).strip(" .…#@")
        is_prose = any(word.lower() not in NAMES for word in re.findall(r"[^\W\d_]{2,}", ACRONYM.sub("", words)))
        if is_prose and "/" not in words and "@" not in words and words.lower() not in known:
            yield words


def read_database() -> str:
    """Return all text in the database as one lowercase string."""
    found = set()
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if isinstance(field, TEXT_FIELDS)]
        for row in model._default_manager.values_list(*(field.name for field in fields)) if fields else []:
            for field, value in zip(fields, row, strict=True):
                stored = field.get_prep_value(value) if isinstance(field, StreamField) else value
                found.add(stored if isinstance(stored, str) else json.dumps(stored, ensure_ascii=False, default=str))
    # JSON strings may contain escaped line breaks, quotes and characters.
    text = "\n".join(" ".join(html.unescape(re.sub(r"<[^>]+>", " ", each)).split()) for each in sorted(found) if each)
    text = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text.replace("\\n", " ").replace('\\"', '"'))
    return re.sub(r" +(?=[.,;:)])", "", re.sub(r" +", " ", text)).lower()


@pytest.fixture
def site(demo_site):
    return Demo()


@pytest.fixture
def pseudo(monkeypatch):
    monkeypatch.setitem(trans_real._translations, "xx", PseudoTranslation())
    with translation.override("xx"):
        yield


def find_in_pages(client, paths: list[str], known: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in paths:
        response = client.get(path, follow=True)
        final = response.redirect_chain[-1][0] if response.redirect_chain else path
        if response.streaming or "html" not in response.get("Content-Type", "") or SKIPPED.match(final):
            continue
        for text in find_untranslated(response.content.decode(), known):
            found.setdefault(text, set()).add(path)
    return found


def test_public_pages_have_no_hard_coded_text(client, site, pseudo):
    paths = [site.address(route) for route in routes() if not route.in_admin]
    paths += [page.url for page in Page.objects.live().public().filter(depth__gt=1).specific()]
    paths = [path for path in dict.fromkeys(paths) if path and not SKIPPED.match(path)]
    user = UserFactory()
    known = read_database()
    found = find_in_pages(client, paths, known)
    client.force_login(user)
    for text, where in find_in_pages(client, [path for path in paths if path.startswith(("/users", "/accounts"))], known).items():
        found.setdefault(text, set()).update(where)
    assert {text: sorted(where)[:2] for text, where in found.items()} == {}
