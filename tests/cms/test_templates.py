"""Smaller pages: the indentation of templates is removed."""

import re

import pytest
from django.conf import settings

from cms.platform.templates import without_indentation

TEMPLATES = sorted(settings.BASE_DIR.glob("templates/**/*.html"))


def test_blanks_go_where_they_show_nothing():
    html = "<ul>\n    <li>One  two</li>\n\n    \n\t<li>\n        three </li>  \n</ul>\n"
    assert without_indentation(html) == "<ul>\n<li>One  two</li>\n<li>\nthree </li>\n</ul>\n"


@pytest.mark.parametrize("element", ["pre", "textarea", "script", "style"])
def test_blanks_stay_in_elements_that_show_them(element):
    kept = f"<{element} class='a'>\n    if x:\n\n        y\n</{element}>"
    assert without_indentation(f"<p>\n    {kept}\n    </p>") == f"<p>\n{kept}\n</p>"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))
def test_a_message_of_several_lines_is_trimmed(path):
    """Without `trimmed`, the extracted message has spaces that the compiled template lacks, so no translation is found."""
    source = path.read_text(encoding="utf-8")
    for opening, body in re.findall(r"{% blocktrans(?:late)?\b([^%]*)%}(.*?){% endblocktrans", source, re.DOTALL):
        assert "trimmed" in opening or "\n" not in body


@pytest.mark.django_db
def test_a_page_has_no_indentation(client):
    assert not re.search(rb"^[ \t]+<", client.get("/report-a-problem/").content, re.MULTILINE)
