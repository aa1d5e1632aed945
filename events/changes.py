"""Differences between two versions of an event, for moderators who have read the first one."""

from cms.moderation.changes import Change, compare_fields, compare_versions

from .models import Event
from .rule_text import describe_rule

FIELDS = (
    *("title", "calendar", "description", "start_date", "start_time", "end_date", "end_time", "time_zone", "exdates"),
    *("online_url", "url", "organiser", "categories", "status", "status_note"),
)


def get_changes(before: Event, after: Event) -> list[Change]:
    """Return the changed fields of an event, with its recurrence and location as text."""
    texts = [
        ("Recurrence", describe_rule(before), describe_rule(after)),
        ("Place", before.venue.text if before.venue else "", after.venue.text if after.venue else ""),
    ]
    return compare_versions(before, after, FIELDS) + compare_fields(texts)
