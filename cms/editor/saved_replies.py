"""Admin of the saved replies of a section."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.snippets.views.snippets import SnippetViewSet

from .choosers import GuardedChooserViewSet


class SavedReplyViewSet(SnippetViewSet):
    """List and forms of a subclass of `AbstractSavedReply`. A section sets `model` and `url_prefix`."""

    chooser_viewset_class = GuardedChooserViewSet
    icon = "comment"
    menu_label = _("Saved replies")
    # In the menu group of the section, because the general menu item for snippets would be empty.
    menu_item_is_registered = True
    copy_view_enabled = False
    list_display = ["title", "text"]
    search_fields = ["title", "text"]
    search_backend_name = None
    panels = [FieldPanel("title"), FieldPanel("text")]
