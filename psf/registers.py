"""Read-only lists of the PSF: resolutions, meeting bodies, membership records."""

from django.contrib.admin import display
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail_modeladmin.options import ModelAdmin

from cms.editor.registers import ForgivingIndexView, InUsePermissionHelper, ReadOnlyPermissionHelper

from .models import MeetingBody, Membership, Resolution


class MeetingBodyPermissionHelper(InUsePermissionHelper):
    used_by = "minutes"


class MeetingBodyAdmin(ModelAdmin):
    model = MeetingBody
    base_url_path = "psf/bodies"
    menu_label = _("Boards and committees")
    menu_icon = "group"
    add_to_admin_menu = False
    permission_helper_class = MeetingBodyPermissionHelper
    list_display = ("name", "slug")
    list_export = ("name", "slug")
    search_fields = ("name", "slug")
    export_filename = "meeting-bodies"
    panels = [FieldPanel("name"), FieldPanel("slug")]


class ResolutionAdmin(ModelAdmin):
    """List of resolutions, which are edited in the minutes."""

    model = Resolution
    base_url_path = "psf/resolutions"
    menu_label = _("Resolutions")
    menu_icon = "tick-inverse"
    add_to_admin_menu = False
    history_view_enabled = False
    inspect_view_enabled = True
    permission_helper_class = ReadOnlyPermissionHelper
    index_view_class = ForgivingIndexView
    list_display = ("__str__", "meeting", "text", "mover", "seconder", "votes", "result")
    list_filter = ("result", "page__date")
    list_select_related = ("page__body",)
    list_per_page = 50
    list_export = (
        *("number", "meeting", "text", "mover", "seconder", "votes_for", "votes_against", "abstentions", "result", "is_public"),
    )
    search_fields = ("number", "text", "mover", "seconder")
    export_filename = "resolutions"
    empty_value_display = "–"
    ordering = ("-page__date", "sort_order")

    @display(description="Meeting", ordering="page__date")
    def meeting(self, resolution: Resolution) -> str:
        return resolution.page.title

    @display(description="Public", boolean=True)
    def is_public(self, resolution: Resolution) -> bool:
        return resolution.page.live


class MembershipAdmin(ModelAdmin):
    model = Membership
    base_url_path = "psf/members"
    menu_label = _("Membership records")
    menu_icon = "user"
    add_to_admin_menu = False
    history_view_enabled = False
    inspect_view_enabled = True
    permission_helper_class = ReadOnlyPermissionHelper
    index_view_class = ForgivingIndexView
    list_display = ("legal_name", "preferred_name", "email", "kind", "votes", "country", "created_at")
    list_filter = ("kind", "votes", "announcements")
    list_per_page = 50
    list_export = (
        *("legal_name", "preferred_name", "email", "kind", "city", "region", "country", "postal_code", "code_of_conduct"),
        *("announcements", "votes", "last_vote_affirmation", "created_at", "updated_at", "user"),
    )
    list_select_related = ("user",)
    search_fields = ("legal_name", "preferred_name", "email", "user__username")
    export_filename = "members"
    empty_value_display = "–"


REGISTERS: tuple[type[ModelAdmin], ...] = (ResolutionAdmin, MeetingBodyAdmin, MembershipAdmin)
