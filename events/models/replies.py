from cms.moderation.models import AbstractCannedReply


class EventCannedReply(AbstractCannedReply):
    """Reasons that moderators of events give again and again."""

    class Meta(AbstractCannedReply.Meta):
        verbose_name = "canned reply"
