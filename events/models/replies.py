from cms.moderation.models import AbstractSavedReply


class EventCannedReply(AbstractCannedReply):
    """Saved reply for moderators of events."""

    class Meta(AbstractSavedReply.Meta):
        verbose_name = "canned reply"
