"""Admin of sponsorships, in addition to `dashboard.py`, `deliverables.py` and `package_editor.py`."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.forms import Textarea
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.admin.ui.tables import BooleanColumn, Column, TitleColumn, UpdatedAtColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.contrib.settings.registry import SettingMenuItem
from wagtail.snippets.views.snippets import SnippetViewSet
from wagtail_modeladmin.options import ModelAdmin

from cms.content.money import format_money
from cms.editor.choosers import GuardedChooserViewSet

from . import changes, dashboard, sponsorship_pages
from .contract_template import FIELDS
from .dashboard import DashboardMenuItem
from .deliverables import DeliverablesViewSet
from .models import Benefit, Contact, ContractTemplate, MessageTemplate, Package, Sponsor, SponsorshipSettings
from .models.sponsors import SponsorQuerySet
from .package_editor import SponsorshipYearViewSet
from .registers import LegalClauseAdmin, ProgramAdmin
from .reports import ReportsViewSet


class SponsorFilterSet(WagtailFilterSet):
    lacking = filters.BooleanFilter(label=_("Missing logo or contact"), method="only_incomplete")

    class Meta:
        model = Sponsor
        fields = ["country", "lacking"]

    def only_incomplete(self, sponsors: SponsorQuerySet, name: str, value: object) -> SponsorQuerySet:
        incomplete = Sponsor.objects.incomplete().values("pk")
        return sponsors.filter(pk__in=incomplete) if value else sponsors.exclude(pk__in=incomplete)


class SponsorViewSet(SnippetViewSet):
    model = Sponsor
    chooser_viewset_class = GuardedChooserViewSet
    icon = "group"
    menu_label = _("Sponsors")
    menu_item_is_registered = True
    url_prefix = "sponsors/sponsors"
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_fields_exclude = ["latest_revision", "proposed_revision"]
    filterset_class = SponsorFilterSet
    list_display = [
        "name",
        BooleanColumn("web_logo", label=_("Logo"), accessor=lambda sponsor: bool(sponsor.web_logo)),
        Column("city", sort_key="city"),
        Column("country", accessor="country.name", sort_key="country"),
        UpdatedAtColumn(),
    ]
    list_export = ["pk", "name", "slug", "landing_page_url", "city", "country.code", "primary_phone", "updated_at"]
    export_filename = "sponsors"
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldPanel("name"),
                    FieldPanel("slug"),
                    FieldPanel("description"),
                    FieldPanel("landing_page_url"),
                    FieldRowPanel([FieldPanel("linked_in_page_url"), FieldPanel("twitter_handle")]),
                ],
                heading=_("Public"),
            ),
            ObjectList([FieldPanel("web_logo"), FieldPanel("white_logo"), FieldPanel("print_logo")], heading=_("Logos")),
            ObjectList(
                [
                    FieldPanel("primary_phone"),
                    FieldPanel("mailing_address_line_1"),
                    FieldPanel("mailing_address_line_2"),
                    FieldRowPanel([FieldPanel("postal_code"), FieldPanel("city")]),
                    FieldRowPanel([FieldPanel("state"), FieldPanel("country")]),
                    FieldRowPanel([FieldPanel("country_of_incorporation"), FieldPanel("state_of_incorporation")]),
                ],
                heading=_("Address"),
            ),
        ]
    )


class ContactIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet[Any]:
        return Contact.objects.select_related("sponsor", "user")


class ContactViewSet(ModelViewSet):
    model = Contact
    name = "sponsors_contact"
    icon = "user"
    menu_label = _("Contacts")
    url_prefix = "sponsors/contacts"
    index_view_class = ContactIndexView
    copy_view_enabled = False
    search_backend_name = None
    search_fields = ["name", "email", "sponsor__name"]
    list_display = [
        TitleColumn("name", get_url=lambda row: reverse("sponsors_contact:edit", args=[row.pk])),
        Column("sponsor", sort_key="sponsor__name"),
        "email",
        Column("roles", accessor=lambda row: ", ".join(row.roles)),
        BooleanColumn("user", label=_("Has access"), accessor=lambda row: row.user_id is not None),
    ]
    list_filter = ["primary", "administrative", "accounting", "manager"]
    list_export = ["sponsor", "name", "email", "phone", "primary", "administrative", "accounting", "manager"]
    panels = [
        FieldPanel("sponsor"),
        FieldRowPanel([FieldPanel("name"), FieldPanel("email"), FieldPanel("phone")]),
        FieldPanel("primary"),
        FieldPanel("administrative"),
        FieldPanel("accounting"),
        FieldPanel("manager"),
        FieldPanel("user"),
    ]


class PackageIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet[Any]:
        return Package.objects.select_related("sponsorship_year")


class PackageViewSet(ModelViewSet):
    model = Package
    name = "sponsors_package"
    icon = "tag"
    menu_label = _("Packages")
    url_prefix = "sponsors/packages"
    index_view_class = PackageIndexView
    search_backend_name = None
    search_fields = ["name", "slug"]
    list_display = [
        "name",
        Column("sponsorship_year", sort_key="sponsorship_year__year"),
        Column(
            "amount",
            label=_("List price"),
            accessor=lambda row: format_money(row.amount, row.sponsorship_year.currency),
            sort_key="amount",
        ),
        BooleanColumn("advertise", label=_("Public"), sort_key="advertise"),
        BooleanColumn("allow_add_ons", label=_("Add-ons"), sort_key="allow_add_ons"),
        Column("logo_dimension", label=_("Logo size"), accessor=lambda row: f"{row.logo_dimension} px"),
    ]
    list_filter = ["sponsorship_year", "advertise", "allow_add_ons"]
    list_export = [
        "pk",
        "name",
        "slug",
        "sponsorship_year",
        "amount",
        "advertise",
        "allow_add_ons",
        "logo_dimension",
        "sort_order",
    ]
    export_filename = "packages"
    panels = [
        FieldRowPanel([FieldPanel("sponsorship_year"), FieldPanel("name"), FieldPanel("slug")]),
        FieldRowPanel([FieldPanel("amount"), FieldPanel("logo_dimension"), FieldPanel("sort_order")]),
        FieldPanel("advertise"),
        FieldPanel("allow_add_ons"),
    ]


class BenefitIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet[Any]:
        return Benefit.objects.select_related("sponsorship_year", "program").with_sold()


def format_value(benefit: Benefit) -> str:
    return gettext("Not set") if benefit.internal_value is None else f"{benefit.internal_value:,}"


class BenefitViewSet(ModelViewSet):
    model = Benefit
    name = "sponsors_benefit"
    icon = "pick"
    menu_label = _("Benefits")
    url_prefix = "sponsors/benefits"
    index_view_class = BenefitIndexView
    copy_view_enabled = False
    search_backend_name = None
    search_fields = ["name", "description"]
    list_per_page = 50
    list_display = [
        TitleColumn("name", get_url=lambda row: reverse("sponsors_benefit:edit", args=[row.pk]), sort_key="name"),
        Column("sponsorship_year", sort_key="sponsorship_year__year"),
        Column("program", sort_key="program__name"),
        Column("availability", accessor="get_availability_display"),
        Column("internal_value", label=_("Value"), accessor=format_value, sort_key="internal_value"),
        Column(
            "capacity", accessor=lambda row: gettext("No limit") if row.capacity is None else row.capacity, sort_key="capacity"
        ),
        Column("sold", label=_("Sold, held"), accessor=lambda row: f"{row.sold}, {row.held}"),
    ]
    list_filter = ["sponsorship_year", "program", "availability", "is_new"]
    list_export = [
        "pk",
        "name",
        "sponsorship_year",
        "program",
        "availability",
        "internal_value",
        "capacity",
        "soft_capacity",
        "sort_order",
    ]
    export_filename = "benefits"
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    FieldRowPanel([FieldPanel("sponsorship_year"), FieldPanel("program"), FieldPanel("sort_order")]),
                    FieldPanel("name"),
                    FieldPanel("description"),
                    FieldPanel("availability"),
                    FieldPanel("is_new"),
                    FieldRowPanel([FieldPanel("capacity"), FieldPanel("soft_capacity"), FieldPanel("exclusivity_group")]),
                ],
                heading=_("Benefit"),
            ),
            ObjectList(
                [
                    InlinePanel(
                        "deliverables",
                        label=_("Deliverable"),
                        heading=_("Deliverables of the benefit"),
                        panels=[
                            FieldRowPanel([FieldPanel("kind"), FieldPanel("scope"), FieldPanel("due_on")]),
                            FieldRowPanel([FieldPanel("key"), FieldPanel("label")]),
                            FieldPanel("help_text"),
                            FieldRowPanel([FieldPanel("publisher"), FieldPanel("place")]),
                            FieldRowPanel([FieldPanel("link_to_sponsors_page"), FieldPanel("describe_as_sponsor")]),
                            FieldRowPanel([FieldPanel("min_width"), FieldPanel("max_width"), FieldPanel("max_length")]),
                            FieldRowPanel([FieldPanel("min_height"), FieldPanel("max_height")]),
                            FieldPanel("shared_text", widget=Textarea({"rows": 2})),
                            FieldPanel("shared_file"),
                        ],
                    )
                ],
                heading=_("Deliverables"),
            ),
            ObjectList(
                [FieldPanel("internal_value"), FieldPanel("internal_notes"), FieldPanel("clauses")], heading=_("For staff")
            ),
        ]
    )


class ContractTemplateViewSet(SnippetViewSet):
    model = ContractTemplate
    chooser_viewset_class = GuardedChooserViewSet
    icon = "doc-full"
    menu_label = _("Contract templates")
    menu_item_is_registered = True
    url_prefix = "sponsors/templates"
    list_display = ["name", Column("kind", label=_("Type"), accessor="get_kind_display"), UpdatedAtColumn()]
    search_fields = ["name", "body"]
    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("kind")]),
        MultiFieldPanel(
            [FieldPanel("body", widget=Textarea({"rows": 30}))],
            heading=_("Text"),
            help_text="Merge fields: "
            + "; ".join(f"{{{{ {name} }}}} {description}" for name, description in FIELDS.items())
            + ".",
        ),
        FieldPanel("letterhead"),
    ]


class MessageTemplateViewSet(SnippetViewSet):
    model = MessageTemplate
    chooser_viewset_class = GuardedChooserViewSet
    icon = "mail"
    menu_label = _("Message templates")
    menu_item_is_registered = True
    url_prefix = "sponsors/messages"
    list_display = ["name", "subject", UpdatedAtColumn()]
    search_fields = ["name", "subject", "body"]
    panels = [FieldPanel("name"), FieldPanel("subject"), FieldPanel("body", widget=Textarea({"rows": 16}))]


class SponsorshipsViewSet(ViewSet):
    name = "sponsorships"
    url_prefix = "sponsors/sponsorships"
    icon = "group"
    menu_label = _("Sponsorships")
    menu_item_class = DashboardMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", dashboard.board, name="index"),
            path("list/", dashboard.sponsorship_list, name="list"),
            path("export.<str:kind>", dashboard.export, name="export"),
            path("new/", dashboard.new_sponsorship, name="new"),
            path("write/", dashboard.write, name="write"),
            path("changes/<int:pk>/", changes.changes, name="changes"),
            path("<int:pk>/", sponsorship_pages.sponsorship, name="sponsorship"),
            path("<int:pk>/do/<slug:name>/", sponsorship_pages.transition, name="transition"),
            path("<int:pk>/terms/", sponsorship_pages.terms, name="terms"),
            path("<int:pk>/billing/", sponsorship_pages.billing, name="billing"),
            path("<int:pk>/benefits/", sponsorship_pages.change_benefits, name="benefits"),
            path("<int:pk>/deliverables/", sponsorship_pages.change_deliverables, name="deliverables"),
            path("<int:pk>/contract/", sponsorship_pages.contract, name="contract"),
            path("<int:pk>/messages/<int:email_id>/send-again/", sponsorship_pages.send_message_again, name="send_message_again"),
        ]


class SponsorsViewSetGroup(ModelViewSetGroup):
    items = (
        SponsorshipsViewSet,
        DeliverablesViewSet,
        SponsorViewSet,
        ContactViewSet,
        SponsorshipYearViewSet,
        PackageViewSet,
        BenefitViewSet,
        ContractTemplateViewSet,
        MessageTemplateViewSet,
        ReportsViewSet,
    )
    menu_label = _("Sponsors")
    menu_icon = "group"
    menu_order = 180

    def get_submenu_items(self) -> list[MenuItem]:
        items = super().get_submenu_items()
        registers: list[ModelAdmin] = [ProgramAdmin(), LegalClauseAdmin()]
        return [
            *items,
            *[register.get_menu_item(order=len(items) + position) for position, register in enumerate(registers, 1)],
            SettingMenuItem(SponsorshipSettings, icon="cog", order=100),
        ]
