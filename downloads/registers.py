"""The register of all release files: mostly read, searched, filtered and exported."""

from typing import Any

from django.contrib.admin import SimpleListFilter, display
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail_modeladmin import views
from wagtail_modeladmin.helpers import ButtonHelper
from wagtail_modeladmin.options import ModelAdmin

from .filtersets import MISSING
from .forms import ReleaseFileForm
from .models import OS, ReleaseFile, ReleaseSeries


class ChoiceFilter(SimpleListFilter):
    """A filter whose value must be one of its choices; any other value filters nothing."""

    def chosen(self):
        return self.value() if self.value() in {str(value) for value, _ in self.lookup_choices} else None


class OSFilter(ChoiceFilter):
    title = "operating system"
    parameter_name = "os"

    def lookups(self, request: HttpRequest, model_admin):
        return [(str(os.pk), os.name) for os in OS.objects.defer("install_notes", "other_ways")]

    def queryset(self, request: HttpRequest, files):
        return files.filter(os=self.chosen()) if self.chosen() else files


class SeriesFilter(ChoiceFilter):
    title = "series"
    parameter_name = "series"

    def lookups(self, request: HttpRequest, model_admin):
        return [(str(series.pk), series.name) for series in ReleaseSeries.objects.newest_first()]

    def queryset(self, request: HttpRequest, files):
        return files.filter(release__series=self.chosen()) if self.chosen() else files


class MissingFilter(ChoiceFilter):
    title = "what is missing"
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin):
        return [(name, words) for name, (words, _) in MISSING.items()]

    def queryset(self, request: HttpRequest, files):
        if not self.chosen():
            return files
        _, lacking = MISSING[self.chosen()]
        return lacking(files)


class ReleaseFileIndexView(views.IndexView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except IncorrectLookupParameters:
            # An old or mistyped address: the whole list is better than an error.
            return redirect(self.index_url)


class ReleaseFileCreateView(views.CreateView):
    def get_initial(self):
        """The release and the operating system that a cell of the workbench names."""
        given = {name: self.request.GET.get(name, "") for name in ("release", "os")}
        return super().get_initial() | {name: int(value) for name, value in given.items() if value.isdecimal()}


class ReleaseFileButtonHelper(ButtonHelper):
    """The name of a row leads to its form; the other buttons stand below it."""

    def get_buttons_for_obj(self, obj, exclude=None, classnames_add=None, classnames_exclude=None):
        return super().get_buttons_for_obj(obj, [*(exclude or []), "edit"], classnames_add, classnames_exclude)


class ReleaseFileAdmin(ModelAdmin):
    model = ReleaseFile
    base_url_path = "downloads/files"
    menu_label = "All release files"
    menu_icon = "files"
    # It stands in the menu group of `viewsets.DownloadsViewSetGroup`.
    add_to_admin_menu = False
    inspect_view_enabled = True
    button_helper_class = ReleaseFileButtonHelper
    index_view_class = ReleaseFileIndexView
    create_view_class = ReleaseFileCreateView
    list_display = ("name", "release", "os", "kind", "architecture", "size", "sha256", "button")
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
                [FieldPanel("release"), FieldPanel("os"), FieldPanel("name"), FieldPanel("description")], heading="What it is"
            ),
            MultiFieldPanel(
                [FieldPanel("url"), FieldPanel("filesize"), FieldPanel("sha256_sum"), FieldPanel("md5_sum")],
                heading="The file",
                help_text="Kind and architecture are read from the address.",
            ),
            FieldPanel("download_button"),
            MultiFieldPanel(
                [FieldPanel("beside"), *[FieldPanel(name) for name in ReleaseFileForm.SIDE_FIELDS]],
                heading="Signatures and SBOM",
                help_text="Visitors see a link for each, and how to check the file with it.",
            ),
            MultiFieldPanel([FieldPanel("slug"), FieldPanel("is_source")], heading="For scripts"),
        ],
        base_form_class=ReleaseFileForm,
    )

    @display(ordering="filesize")
    def size(self, file):
        return filesizeformat(file.filesize) if file.filesize else ""

    @display(description="SHA-256")
    def sha256(self, file):
        return tick(file.has_valid_sha256)

    @display(ordering="download_button")
    def button(self, file):
        return tick(file.download_button)


def tick(is_so: bool) -> str:  # noqa: FBT001 -- a column's value.
    return format_html('<span class="tick">{}</span>', "Yes") if is_so else ""
