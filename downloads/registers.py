"""List of all release files, for searching, filtering and export."""

from django.contrib.admin import display
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail_modeladmin.options import ModelAdmin

from .admin_views import ReleaseFileButtonHelper, ReleaseFileCreateView, ReleaseFileDeleteView, ReleaseFileEditView
from .bulk_edit import MAY_EDIT
from .filtersets import MissingFilter, OSFilter, SeriesFilter
from .forms import ReleaseFileForm
from .models import ReleaseFile


class ReleaseFileAdmin(ModelAdmin):
    model = ReleaseFile
    base_url_path = "downloads/files"
    menu_label = _("Release files")
    menu_icon = "files"
    # In the menu group of `viewsets.DownloadsViewSetGroup`.
    add_to_admin_menu = False
    inspect_view_enabled = True
    button_helper_class = ReleaseFileButtonHelper
    create_view_class = ReleaseFileCreateView
    edit_view_class = ReleaseFileEditView
    delete_view_class = ReleaseFileDeleteView
    list_display = ("name", "release", "os", "kind", "architecture", "size", "sha256", "button")
    list_display_add_buttons = "name"
    list_select_related = ["release", "os"]
    list_filter = (OSFilter, "kind", SeriesFilter, MissingFilter)
    list_per_page = 50
    search_fields = ("name", "slug", "url", "release__name", "sha256_sum", "md5_sum")
    ordering = (
        "-release__major",
        "-release__minor",
        "-release__patch",
        "-release__stage",
        "-release__serial",
        "os__order",
        "name",
    )
    list_export = (
        "release",
        "os",
        "name",
        "kind",
        "architecture",
        "filesize",
        "url",
        "sha256_sum",
        "md5_sum",
        "gpg_signature_file",
        "sigstore_bundle_file",
        "sbom_spdx2_file",
        "download_button",
    )
    export_filename = "release-files"
    empty_value_display = "–"
    inspect_view_fields_exclude = ["id"]
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [FieldPanel("release"), FieldPanel("os"), FieldPanel("name"), FieldPanel("description")], heading=_("Description")
            ),
            MultiFieldPanel(
                [FieldPanel("url"), FieldPanel("filesize"), FieldPanel("sha256_sum"), FieldPanel("md5_sum")],
                heading=_("File"),
                help_text=_("Type and architecture are detected from the URL."),
            ),
            FieldPanel("download_button"),
            MultiFieldPanel(
                [FieldPanel("beside"), *[FieldPanel(name) for name in ReleaseFileForm.SIDE_FIELDS]],
                heading=_("Signatures and SBOM"),
                help_text=_("Visitors see a link to each and the commands to verify the file."),
            ),
            MultiFieldPanel([FieldPanel("slug"), FieldPanel("is_source")], heading=_("API fields")),
        ],
        base_form_class=ReleaseFileForm,
    )

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the columns, with checkboxes for users who may edit several files at once."""
        columns = super().get_list_display(request)
        return ("selected", *columns) if request.user.has_perm(MAY_EDIT) else columns

    @display(description=_("Select"))
    def selected(self, file: ReleaseFile) -> str:
        return format_html(
            '<input type="checkbox" name="id" value="{}" form="edit-files" aria-label="{}">',
            file.pk,
            gettext("Select %(file)s") % {"file": file},
        )

    @display(ordering="filesize")
    def size(self, file: ReleaseFile) -> str:
        return filesizeformat(file.filesize) if file.filesize else ""

    @display(description=_("SHA-256"))
    def sha256(self, file: ReleaseFile) -> str:
        return tick(file.has_valid_sha256)

    @display(ordering="download_button")
    def button(self, file: ReleaseFile) -> str:
        return tick(file.download_button)


def tick(is_so: bool) -> str:  # noqa: FBT001 -- a column's value.
    return format_html('<span class="tick">{}</span>', "Yes") if is_so else ""
