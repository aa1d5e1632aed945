"""Templates of the admin: tables scroll on narrow screens, and messages in boxes have an icon."""

import re
from pathlib import Path

from django.conf import settings

TABLE = re.compile(r'(?P<before><[^<>]*>)\s*<table class="listing')


def test_each_table_of_the_admin_is_in_a_scrolling_container():
    outside = []
    for path in Path(settings.BASE_DIR, "templates").glob("**/admin/**/*.html"):
        text = re.sub(r"\{%.*?%\}|\{#.*?#\}", "", path.read_text(encoding="utf-8"))
        outside += [path.name for found in TABLE.finditer(text) if "overflow" not in found["before"]]
        assert text.count('<table class="listing') == len(TABLE.findall(text)), path
    assert outside == []


def test_boxed_messages_are_made_with_the_tag_that_adds_their_icon():
    paths = Path(settings.BASE_DIR, "templates").glob("**/admin/**/*.html")
    assert [path.name for path in paths if 'class="help-block' in path.read_text(encoding="utf-8")] == []
