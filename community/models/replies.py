from cms.moderation.models import AbstractCannedReply


class StoryCannedReply(AbstractCannedReply):
    """Reasons that moderators of stories give again and again."""

    class Meta(AbstractCannedReply.Meta):
        verbose_name = "canned reply"
