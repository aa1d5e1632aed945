"""Fix for a problem with scheduled drafts in Wagtail, for all models with drafts."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wagtail.models import DraftStateMixin as Base
else:
    Base = object


class StaysLiveMixin(Base):
    """Keep a record live when an older version is scheduled.

    A version saved before the first publication has no live revision. Wagtail copies this from the version, so that restoring
    and scheduling it would unpublish the record until the scheduled time.
    """

    def with_content_json(self, content: Any) -> Any:
        """Return this record with the content of a version, and with its own live revision."""
        version = super().with_content_json(content)
        version.live_revision = self.live_revision
        return version
