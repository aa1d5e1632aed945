from cms.moderation.models import AbstractSavedReply


class StorySavedReply(AbstractSavedReply):
    """Saved reply of the moderators of stories."""

    class Meta(AbstractSavedReply.Meta):
        verbose_name = "saved reply"
