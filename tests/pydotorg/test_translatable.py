"""Templates of public pages contain no text that cannot be translated."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path("templates")
SECTIONS = ("community", "psf", "sponsors")
# Not text of the interface: translated blocks, template code, scripts and styles, HTML tags, entities.
CODE = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}|{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>|&\w+;", re.DOTALL)
FORMATS = {"RSS", "PDF", "DOCX", "CSV", "XLSX"}
FILES = [file for name in SECTIONS for file in sorted((TEMPLATES / name).rglob("*.html")) if "email" not in file.parts]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(TEMPLATES)))
def test_all_text_is_translatable(file):
    text = MARKUP.sub("\n", CODE.sub("", file.read_text(encoding="utf-8")))
    assert [word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in FORMATS] == []
