"""Tables of the admin scroll on narrow screens instead of breaking words or leaving the screen."""

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
