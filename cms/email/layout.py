"""HTML version of an email, generated from its plain text: paragraphs, lists and links in a layout for light and dark mode."""

import re
from itertools import groupby

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

MAX_LINK_TEXT = 70
BULLET = "- "
LINK = re.compile(r"https?://[^\s<>\"]+")


def build_blocks(text: str) -> list[dict[str, object]]:
    """Return the paragraphs and lists of an email body, each line as HTML with links."""
    blocks: list[dict[str, object]] = []
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        for is_list, group in groupby(lines, key=lambda line: line.startswith(BULLET)):
            items = [format_line(line.removeprefix(BULLET) if is_list else line) for line in group]
            blocks.append({"is_list": is_list, "lines": items})
    return blocks


def format_line(line: str) -> SafeString:
    """Return a line as safe HTML with links, whose text is shortened for phones. Other text is never a link."""
    parts = []
    end = 0
    for found in LINK.finditer(line):
        url = found[0].rstrip(".,;:!?)")
        text = url if len(url) <= MAX_LINK_TEXT else f"{url[: MAX_LINK_TEXT - 1]}…"
        parts.append(format_html('{}<a href="{}">{}</a>', line[end : found.start()], url, text))
        end = found.start() + len(url)
    return format_html("{}{}", SafeString("".join(parts)), line[end:])


def render_html(subject: str, body: str) -> str:
    """Return the HTML version of a plain text email."""
    context = {
        "subject": subject,
        "blocks": build_blocks(body),
        "site_name": settings.WAGTAIL_SITE_NAME,
        "url": settings.BASE_URL,
    }
    return render_to_string("cms/email/layout.html", context)
