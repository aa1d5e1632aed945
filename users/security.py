"""Log of security events such as sign-ins, refusals and new keys. One line each, without secrets."""

import logging
from typing import Any

from django.http import HttpRequest

logger = logging.getLogger("security")


def record(event: str, *, request: HttpRequest | None = None, user: Any = None, **facts: str) -> None:
    """Log an event with the user and, given a request, the client address."""
    extra = {"event": event, **facts}
    if user is not None and getattr(user, "pk", None):
        extra["user_id"] = user.pk
    if request is not None:
        extra |= {"address": request.META.get("REMOTE_ADDR", ""), "path": request.path}
    logger.info("%s %s", event, " ".join(f"{name}={value}" for name, value in extra.items() if name != "event"), extra=extra)
