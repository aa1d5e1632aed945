"""Differences between two versions of a story, for editors who have read the first one."""

from cms.moderation.changes import Change, compare_versions

from .models import StoryPage

FIELDS = (
    *("title", "category", "pull_quote", "text", "image"),
    *("company_name", "company_url", "author", "author_email"),
)


def get_changes(before: StoryPage, after: StoryPage) -> list[Change]:
    """Return the changed fields of the author's text."""
    return compare_versions(before, after, FIELDS)
