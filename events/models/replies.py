from cms.moderation.models import AbstractSavedReply


class EventCannedReply(AbstractSavedReply):
    """Reasons that moderators of events give again and again."""

    class Meta(AbstractSavedReply.Meta):
        verbose_name = "canned reply"
