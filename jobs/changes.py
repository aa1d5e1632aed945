"""Differences between two versions of a job, for moderators who have read the first one."""

from cms.moderation.changes import Change, compare_versions

from .models import Job


def get_changes(before: Job, after: Job) -> list[Change]:
    """Return the changed fields of the text of a job."""
    return compare_versions(before, after, Job.TEXT_FIELDS)
