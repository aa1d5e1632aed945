"""The admin of what staff shape on every page: menus, boxes, banners, the words of mails."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, UpdatedAtColumn
from wagtail.models import ReferenceIndex
from wagtail.snippets.action_menu import ActionMenuItem
from wagtail.snippets.views import snippets
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from .choosers import GuardedChooserViewSet
from .forms import TrustedHTMLForm
from .models import Banner, Box, EmailTemplate, Menu


def in_use_sentence(thing) -> str:
    """Why a box in use stays, or nothing."""
    users = [str(record) for record, _ in ReferenceIndex.get_grouped_references_to(thing)]
    return f"{thing} stands on {', '.join(users)}. Take it out there first." if users else ""


class BoxDeleteView(snippets.DeleteView):
    def dispatch(self, request, *args, **kwargs):
        sentence = in_use_sentence(self.get_object())
        if sentence:
            messages.error(request, sentence)
            return redirect(reverse(self.usage_url_name, args=[kwargs["pk"]]))
        return super().dispatch(request, *args, **kwargs)


class BoxViewSet(SnippetViewSet):
    model = Box
    icon = "copy"
    menu_label = "Boxes"
    menu_name = "boxes"
    list_display = ["label", "description", UpdatedAtColumn(), BooleanColumn("live", label="Published")]
    list_filter = ["live"]
    list_export = ["label", "description", "live"]
    delete_view_class = BoxDeleteView
    inspect_view_enabled = True
    copy_view_enabled = False
    edit_handler = ObjectList(Box.panels, base_form_class=TrustedHTMLForm)


class MenuViewSet(SnippetViewSet):
    model = Menu
    icon = "list-ul"
    menu_label = "Menus"
    menu_name = "menus"
    list_display = ["place", UpdatedAtColumn(), BooleanColumn("live", label="Published")]
    copy_view_enabled = False


class BannerViewSet(SnippetViewSet):
    model = Banner
    icon = "warning"
    menu_label = "Banners"
    menu_name = "banners"
    list_display = [
        "message",
        Column("get_audience_display", label="Shown to", sort_key="audience"),
        "section",
        "priority",
        DateColumn("starts_at", label="From"),
        DateColumn("ends_at", label="Until"),
        BooleanColumn("live", label="Published"),
    ]
    list_filter = ["audience", "live", "tone"]
    list_export = ["message", "audience", "section", "priority", "starts_at", "ends_at", "live"]
    search_fields = ["message"]


class EmailTemplateViewSet(SnippetViewSet):
    model = EmailTemplate
    chooser_viewset_class = GuardedChooserViewSet
    icon = "mail"
    menu_label = "Words of mails"
    menu_name = "email_templates"
    list_display = ["key", "subject", UpdatedAtColumn()]
    copy_view_enabled = False


class MailTestMenuItem(ActionMenuItem):
    """In the menu of the button that saves a template."""

    name = "action-mail-test"
    label = "Send me a test"
    icon_name = "mail"

    def is_shown(self, context):
        return context["view"] == "edit"

    def get_url(self, parent_context):
        return reverse("mail_test", args=[parent_context["instance"].pk])


class ContentViewSetGroup(SnippetViewSetGroup):
    items = (MenuViewSet, BoxViewSet, BannerViewSet, EmailTemplateViewSet)
    menu_label = "On every page"
    menu_name = "on_every_page"
    menu_icon = "desktop"
    menu_order = 140
