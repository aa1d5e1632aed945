"""System check of data: whether the release series agree with the release cycle of peps.python.org."""

from typing import Any

from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError

from .models import CycleRun


@register(Tags.database)
def check_release_cycle(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn if the last daily comparison found differences that no one applied (downloads.W001)."""
    if not databases:
        return []
    try:
        differing = CycleRun.count_differences()
    except DatabaseError:
        # The check also runs before the first migration.
        return []
    if not differing:
        return []
    return [
        CheckWarning(
            f"Differences between the release series and the release cycle: {differing}.",
            hint="Open Downloads, Release cycle in the admin.",
            id="downloads.W001",
        )
    ]
