"""Descriptions, places and links of imported events."""

import html
import re
from collections.abc import Iterator

from django.utils.html import urlize

from cms.content import markup

from .decoding import Component

MAX_TEXT = 50_000
URL_LENGTH = 500
# Tags that occur in event descriptions. Plain text can contain other angle brackets.
TAG = re.compile(
    r"</?(?:a|b|blockquote|body|br|center|code|div|em|font|h[1-6]|head|hr|html|i|img|li|ol|p|pre|s|small|span|strong|style|sub|sup"
    r"|table|tbody|td|th|tr|tt|u|ul|script)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
BLOCK_TAG = re.compile(r"<(?:br|p|div|li|tr|pre|h[1-6])\b", re.IGNORECASE)
# Outlook writes a link as its text followed by the URL in angle brackets.
ANGLE_URL = re.compile(r"\s*<(?:URL:)?((?:https?|webcals?|mailto):[^\s<>]+)>", re.IGNORECASE)
ANGLE_EMAIL = re.compile(r"\s*<([^\s<>@]+@[^\s<>@]+\.[^\s<>@]+)>")
BODY = re.compile(r"<body[^>]*>(.*?)(?:</body>|$)", re.IGNORECASE | re.DOTALL)
HIDDEN = re.compile(r"<(head|title|style|script)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
# Tags that have an equivalent among the allowed tags.
EQUAL_TAGS = {"div": "p", "tr": "p", "b": "strong", "i": "em", "tt": "code", "h1": "h3", "h2": "h3", "h5": "h4", "h6": "h4"}
RENAMED = re.compile(rf"<(/?)({'|'.join(EQUAL_TAGS)})(?=[\s/>])", re.IGNORECASE)
ENTITY = re.compile(r"&(?:amp|nbsp|quot|#0?39|apos|#\d{2,5});")
URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
MEETING_HOST = re.compile(
    r"(?:^|\.)(?:zoom|meet|teams|webex|jitsi|jit\.si|gotomeet(?:ing)?|goto|whereby|bbb|bigbluebutton|discord|youtube|youtu\.be|twitch"
    r"|streamyard|crowdcast|gather\.town|hopin|riverside|livestream|skype|bigmarker|vimeo)\b",
    re.IGNORECASE,
)
MAP = re.compile(
    r"(?:^|\.)(?:maps?\.|google\.[a-z.]+/maps|goo\.gl/maps|maps\.app|openstreetmap|osm\.|here\.com|what3words)", re.IGNORECASE
)
# Locations that only mean that the event is online.
ONLINE_WORDS = re.compile(
    r"^(?:online|virtual|remote|(?:online|virtual) (?:event|meeting)|zoom(?: meeting)?|google meet"
    r"|(?:microsoft )?teams(?: meeting)?|webinar|jitsi|video call|see description)$",
    re.IGNORECASE,
)
MEETING_PROPERTIES = (
    "X-GOOGLE-CONFERENCE",
    "X-MICROSOFT-SKYPETEAMSMEETINGURL",
    "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
    "X-ONLINE-MEETING",
)


def describe(entry: Component) -> str:
    """Return the description of an event, HTML or plain text, as safe HTML with links and line breaks."""
    for alternative in [*entry.all("STYLED-DESCRIPTION"), *entry.all("X-ALT-DESC")]:
        if "html" in alternative.params.get("FMTTYPE", "").lower():
            found = clean_html(alternative.text)
            if markup.plain_html(found):
                return found
    description = entry.text("DESCRIPTION")
    return to_html(description) if description else ""


def to_html(text: str) -> str:
    text = text[:MAX_TEXT]
    if ENTITY.search(text) and not TAG.search(text):
        text = html.unescape(text).replace("\xa0", " ")
    text = ANGLE_EMAIL.sub(r" \1 ", ANGLE_URL.sub(r" \1 ", text)).strip()
    if TAG.search(text):
        return clean_html(text)
    paragraphs = re.split(r"\n\s*\n", html.escape(re.sub(r"[ \t]+(?=\n)", "", text), quote=False))
    joined = "".join(f"<p>{paragraph.strip().replace(chr(10), '<br>')}</p>" for paragraph in paragraphs if paragraph.strip())
    return add_links(str(markup.clean(joined)))


def clean_html(text: str) -> str:
    """Return HTML with allowed tags and links for URLs, and with line breaks if they are only in the source text."""
    text = text[:MAX_TEXT]
    body = BODY.search(text)
    text = HIDDEN.sub("", body[1] if body else text)
    if not BLOCK_TAG.search(text):
        text = text.strip().replace("\n", "<br>")
    text = RENAMED.sub(lambda found: f"<{found[1]}{EQUAL_TAGS[found[2].lower()]}", text)
    cleaned = re.sub(r"<p>(?:\s|&nbsp;|<br>)*</p>", "", str(markup.clean(text)))
    return add_links(cleaned).strip()


def add_links(cleaned: str) -> str:
    """Return cleaned HTML with links for URLs and email addresses that are not links yet."""
    return str(markup.clean("".join(_linked(re.split(r"(<[^<>]*>)", cleaned)))))


def _linked(tokens: list[str]) -> Iterator[str]:
    inside = 0
    for token in tokens:
        if token.startswith("<"):
            if re.match(r"<(?:a|pre|code)\b", token):
                inside += 1
            elif re.match(r"</(?:a|pre|code)>", token):
                inside -= 1
            yield token
        elif inside or not re.search(r"://|www\.|@", token):
            yield token
        else:
            yield urlize(html.unescape(token), autoescape=True)


def clean_url(text: str) -> str:
    """Return the first URL in a string if it fits into its column."""
    found = URL.search(text)
    url = found[0].rstrip(".,;:!?)]}'") if found else ""
    return url if len(url) <= URL_LENGTH and not re.search(r"[^\x21-\x7e\u00a1-\uffff]", url) and _has_host(url) else ""


def _has_host(url: str) -> bool:
    host = re.sub(r"^https?://", "", url, flags=re.IGNORECASE).split("/")[0].split("?")[0]
    return bool(re.match(r"^(?:[^@/]*@)?(?:[\w-]+(?:\.[\w-]+)+|localhost|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$", host))


def find_place(entry: Component) -> tuple[str, str]:
    """Return (location, meeting URL). URLs in LOCATION, CONFERENCE or program-specific properties are not locations."""
    online = next(filter(None, (clean_url(one.text) for one in _conferences(entry))), "")
    location = " ".join(entry.text("LOCATION").split())
    url = clean_url(location)
    if url:
        host = re.sub(r"^https?://", "", url, flags=re.IGNORECASE)
        rest = location.replace(url, "").strip(" ,;:-–|()<>")
        if MAP.search(host.split("?")[0]):
            return (rest or location)[:255], online
        if not rest or MEETING_HOST.search(host.split("/")[0]):
            online = online or url
            location = rest
    if online and ONLINE_WORDS.match(location):
        location = ""
    return location[:255], online


def _conferences(entry: Component) -> list:
    """Return the properties that may contain a meeting URL, those for video first."""
    conferences = sorted(entry.all("CONFERENCE"), key=lambda one: "VIDEO" not in one.params.get("FEATURE", "VIDEO").upper())
    return [*conferences, *(one for name in MEETING_PROPERTIES for one in entry.all(name))]
