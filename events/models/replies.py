from django.utils.translation import gettext_lazy as _

from cms.moderation.models import AbstractSavedReply


class EventSavedReply(AbstractSavedReply):
    """Saved reply for moderators of events."""

    class Meta(AbstractSavedReply.Meta):
        verbose_name = _("saved reply")
