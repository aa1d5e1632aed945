"""The strings of django-allauth use the terms of the site: sign in, create an account, email address, sentence case."""

import ast
import re
from pathlib import Path

import allauth
import pytest
from django.conf import settings
from django.utils.translation import gettext, pgettext

from docs.terminology import check_text

OURS = Path(settings.BASE_DIR, "locale/en/LC_MESSAGES/django.po")
# A translation of allauth lists all its strings.
THEIRS = Path(allauth.__file__).parent / "locale/de/LC_MESSAGES/django.po"
TITLE_CASE = re.compile(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b")
# Texts of registers that only site admins see, and names.
ALLOWED = {"TOTP Authenticator", "Allow URI wildcards"}


def read_entries(path: Path) -> list[tuple[str, str, str]]:
    """Return the context, original and translation of each entry of a .po file."""
    found = []
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        parts = re.findall(r'^(msgctxt|msgid|msgstr)(?:\[0\])? ((?:".*"\n?)+)', block, re.MULTILINE)
        entry = {key: "".join(ast.literal_eval(line) for line in text.strip().split("\n")) for key, text in parts}
        if entry.get("msgid"):
            found.append((entry.get("msgctxt", ""), entry["msgid"], entry["msgstr"]))
    return found


def translate(context: str, text: str) -> str:
    return pgettext(context, text) if context else gettext(text)


def test_the_compiled_wording_is_current():
    entries = [entry for entry in read_entries(OURS) if "%(total_count)s" not in entry[1]]
    assert len(entries) > 100
    assert [entry for entry in entries if translate(*entry[:2]) != entry[2]] == []


@pytest.mark.parametrize("entry", read_entries(THEIRS), ids=lambda entry: entry[1][:40])
def test_a_text_of_allauth_uses_our_terms(entry):
    text = translate(*entry[:2])
    if any(name in text for name in ALLOWED):
        return
    assert [found for _, found, _ in check_text(text)] == []
    assert not TITLE_CASE.search(text)
