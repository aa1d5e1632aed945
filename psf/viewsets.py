"""Admin of the PSF: elections, minutes, work groups, membership. The election dashboard is in `election_dashboard.py`."""

from typing import Any

import django_filters as filters
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.contrib.settings.registry import SettingMenuItem

from cms.editor.listings import ChipColumn, DayColumn, ModeratedPageFilterSet, PagesViewSet

from .models import (
    Election,
    ElectionKind,
    MembershipKind,
    MembershipSettings,
    MinutesPage,
    Nominee,
    WorkGroupPage,
)
from .registers import REGISTERS

COLOURS = {Election.Phase.OPEN: "ok", Election.Phase.CLOSED: "warn", Election.Phase.PUBLISHED: "info"}


def phase_of(election: Election) -> tuple[str, str]:
    phase = election.phase()
    return str(phase.label), COLOURS.get(phase, "quiet")


class ElectionIndexView(generic.IndexView):
    def get_base_queryset(self) -> Any:
        approved = Q(nominees__state=Nominee.State.APPROVED)
        return Election.objects.select_related("kind").annotate(
            nominee_count=Count("nominees", distinct=True), approved_count=Count("nominees", filter=approved, distinct=True)
        )


class ElectionViewSet(ModelViewSet):
    model = Election
    name = "psf_elections"
    url_prefix = "psf/elections"
    icon = "group"
    menu_label = _("Elections")
    index_view_class = ElectionIndexView
    copy_view_enabled = False
    list_filter = ["kind"]
    search_fields = ["name"]
    list_display = [
        TitleColumn("name", get_url=lambda election: reverse("election_dashboard", args=[election.pk]), sort_key="name"),
        ChipColumn("phase", label=_("Phase"), accessor=phase_of),
        Column("kind", label=_("Election type"), sort_key="kind__name"),
        DayColumn("date", label=_("Election date"), sort_key="date"),
        DayColumn("nominations_close_at", label=_("Nominations close"), sort_key="nominations_close_at"),
        Column("nominee_count", label=_("Candidates"), sort_key="nominee_count"),
        Column("approved_count", label=_("Approved"), sort_key="approved_count"),
    ]
    list_export = ["name", "slug", "kind", "date", "nominations_open_at", "nominations_close_at", "publish_at", "nominee_count"]
    export_filename = "elections"
    panels = [
        MultiFieldPanel(
            [FieldPanel("name"), FieldPanel("slug"), FieldPanel("kind"), FieldPanel("description")], heading=_("Election")
        ),
        MultiFieldPanel(
            [
                FieldPanel("date"),
                FieldPanel("time_zone"),
                FieldRowPanel([FieldPanel("nominations_open_at"), FieldPanel("nominations_close_at")]),
                FieldPanel("publish_at"),
            ],
            heading=_("Dates"),
            help_text=_(
                "Enter times in the time zone of your account (UTC by default). "
                "Visitors see them in the time zone of the election."
            ),
        ),
        FieldPanel("hide_previous_service"),
    ]


class ElectionKindViewSet(ModelViewSet):
    model = ElectionKind
    name = "psf_election_kinds"
    url_prefix = "psf/election-kinds"
    icon = "tag"
    menu_label = _("Election types")
    copy_view_enabled = False
    list_display = ["name", "slug", "accent_color", "first_year"]
    list_export = ["name", "slug", "accent_color", "first_year", "introduction"]
    export_filename = "kinds-of-elections"
    search_fields = ["name"]
    panels = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("slug"), FieldPanel("accent_color")], heading=_("Name and color")),
        MultiFieldPanel(
            [FieldPanel("introduction"), FieldPanel("statement_help"), FieldPanel("first_year")], heading=_("Nomination form")
        ),
        InlinePanel(
            "acknowledgements",
            panels=[
                FieldPanel("label"),
                FieldPanel("help_text"),
                FieldRowPanel([FieldPanel("key"), FieldPanel("required"), FieldPanel("public")]),
            ],
            heading=_("Acknowledgements"),
            label=_("acknowledgement"),
        ),
    ]


class MinutesFilterSet(ModeratedPageFilterSet):
    class Meta:
        model = MinutesPage
        fields = ["live", "body"]


class MinutesListViewSet(PagesViewSet):
    model = MinutesPage
    name = "minutes_pages"
    url_prefix = "psf/minutes"
    icon = "doc-full-inverse"
    menu_label = _("Minutes")
    menu_permission = "psf.view_meetingbody"
    filterset_class = MinutesFilterSet
    columns = [*PagesViewSet.columns, DayColumn("date", label=_("Meeting"), sort_key="date")]
    list_export = ["title", "date", "body", "present", "absent", "guests", "live"]
    export_filename = "minutes"
    related = ("body",)


class WorkGroupFilterSet(ModeratedPageFilterSet):
    due = filters.BooleanFilter(label=_("Charter due for review"), method="only_due")

    class Meta:
        model = WorkGroupPage
        fields = ["live"]

    def only_due(self, pages: Any, name: str, value: object) -> Any:
        return pages.filter(pk__in=WorkGroupPage.objects.due_for_review().values("pk")) if value else pages


class WorkGroupListViewSet(PagesViewSet):
    model = WorkGroupPage
    name = "work_group_pages"
    url_prefix = "psf/work-groups"
    icon = "group"
    menu_label = _("Work groups")
    menu_permission = "psf.view_meetingbody"
    filterset_class = WorkGroupFilterSet
    columns = [
        *PagesViewSet.columns,
        DayColumn("review_date", label=_("Review due"), sort_key="review_date"),
        DayColumn("dissolved_on", label=_("Dissolved"), sort_key="dissolved_on"),
    ]
    list_export = ["title", "slug", "summary", "founded_on", "dissolved_on", "review_date", "live"]
    export_filename = "work-groups"


class MembershipKindViewSet(ModelViewSet):
    model = MembershipKind
    name = "psf_membership_kinds"
    url_prefix = "psf/membership-kinds"
    icon = "form"
    menu_label = _("Membership types")
    copy_view_enabled = False
    sort_order_field = "order"
    list_display = ["name", "price", BooleanColumn("votes"), BooleanColumn("active", label=_("Active")), "link"]
    list_filter = ["active", "votes"]
    list_export = ["name", "summary", "price", "benefits", "requirements", "votes", "link", "order", "active"]
    export_filename = "kinds-of-membership"
    search_fields = ["name", "summary"]
    panels = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("summary"), FieldPanel("price")], heading=_("Membership type")),
        MultiFieldPanel(
            [FieldPanel("benefits"), FieldPanel("requirements"), FieldPanel("votes")], heading=_("Benefits and requirements")
        ),
        MultiFieldPanel([FieldPanel("link"), FieldPanel("link_text")], heading=_("Button")),
        MultiFieldPanel([FieldPanel("order"), FieldPanel("active")], heading=_("Display")),
    ]


class PSFViewSetGroup(ModelViewSetGroup):
    items = (ElectionViewSet, ElectionKindViewSet, MinutesListViewSet, WorkGroupListViewSet, MembershipKindViewSet)
    menu_label = _("PSF")
    menu_icon = "ballot"
    menu_order = 190

    def get_submenu_items(self) -> list[MenuItem]:
        items = super().get_submenu_items()
        registers = [register().get_menu_item(order=10 + place) for place, register in enumerate(REGISTERS)]
        return [*items, *registers, SettingMenuItem(MembershipSettings, icon="cog", order=100)]
