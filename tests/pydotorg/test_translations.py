"""Templates of public and admin pages have no text that gettext does not see."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.template import Context, Template

from docs.inventory import read_script

TEMPLATES = Path(settings.BASE_DIR, "templates")
# Texts of emails are translated as a whole, by a template of the admin.
NOT_TRANSLATED = {"email"}
FILES = sorted(
    path.relative_to(TEMPLATES).as_posix()
    for path in TEMPLATES.rglob("*.html")
    # The style guide is a page for developers, mounted with DEBUG only.
    if not NOT_TRANSLATED & set(path.parts) and path.name != "styleguide.html"
)
# What is the same in all languages: formats and names.
UNTRANSLATED = {
    *("RSS", "Atom", "JSON", "SHA-256", "MD5", "GPG", "SBOM", "PDF", "DOCX", "Sigstore"),
    *("Python", "python", "Python.org", "python.org", "Ctrl K", "CSV", "yes", "Esc", "Ctrl", "Enter"),
}
IGNORED = re.compile(
    r"{#.*?#}|<!--.*?-->|{%\s*comment.*?endcomment\s*%}|{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}"
    r"|<(script|style)\b.*?</\1>|<!DOCTYPE.*?>",
    re.DOTALL,
)
TEMPLATE_TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
HTML_TAG = re.compile(r"<[/a-zA-Z][^>]*>")
# Attributes that people read, and arguments of components that end in the page.
ATTRIBUTE = re.compile(r'\s(?:aria-label|alt|placeholder|title)="([^"]*)"')
DESCRIPTION = re.compile(r'<meta\s+name="description"\s+content="([^"]*)"')
ARGUMENT = re.compile(r'\b(?:action|body|heading|label|link_text|text|title)="([^"]*)"')
# A `yesno` with lowercase values chooses a CSS class.
FALLBACK = re.compile(r'\|(?:default:|yesno:(?="[A-Z]))"([^"]*)"')
# Lowercase fallbacks are names of styles and parts of URLs.
FIRST_OF = re.compile(r'{%\s*firstof [^%]*?(?<!_\()"([A-Z][^"]*)"')


def find_hard_coded(source: str) -> Iterator[str]:
    """Yield strings of a template that are neither in a `translate` or `blocktranslate` tag nor in `_()`."""
    source = IGNORED.sub("", source)
    found = []
    for tag in TEMPLATE_TAG.findall(source):
        found += FALLBACK.findall(tag)
        if tag.startswith(("{% include", "{% sponsor_logos")):
            found += ARGUMENT.findall(tag)
        found += FIRST_OF.findall(tag)
    html = TEMPLATE_TAG.sub("", source)
    for tag in HTML_TAG.findall(html):
        found += ATTRIBUTE.findall(tag) + DESCRIPTION.findall(tag)
    found += HTML_TAG.sub("\n", html).splitlines()
    for text in found:
        words = re.sub(r"&\w+;", "", text).strip(" \t·|,.:()")
        if re.search(r"[^\W\d_]{2}", words) and words not in UNTRANSLATED:
            yield words


@pytest.mark.parametrize("name", FILES)
def test_a_template_has_no_hard_coded_text(name):
    assert list(find_hard_coded((TEMPLATES / name).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        "Hello {{ name }}",
        '<nav aria-label="Pages"></nav>',
        '<meta name="description" content="About">',
        '{% include "components/empty.html" with title="Nothing" only %}',
        '{{ count|default:"None" }}',
        '{% firstof title "Events" %}',
    ],
)
def test_hard_coded_text_is_found(source):
    assert len(list(find_hard_coded(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        '<p>{% translate "Hello" %}</p>',
        "{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}",
        '{% include "components/empty.html" with title=_("Nothing") only %}',
        '{% firstof title _("Events") %}',
        '<a class="more" href="/">RSS</a>',
    ],
)
def test_translatable_text_is_not_found(source):
    assert list(find_hard_coded(source)) == []


def test_scripts_get_their_texts_from_templates():
    found = {
        (path.name, text)
        for path in Path(settings.BASE_DIR, "pydotorg/static/js").glob("*.js")
        for _line, text in read_script(path.read_text(encoding="utf-8"))
        if re.match(r"[A-Z…]", text)
    }
    assert found == {
        # Errors that are caught, and shown to nobody.
        ("copy.js", "The browser refused to copy."),
        ("keep-text.js", "The session endpoint returned …."),
    }


def test_dates_without_a_format_are_american():
    at = datetime(2026, 11, 29, 17, 0, tzinfo=UTC)
    html = Template("{{ at }} {{ at.date }} {{ at|time }}").render(Context({"at": at}))
    assert html == "Nov 29, 2026, 5:00 PM Nov 29, 2026 5:00 PM"


@pytest.mark.full
@pytest.mark.skipif(not shutil.which("xgettext"), reason="xgettext is not installed")
def test_all_texts_can_be_extracted(settings, tmp_path, monkeypatch, capfd):
    """`makemessages` warns about strings that translators cannot handle, and fails for templates that it cannot read."""
    for name in git_files():
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(Path(settings.BASE_DIR, name).read_bytes())
    (tmp_path / "locale").mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path)
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    call_command("makemessages", locale=["xx"], no_location=True, verbosity=1)
    assert "warning" not in capfd.readouterr().err
    catalog = (tmp_path / "locale/xx/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    assert 'msgid "Get the latest stable release"' in catalog
    assert 'msgid "No failed tasks."' in catalog
    known = {entry.msgid for entry in polib.pofile(catalog)}
    spanish = polib.pofile(Path(settings.BASE_DIR, "locale/es/LC_MESSAGES/django.po").read_text(encoding="utf-8"))
    assert [entry.msgid for entry in spanish if entry.msgid not in known] == []


@pytest.mark.parametrize("path", sorted(Path(settings.BASE_DIR, "locale").rglob("*.po")), ids=lambda path: path.parts[-3])
def test_catalogs_are_compiled(path):
    compiled, source = polib.mofile(path.with_suffix(".mo")), polib.pofile(path).translated_entries()
    assert {(entry.msgctxt, entry.msgid): entry.msgstr for entry in compiled} == {
        (entry.msgctxt, entry.msgid): entry.msgstr for entry in source
    }


def git_files() -> list[str]:
    """Return the Python files and templates of our apps."""
    out = subprocess.run(["git", "ls-files", "*.py", "*.html", "*.txt"], capture_output=True, text=True, check=True).stdout
    return [
        name for name in out.split() if not name.startswith(("tests/", "deploy/", "benchmarks/")) and "/migrations/" not in name
    ]
