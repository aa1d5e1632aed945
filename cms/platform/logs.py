"""Log records: request id, and masking of secrets and email addresses.

Lines of each request come from the logger "access", those of tasks from "tasks", security events from "security".
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

NO_REQUEST = "-"
request_id: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)

SECRET_NAME = re.compile(r"(password|passwd|secret|token|api[_-]?key|authorization|sessionid|cookie)$", re.IGNORECASE)
# The same names with a value, as in `token=abc`, `'password': 'abc'` and `Authorization: Bearer abc`.
SECRET = re.compile(
    r"((?:password|passwd|secret|token|api[_-]?key|authorization|sessionid|cookie)[\"']?\s*[=:]\s*[\"']?(?:(?:Bearer|Token)\s+)?)"
    r"[^\s\"',;&)}\]]+",
    re.IGNORECASE,
)
# The signed part of the URL of a preview link.
PREVIEW = re.compile(r"(/preview/)[\w-]+\.[\w-]+")
KEY = re.compile(r"\bsk_[a-z]+_[\w-]+")
IN_ADDRESS = re.compile(r"(://[^\s:/@]*:)[^\s/@]+(?=@)")
EMAIL = re.compile(r"[\w.+-]+@(?=[\w-]+(?:\.[\w-]+)+)")


def mask(text: str) -> str:
    """Return the text without secrets, API keys, passwords in URLs, preview links and local parts of email addresses."""
    for pattern, instead in ((PREVIEW, r"\1***"), (IN_ADDRESS, r"\1***"), (SECRET, r"\1***"), (KEY, "sk_***"), (EMAIL, "***@")):
        text = pattern.sub(instead, text)
    return text


class RequestIDFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class PlainFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


class MaskedJsonFormatter(JsonFormatter):
    """One JSON object on each line."""

    def process_log_record(self, log_data: Any) -> dict[str, Any]:
        return {
            name: "***" if SECRET_NAME.search(name) else mask(value) if isinstance(value, str) else value
            for name, value in super().process_log_record(log_data).items()
        }


@contextmanager
def minimum_level(name: str, level: int) -> Iterator[None]:
    """Omit records of a logger below a level, in a command that prints its own report. The root logger has an empty name."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(level)
    try:
        yield
    finally:
        logger.setLevel(before)
