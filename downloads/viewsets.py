"""The admin of the downloads: releases, their series, and operating systems. The register of files is in `registers.py`."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import PROTECT, CharField, Count, Exists, OuterRef, Prefetch
from django.db.models.functions import Cast
from django.forms import TextInput
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.text import get_text_list
from django.views.generic import View
from wagtail.admin.panels import (
    FieldPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.coreutils import multigetattr
from wagtail.models import Revision
from wagtail.snippets.views import snippets

from cms.content.forms import TrustedHTMLForm
from cms.editor.choosers import GuardedChooserViewSet
from cms.editor.listings import ChipColumn

from .filtersets import ReleaseFilterSet
from .forms import ReleaseForm, full_name, told_by_name
from .models import OS, Release, ReleaseFile, ReleaseSeries
from .panels import AppearancesPanel, ChecksPanel, FilesPanel
from .readiness import Workbench, next_action
from .registers import ReleaseFileAdmin


def status(release: Release) -> tuple[str, str]:
    """What visitors see of a release, and its colour. `is_scheduled` comes with the list's queryset."""
    if release.live:
        return ("Published, new draft", "warn") if release.has_unpublished_changes else ("Published", "ok")
    return ("Scheduled", "info") if release.is_scheduled else ("Draft", "quiet")


SERIES_COLOURS = {
    ReleaseSeries.Status.PRE_RELEASE: "info",
    ReleaseSeries.Status.BUGFIX: "ok",
    ReleaseSeries.Status.SECURITY: "warn",
    ReleaseSeries.Status.ENDED: "quiet",
}


def series_status(series: ReleaseSeries) -> tuple[str, str]:
    status = series.status()
    return status.label, SERIES_COLOURS[status]


def files_for_each_os(release: Release) -> str:
    """ "Windows 9, macOS 1": read from the files that the list has prefetched."""
    counts: dict[str, int] = {}
    for file in release.files.all():
        counts[file.os.name] = counts.get(file.os.name, 0) + 1
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def release_day(release: Release) -> str:
    return f"{release.release_date:%Y-%m-%d}"


class NextActionColumn(Column):
    cell_template_name = "downloads/admin/next_action_cell.html"

    def get_value(self, release):
        return next_action(release)


class ReleaseIndexView(snippets.IndexView):
    columns_export = {
        "status": lambda release: status(release)[0],
        "files": files_for_each_os,
        "next_action": lambda release: next_action(release)[0],
    }

    def order_queryset(self, queryset):
        if self.ordering:
            return super().order_queryset(queryset)
        return queryset.by_version()

    def to_row_dict(self, release):
        return {
            name: self.columns_export[name](release) if name in self.columns_export else multigetattr(release, name)
            for name in self.list_export
        }


class ReleaseCreateView(snippets.CreateView):
    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        # A name that is half typed names another release, and would be saved as one.
        self.autosave_enabled = False


class ReleaseEditView(snippets.EditView):
    def publish_action(self):
        response = super().publish_action()
        self.object.refresh_from_db()
        warnings = Workbench(self.object).warnings if self.object.live else []
        if warnings:
            texts = mark_safe(" ").join(check.text for check in warnings)
            messages.warning(self.request, format_html("Published. Still to do: {}", texts))
        return response


class PrefillView(PermissionCheckedMixin, View):
    """What the add form can be filled with once the name is typed; 422 and a sentence for a name that names no version."""

    model = Release
    permission_required = "add"

    def get(self, request: HttpRequest) -> HttpResponse:
        release = Release(name=full_name(request.GET.get("name", "")))
        try:
            release.clean()
        except ValidationError as error:
            return JsonResponse({"error": " ".join(error.messages)}, status=422)
        series = f"Series {release.parsed_version.series}" if not release.is_install_manager else "Install manager"
        summary = f"{series}, {release.get_stage_display().lower()}, /downloads/release/{release.slug}/"
        return JsonResponse({"name": release.name, "slug": release.slug, "summary": summary} | told_by_name(release.name))


class ReleaseViewSet(snippets.SnippetViewSet):
    model = Release
    chooser_viewset_class = GuardedChooserViewSet
    icon = "release"
    menu_label = "Releases"
    # In the group below: the general menu item for snippets would show nothing else.
    menu_item_is_registered = True
    url_prefix = "downloads/releases"
    index_view_class = ReleaseIndexView
    add_view_class = ReleaseCreateView
    edit_view_class = ReleaseEditView
    create_template_name = "downloads/admin/release_create.html"
    copy_view_enabled = False
    inspect_view_enabled = True
    filterset_class = ReleaseFilterSet
    search_backend_name = None
    search_fields = ["name", "slug"]
    list_per_page = 50
    list_display = [
        "__str__",
        ChipColumn("status", accessor=status, sort_key="live"),
        Column("series", sort_key="series__minor"),
        Column("stage", accessor="get_stage_display", sort_key="stage"),
        Column("release_date", label="Date", accessor=release_day, sort_key="release_date", classname="nowrap"),
        Column("files", label="Files", accessor=files_for_each_os),
        NextActionColumn("next_action", label="Next"),
    ]
    list_export = [
        "name",
        "slug",
        "status",
        "series",
        "get_stage_display",
        "pre_release",
        "release_date",
        "show_on_download_page",
        "release_notes_url",
        "files",
        "next_action",
    ]
    export_headings = {"get_stage_display": "Stage", "files": "Files", "next_action": "Next", "status": "Status"}
    export_filename = "releases"

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldPanel(
                        "name",
                        required_on_save=True,
                        help_text="Type the version, such as 3.15.0rc1 or Python install manager 25.2. "
                        "What follows from it is filled in: series, address, release notes, pre-release.",
                        widget=TextInput(attrs={"placeholder": "Python 3.15.0rc1", "autocomplete": "off"}),
                    ),
                    FieldPanel("release_date"),
                    FieldPanel("release_notes_url"),
                    MultiFieldPanel(
                        [FieldPanel("pre_release"), FieldPanel("show_on_download_page")], heading="How visitors see it"
                    ),
                    MultiFieldPanel(
                        [FieldPanel("slug"), FieldPanel("release_page")],
                        heading="Address",
                        help_text="The slug is made from the name. Scripts and links use it: leave it as it is once published.",
                    ),
                    PublishingPanel(),
                ],
                heading="Release",
            ),
            ObjectList([FieldPanel("body")], heading="Notes"),
            ObjectList([FilesPanel(heading="Files")], heading="Files"),
            ObjectList(
                [ChecksPanel(heading="Checks"), AppearancesPanel(heading="Where this appears")], heading="Before publishing"
            ),
        ],
        base_form_class=ReleaseForm,
    )

    def get_queryset(self, request: HttpRequest):
        scheduled = Revision.objects.filter(
            base_content_type__app_label="downloads",
            base_content_type__model="release",
            object_id=Cast(OuterRef("pk"), CharField()),
            approved_go_live_at__isnull=False,
        )
        files = ReleaseFile.objects.select_related("os").order_by("os__order", "os__name")
        return (
            Release.objects.defer("body")
            .select_related("series", "latest_revision")
            .defer("latest_revision__content")
            .prefetch_related(Prefetch("files", files))
            .annotate(is_scheduled=Exists(scheduled))
        )

    def get_urlpatterns(self):
        return [*super().get_urlpatterns(), path("prefill/", self.construct_view(PrefillView), name="prefill")]


class ProtectedDeleteView(generic.DeleteView):
    """Deletes nothing that others stand on, and says what that is."""

    def form_valid(self, form):
        relations = [one for one in self.model._meta.related_objects if one.on_delete is PROTECT]
        standing = [one for one in relations if getattr(self.object, one.get_accessor_name()).exists()]
        if standing:
            names = get_text_list([str(one.related_model._meta.verbose_name_plural) for one in standing], "and")
            messages.error(self.request, f"{self.object} still has {names}. Delete or move them first.")
            return redirect(self.get_success_url())
        return super().form_valid(form)


class SeriesIndexView(generic.IndexView):
    def get_base_queryset(self):
        return ReleaseSeries.objects.annotate(release_count=Count("releases")).newest_first()


class OSIndexView(generic.IndexView):
    def get_base_queryset(self):
        return OS.objects.defer("install_notes", "other_ways").annotate(file_count=Count("files")).order_by("order", "name")


class ReleaseSeriesViewSet(ModelViewSet):
    model = ReleaseSeries
    name = "downloads_series"
    url_prefix = "downloads/series"
    icon = "series"
    menu_label = "Series"
    index_view_class = SeriesIndexView
    delete_view_class = ProtectedDeleteView
    copy_view_enabled = False
    list_per_page = 50
    list_display = [
        "name",
        ChipColumn("status", accessor=series_status),
        "first_release",
        "end_of_bugfixes",
        "end_of_security",
        "release_manager",
        Column("release_count", label="Releases", sort_key="release_count"),
    ]
    list_filter = {"end_of_security": ["gte", "lte"]}
    search_fields = ["release_manager"]
    list_export = ["name", "first_release", "end_of_bugfixes", "end_of_security", "pep", "release_manager", "release_count"]
    export_headings = {"name": "Series", "release_count": "Releases"}
    export_filename = "release-series"
    panels = [
        MultiFieldPanel(
            [FieldPanel("major"), FieldPanel("minor")], heading="Series", help_text="Python 3.14 has major 3 and minor 14."
        ),
        MultiFieldPanel(
            [FieldPanel("first_release"), FieldPanel("end_of_bugfixes"), FieldPanel("end_of_security")],
            heading="Life",
            help_text="The status follows from these dates, day by day: on the download page, in its chart, in notices and APIs.",
        ),
        MultiFieldPanel([FieldPanel("pep"), FieldPanel("release_manager")], heading="Who and where"),
        InlinePanel(
            "planned_releases",
            label="planned release",
            heading="Planned releases",
            help_text="Shown on the download page and in the release calendar until their day has passed.",
        ),
    ]


class OSViewSet(ModelViewSet):
    model = OS
    name = "downloads_os"
    url_prefix = "downloads/operating-systems"
    icon = "platform"
    menu_label = "Operating systems"
    index_view_class = OSIndexView
    delete_view_class = ProtectedDeleteView
    copy_view_enabled = False
    list_display = [
        "name",
        "slug",
        Column("order", sort_key="order"),
        BooleanColumn("show_in_menu", label="In the menu", sort_key="show_in_menu"),
        Column("file_count", label="Files", sort_key="file_count"),
        "detection_hints",
    ]
    search_fields = ["name", "slug"]
    list_filter = ["show_in_menu"]
    list_export = ["name", "slug", "icon", "order", "show_in_menu", "detection_hints", "file_count"]
    export_headings = {"file_count": "Files"}
    export_filename = "operating-systems"
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [FieldPanel("name"), FieldPanel("slug"), FieldPanel("icon")],
                heading="Platform",
                help_text="A new platform gets a page, a place in the menu, and a value in the filters and APIs at once.",
            ),
            MultiFieldPanel(
                [FieldPanel("show_in_menu"), FieldPanel("order"), FieldPanel("detection_hints")], heading="Where it stands"
            ),
            MultiFieldPanel([FieldPanel("page_title"), FieldPanel("intro")], heading="The platform’s page"),
            FieldPanel("other_ways"),
            FieldPanel("install_notes"),
        ],
        base_form_class=TrustedHTMLForm,
    )


class DownloadsViewSetGroup(ModelViewSetGroup):
    items = (ReleaseViewSet, ReleaseSeriesViewSet, OSViewSet)
    menu_label = "Downloads"
    menu_icon = "download"
    menu_order = 150

    def get_submenu_items(self):
        items = super().get_submenu_items()
        return [*items, ReleaseFileAdmin().get_menu_item(order=len(items) + 1)]
