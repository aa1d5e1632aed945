from cms.moderation.models import AbstractSavedReply


class StorySavedReply(AbstractSavedReply):
    """Reasons that moderators of stories give again and again."""

    class Meta(AbstractSavedReply.Meta):
        verbose_name = "saved reply"
