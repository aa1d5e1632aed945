from cms.moderation.models import AbstractSavedReply


class EventSavedReply(AbstractSavedReply):
    """Saved reply for moderators of events."""

    class Meta(AbstractSavedReply.Meta):
        verbose_name = "saved reply"
