"""Admin of site-wide content: menus, boxes, banners and email templates."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column, UpdatedAtColumn
from wagtail.snippets.action_menu import ActionMenuItem
from wagtail.snippets.views import snippets
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.content.models.banners import Banner
from cms.content.models.menus import Menu
from cms.email.models import EmailTemplate
from cms.email.registry import EMAIL_TYPES
from cms.email.sending import get_content

from .box_views import BoxViewSet
from .choosers import GuardedChooserViewSet
from .listings import DayColumn


class MenuIndexView(snippets.IndexView):
    empty_note = _("Without a menu here, the site shows its default menu.")


class MenuViewSet(SnippetViewSet):
    model = Menu
    icon = "list-ul"
    menu_label = _("Menus")
    menu_name = "menus"
    index_view_class = MenuIndexView
    list_display = ["place", UpdatedAtColumn(), BooleanColumn("live", label=_("Published"))]
    copy_view_enabled = False


class BannerIndexView(snippets.IndexView):
    empty_note = _("A banner is a sentence above the header, on all pages or in one section.")


class BannerViewSet(SnippetViewSet):
    model = Banner
    icon = "warning"
    menu_label = _("Banners")
    menu_name = "banners"
    index_view_class = BannerIndexView
    list_display = [
        "message",
        Column("get_audience_display", label=_("Shown to"), sort_key="audience"),
        "section",
        "priority",
        DayColumn("starts_at", label=_("From")),
        DayColumn("ends_at", label=_("Until")),
        BooleanColumn("live", label=_("Published")),
    ]
    list_filter = ["audience", "live", "tone"]
    list_export = ["message", "audience", "section", "priority", "starts_at", "ends_at", "live"]
    search_fields = ["message"]


class EmailTemplateForm(WagtailAdminModelForm):
    """Form of an email template. An empty new template starts with the current content of the email."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        written = EmailTemplate.objects.exclude(pk=self.instance.pk).values_list("key", flat=True)
        keys = sorted((EMAIL_TYPES.keys() | {self.instance.key}) - {*written, ""})
        self.fields["key"].widget = forms.Select(
            choices=[(key, EMAIL_TYPES[key].name if key in EMAIL_TYPES else key) for key in keys]
        )
        if self.instance.key in EMAIL_TYPES:
            names = ", ".join(f"{{{{ {name} }}}}" for name in EMAIL_TYPES[self.instance.key].example)
            self.fields["body"].help_text = f"Plain text. Here and in the subject you may use {names}."
        elif not self.instance.pk:
            self.fields["subject"].required = self.fields["body"].required = False
            self.fields["body"].help_text = "Leave subject and body empty to start with the current text."

    def clean(self) -> Any:
        cleaned_data = super().clean()
        email_type = EMAIL_TYPES.get(cleaned_data.get("key", ""))
        for name, content in zip(("subject", "body"), get_content(email_type) if email_type else ("", ""), strict=True):
            if not cleaned_data.get(name):
                cleaned_data[name] = content
        return cleaned_data


class EmailTemplateIndexView(snippets.IndexView):
    empty_note = _("Every email has a default text. Add a template here to replace it.")


class EmailTemplateViewSet(SnippetViewSet):
    model = EmailTemplate
    chooser_viewset_class = GuardedChooserViewSet
    icon = "mail"
    menu_label = _("Email templates")
    menu_name = "email_templates"
    index_view_class = EmailTemplateIndexView
    list_display = ["key", "subject", UpdatedAtColumn()]
    edit_handler = ObjectList(EmailTemplate.panels, base_form_class=EmailTemplateForm)
    copy_view_enabled = False


class EmailTestMenuItem(ActionMenuItem):
    """Menu item that sends a test of an email template."""

    name = "action-mail-test"
    label = _("Send me a test")
    icon_name = "mail"

    def is_shown(self, context: Any) -> bool:
        return context["view"] == "edit"

    def get_url(self, parent_context: dict[str, Any]) -> str:
        return reverse("email_test", args=[parent_context["instance"].pk])


class ContentViewSetGroup(SnippetViewSetGroup):
    items = (MenuViewSet, BoxViewSet, BannerViewSet, EmailTemplateViewSet)
    menu_label = _("Site-wide content")
    menu_name = "on_every_page"
    menu_icon = "desktop"
    menu_order = 140
