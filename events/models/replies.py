from cms.moderation.models import AbstractCannedReply


class EventCannedReply(AbstractCannedReply):
    """Saved reply for moderators of events."""

    class Meta(AbstractCannedReply.Meta):
        verbose_name = "canned reply"
