"""Text from outside: removal of forbidden characters, and parsing of numbers.

All input passes `clean_text`: `cms.platform.middleware.InputMiddleware` applies it to forms, query strings and JSON bodies; the
importer and the readers of feeds and calendars call it themselves. Writers of XML, iCalendar and spreadsheets call it again,
for text that was stored by another route.
"""

import json
import re
from decimal import Decimal
from typing import Any, overload

# Control characters except tab and line breaks, unpaired surrogates, and non-characters. XML 1.0 forbids most of them.
FORBIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
# JSON escape that may represent one of them.
ESCAPE = re.compile(r"\\u(?:00[0189]|007f|[df][0-9a-f]{3}|[df])|\\[bf]", re.IGNORECASE)
MAX_DIGITS = 18


def clean_text(text: str) -> str:
    """Return text without control characters, unpaired surrogates and non-characters."""
    return FORBIDDEN.sub("", text)


def clean_value(value: Any) -> Any:
    """Return a JSON value with all its text cleaned, including keys."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_value(key): clean_value(inner) for key, inner in value.items()}
    return [clean_value(inner) for inner in value] if isinstance(value, list | tuple) else value


def clean_json(text: str) -> str:
    """Return clean text; if it is JSON, escaped characters are removed too. Other text keeps its backslashes."""
    text = clean_text(text)
    if text.lstrip()[:1] in {"{", "[", '"'} and ESCAPE.search(text):
        try:
            return json.dumps(clean_value(json.loads(text)))
        except (ValueError, RecursionError):
            return text
    return text


@overload
def parse_int(value: Any, default: int, minimum: int = ..., maximum: int = ...) -> int: ...
@overload
def parse_int(value: Any, default: None = ..., minimum: int = ..., maximum: int = ...) -> int | None: ...
def parse_int(value: Any, default: int | None = None, minimum: int = 0, maximum: int = 2**31 - 1) -> int | None:
    """Return the integer written in `value` as plain digits, or `default` for other text and for numbers out of bounds."""
    text = str(value).strip() if value is not None else ""
    if not text.isascii() or not text.removeprefix("-").isdecimal() or len(text) > MAX_DIGITS:
        return default
    number = int(text)
    return number if minimum <= number <= maximum else default


def safe_cell(value: Any) -> Any:
    """Return a value for a spreadsheet: text is cleaned and never a formula; numbers, dates and None are unchanged."""
    if value is None or isinstance(value, int | float | Decimal) or hasattr(value, "isoformat"):
        return value
    text = clean_text(str(value))
    if text == "-":
        # Text shown in lists for an empty value.
        return text
    # Some programs run a formula even after a leading space or quote.
    return f"'{text}" if text.lstrip()[:1] in {"=", "+", "-", "@", "|", "%"} or text[:1] in {"\t", "\r", "\n"} else text
