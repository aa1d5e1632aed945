from django.utils.translation import gettext_lazy as _

from cms.moderation.models import AbstractSavedReply


class StorySavedReply(AbstractSavedReply):
    """Saved reply of the moderators of stories."""

    class Meta(AbstractSavedReply.Meta):
        verbose_name = _("saved reply")
