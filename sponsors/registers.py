"""Admin lists of programs and legal clauses. The order of clauses numbers them in contracts."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail_modeladmin.options import ModelAdmin

from cms.editor.registers import InUsePermissionHelper

from .models import LegalClause, SponsorshipProgram


class UsedByBenefitsPermissionHelper(InUsePermissionHelper):
    """Refuse the deletion of programs and clauses that benefits use."""

    used_by = "benefits"


class ProgramAdmin(ModelAdmin):
    model = SponsorshipProgram
    base_url_path = "sponsors/programs"
    menu_label = _("Programs")
    menu_icon = "folder-open-inverse"
    add_to_admin_menu = False
    permission_helper_class = UsedByBenefitsPermissionHelper
    list_display = ("name", "description", "sort_order")
    list_export = ("name", "description", "sort_order")
    search_fields = ("name",)
    export_filename = "programs"
    panels = [FieldPanel("name"), FieldPanel("description"), FieldPanel("sort_order")]


class LegalClauseAdmin(ModelAdmin):
    model = LegalClause
    base_url_path = "sponsors/clauses"
    menu_label = _("Legal clauses")
    menu_icon = "doc-full"
    add_to_admin_menu = False
    permission_helper_class = UsedByBenefitsPermissionHelper
    list_display = ("internal_name", "clause", "sort_order")
    list_export = ("internal_name", "clause", "notes", "sort_order")
    search_fields = ("internal_name", "clause")
    export_filename = "legal-clauses"
    panels = [FieldPanel("internal_name"), FieldPanel("clause"), FieldPanel("notes"), FieldPanel("sort_order")]
