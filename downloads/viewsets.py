"""Admin of the downloads: releases, release series and operating systems. The list of files is in `registers.py`."""

from django.db.models import CharField, Exists, OuterRef, Prefetch
from django.db.models.functions import Cast
from django.forms import Textarea, TextInput
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import (
    FieldPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.models import Revision
from wagtail.snippets.views import snippets

from cms.content.forms import TrustedHTMLForm
from cms.editor.choosers import GuardedChooserViewSet
from cms.editor.listings import ChipColumn, PermissionMenuItem
from downloads.models.releases import ReleaseQuerySet

from .admin_views import (
    OSIndexView,
    PrefillView,
    ProtectedDeleteView,
    ReleaseCreateView,
    ReleaseEditView,
    ReleaseIndexView,
    SeriesIndexView,
)
from .columns import NextActionColumn, advisory_state, files_for_each_os, release_day, series_status, status
from .filtersets import AdvisoryFilterSet, ReleaseFilterSet, ReleaseTaskFilterSet, SeriesFilterSet
from .forms import ReleaseForm
from .models import OS, Advisory, Outlet, Release, ReleaseFile, ReleaseSeries, ReleaseStep, ReleaseTask, ReleaseText
from .panels import AppearancesPanel, ChecklistPanel, ChecksPanel, FilesPanel
from .registers import ReleaseFileAdmin

LISTED_HELP = _(
    "Lists a stable release on the download page. Pre-releases are not listed there. The release page is public either way."
)


class ReleaseViewSet(snippets.SnippetViewSet):
    model = Release
    chooser_viewset_class = GuardedChooserViewSet
    icon = "release"
    menu_label = _("Releases")
    # In the group below; the general menu item for snippets would be empty.
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
        Column("release_date", label=_("Date"), accessor=release_day, sort_key="release_date", classname="nowrap"),
        Column("files", label=_("Files"), accessor=files_for_each_os),
        NextActionColumn("next_action", label=_("Next step")),
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
        "practice",
        "release_notes_url",
        "files",
        "next_action",
    ]
    export_headings = {"get_stage_display": "Stage", "files": "Files", "next_action": "Next step", "status": "Status"}
    export_filename = "releases"

    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldPanel(
                        "name",
                        required_on_save=True,
                        help_text=_(
                            "Enter the release name, for example Python 3.15.0rc1 or Python install manager 25.2. "
                            "A version number alone also works. "
                            "The release series, slug, release notes URL and Pre-release checkbox are set automatically."
                        ),
                        widget=TextInput(attrs={"placeholder": "Python 3.15.0rc1", "autocomplete": "off"}),
                    ),
                    FieldPanel("release_date"),
                    FieldPanel("release_notes_url"),
                    MultiFieldPanel(
                        [
                            FieldPanel("pre_release"),
                            FieldPanel("show_on_download_page", help_text=LISTED_HELP),
                            FieldPanel("practice"),
                        ],
                        heading=_("Visibility"),
                    ),
                    MultiFieldPanel(
                        [FieldPanel("slug"), FieldPanel("release_page")],
                        heading=_("URL"),
                        help_text=_(
                            "The slug is generated from the name. Scripts and links use it: do not change it after publication."
                        ),
                    ),
                    PublishingPanel(),
                ],
                heading=_("Release"),
            ),
            ObjectList([FieldPanel("body")], heading=_("Notes")),
            ObjectList([FilesPanel(heading=_("Files"))], heading=_("Files")),
            ObjectList(
                [
                    ChecklistPanel(heading=_("Checklist")),
                    ChecksPanel(heading=_("Checks")),
                    AppearancesPanel(heading=_("Where this appears")),
                ],
                heading=_("Before publishing"),
            ),
        ],
        base_form_class=ReleaseForm,
    )

    def get_queryset(self, request: HttpRequest) -> ReleaseQuerySet:
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

    def get_urlpatterns(self) -> list[URLPattern]:
        return [*super().get_urlpatterns(), path("prefill/", self.construct_view(PrefillView), name="prefill")]


class ReleaseSeriesViewSet(ModelViewSet):
    model = ReleaseSeries
    name = "downloads_series"
    url_prefix = "downloads/series"
    icon = "series"
    menu_label = _("Release series")
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
        Column("release_count", label=_("Releases"), sort_key="release_count"),
    ]
    filterset_class = SeriesFilterSet
    search_fields = ["release_manager"]
    list_export = ["name", "first_release", "end_of_bugfixes", "end_of_security", "pep", "release_manager", "release_count"]
    export_headings = {"name": "Series", "release_count": "Releases"}
    export_filename = "release-series"
    panels = [
        MultiFieldPanel(
            [FieldPanel("major"), FieldPanel("minor")],
            heading=_("Version"),
            help_text=_("For Python 3.14, enter major 3 and minor 14."),
        ),
        MultiFieldPanel(
            [FieldPanel("first_release"), FieldPanel("end_of_bugfixes"), FieldPanel("end_of_security")],
            heading=_("Support dates"),
            help_text=_(
                "The support status follows from these dates automatically on the download page, in notices and in APIs."
            ),
        ),
        MultiFieldPanel([FieldPanel("pep"), FieldPanel("release_manager")], heading=_("Release schedule and manager")),
        InlinePanel(
            "planned_releases",
            label=_("planned release"),
            heading=_("Planned releases"),
            help_text=_("Shown on the download page and in the release calendar until the date has passed."),
        ),
    ]


class OSViewSet(ModelViewSet):
    model = OS
    name = "downloads_os"
    url_prefix = "downloads/operating-systems"
    icon = "platform"
    menu_label = _("Operating systems")
    index_view_class = OSIndexView
    delete_view_class = ProtectedDeleteView
    copy_view_enabled = False
    list_display = [
        "name",
        "slug",
        Column("order", sort_key="order"),
        BooleanColumn("show_in_menu", label=_("In the menu"), sort_key="show_in_menu"),
        Column("file_count", label=_("Files"), sort_key="file_count"),
        Column("audience", accessor="get_audience_display", sort_key="audience"),
        "detection_hints",
    ]
    search_fields = ["name", "slug"]
    list_filter = ["show_in_menu", "audience"]
    list_export = ["name", "slug", "icon", "order", "show_in_menu", "detection_hints", "file_count"]
    export_headings = {"file_count": "Files"}
    export_filename = "operating-systems"
    edit_handler = ObjectList(
        [
            MultiFieldPanel(
                [FieldPanel("name"), FieldPanel("tab_name"), FieldPanel("slug"), FieldPanel("icon"), FieldPanel("audience")],
                heading=_("Operating system"),
                help_text=_("A new operating system immediately gets a page, a menu entry, and a value in filters and APIs."),
            ),
            MultiFieldPanel(
                [FieldPanel("show_in_menu"), FieldPanel("order"), FieldPanel("detection_hints")], heading=_("Position")
            ),
            MultiFieldPanel([FieldPanel("page_title"), FieldPanel("intro")], heading=_("Page")),
            FieldPanel("file_patterns"),
            FieldPanel("other_ways", heading=_("Ways to install")),
            FieldPanel("device_note"),
            FieldPanel("install_notes"),
        ],
        base_form_class=TrustedHTMLForm,
    )


class AdvisoryViewSet(ModelViewSet):
    model = Advisory
    name = "downloads_advisories"
    url_prefix = "downloads/advisories"
    icon = "warning"
    menu_label = _("Advisories")
    copy_view_enabled = False
    inspect_view_enabled = True
    list_per_page = 50
    list_display = [
        "title",
        Column("summary"),
        DateColumn("published", sort_key="published"),
        ChipColumn("state", label=_("Status"), accessor=advisory_state),
        "fixed_in",
    ]
    filterset_class = AdvisoryFilterSet
    search_fields = ["name", "summary", "details", "fixed_in"]
    list_export = [
        "name",
        "cve",
        "summary",
        "published",
        "modified",
        "withdrawn",
        "introduced_in",
        "fixed_in",
        "affected_versions",
    ]
    export_headings = {"cve": "CVE"}
    export_filename = "advisories"
    panels = [
        MultiFieldPanel(
            [FieldPanel("fixed_in"), FieldPanel("introduced_in")],
            heading=_("Releases"),
            help_text=_("Shown on the pages of releases, in API v3 and in the security feed. Imports keep what you enter here."),
        ),
        MultiFieldPanel(
            [
                FieldPanel(name, read_only=True)
                for name in ("name", "summary", "details", "published", "modified", "withdrawn", "affected_versions")
            ],
            heading=_("From the advisory database"),
        ),
    ]


class ReleaseStepViewSet(ModelViewSet):
    model = ReleaseStep
    name = "downloads_release_steps"
    url_prefix = "downloads/release-steps"
    icon = "list-ul"
    menu_label = _("Checklist steps")
    copy_view_enabled = False
    list_per_page = 50
    list_display = ["title", "owner", "applies_to", "hours_before", "done_when", Column("order", sort_key="order")]
    list_filter = ["applies_to", "done_when"]
    search_fields = ["title", "owner"]
    list_export = ["order", "title", "owner", "link", "applies_to", "hours_before", "done_when"]
    export_filename = "release-steps"
    panels = [
        MultiFieldPanel([FieldPanel("title"), FieldPanel("owner"), FieldPanel("link")], heading=_("Step")),
        MultiFieldPanel([FieldPanel("applies_to"), FieldPanel("hours_before"), FieldPanel("order")], heading=_("When")),
        FieldPanel("done_when"),
    ]


class ReleaseTaskViewSet(ModelViewSet):
    """Steps of single releases, with their due times."""

    model = ReleaseTask
    name = "downloads_release_tasks"
    url_prefix = "downloads/release-tasks"
    icon = "tasks"
    menu_label = _("Release checklists")
    copy_view_enabled = False
    list_per_page = 50
    list_display = ["title", "release", "owner", "due_at", "done_at"]
    filterset_class = ReleaseTaskFilterSet
    search_fields = ["title", "owner", "release__name"]
    list_export = ["release", "order", "title", "owner", "link", "due_at", "done_when", "done_at", "done_by"]
    export_filename = "release-checklists"
    panels = [
        FieldPanel("release"),
        MultiFieldPanel([FieldPanel("title"), FieldPanel("owner"), FieldPanel("link")], heading=_("Step")),
        MultiFieldPanel([FieldPanel("due_at"), FieldPanel("order")], heading=_("When")),
        FieldPanel("done_when"),
    ]


class ReleaseTextViewSet(ModelViewSet):
    model = ReleaseText
    name = "downloads_release_texts"
    url_prefix = "downloads/release-texts"
    icon = "doc-full"
    menu_label = _("Announcement templates")
    copy_view_enabled = False
    list_per_page = 50
    list_display = ["__str__", "release_type", "purpose", "subject"]
    list_filter = ["release_type", "purpose"]
    search_fields = ["subject", "body"]
    list_export = ["release_type", "purpose", "subject", "body"]
    export_filename = "release-texts"
    panels = [
        MultiFieldPanel([FieldPanel("release_type"), FieldPanel("purpose")], heading=_("Used for")),
        FieldPanel("subject"),
        FieldPanel("body", widget=Textarea(attrs={"rows": 20})),
    ]


class OutletViewSet(ModelViewSet):
    """External places whose live status is checked after a publication."""

    model = Outlet
    name = "downloads_outlets"
    url_prefix = "downloads/outlets"
    icon = "globe"
    menu_label = _("Outlets")
    copy_view_enabled = False
    list_per_page = 50
    list_display = [
        "name",
        "url",
        "expected",
        "applies_to",
        "wait_minutes",
        BooleanColumn("is_active", label=_("Active"), sort_key="is_active"),
    ]
    list_filter = ["applies_to", "is_active"]
    search_fields = ["name", "url", "expected"]
    list_export = ["name", "url", "expected", "applies_to", "wait_minutes", "is_active"]
    export_filename = "outlets"
    panels = [
        FieldPanel("name"),
        MultiFieldPanel([FieldPanel("url"), FieldPanel("expected")], heading=_("Where to look")),
        MultiFieldPanel([FieldPanel("applies_to"), FieldPanel("wait_minutes"), FieldPanel("is_active")], heading=_("When")),
    ]


class DownloadsViewSetGroup(ModelViewSetGroup):
    items = (
        ReleaseViewSet,
        ReleaseSeriesViewSet,
        OSViewSet,
        AdvisoryViewSet,
        ReleaseStepViewSet,
        ReleaseTaskViewSet,
        ReleaseTextViewSet,
        OutletViewSet,
    )
    menu_label = _("Downloads")
    menu_icon = "download"
    menu_order = 150

    def get_submenu_items(self) -> list[MenuItem]:
        items = super().get_submenu_items()
        start = PermissionMenuItem(
            _("Start a release"),
            reverse("downloads_start_release"),
            icon_name="plus",
            order=0,
            permission="downloads.add_release",
        )
        cycle = PermissionMenuItem(
            _("Release cycle"),
            reverse("downloads_release_cycle"),
            icon_name="series",
            order=len(items) + 2,
            permission="downloads.change_releaseseries",
        )
        imports = PermissionMenuItem(
            _("Advisory imports"),
            reverse("downloads_advisory_runs"),
            icon_name="rotate",
            order=len(items) + 3,
            permission="downloads.view_advisoryrun",
        )
        return [start, *items, ReleaseFileAdmin().get_menu_item(order=len(items) + 1), cycle, imports]
