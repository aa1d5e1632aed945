"""The filters that board, list, export and messages share, so that each shows the same deals."""

import django_filters as filters
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone
from wagtail.admin.filters import WagtailFilterSet

from .models import Benefit, Deal, Deliverable, Item, Kind, Package, Season, State
from .models.acts import ACTIVE, ENDED, STAGES
from .models.items import NEEDS_CHANGES, TO_DO, WAITING


def in_stage(deals, name, stages):
    if not stages:
        return deals
    today = timezone.localdate()
    wanted = Q(state__in=[stage for stage in stages if stage != State.SIGNED and stage in State.values])
    if State.SIGNED in stages:
        wanted |= Q(state=State.SIGNED, starts_on__gt=today)
    if ACTIVE in stages:
        wanted |= Q(state=State.SIGNED, starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))
    if ENDED in stages:
        wanted |= Q(state=State.SIGNED, ends_on__lt=today)
    return deals.filter(wanted)


class DealFilterSet(WagtailFilterSet):
    q = filters.CharFilter(label="Sponsor", field_name="sponsor__name", lookup_expr="icontains")
    season = filters.ModelChoiceFilter(queryset=Season.objects.all())
    package = filters.CharFilter(method="of_package", label="Package")
    benefit = filters.CharFilter(method="with_benefit", label="Benefit")
    stage = filters.MultipleChoiceFilter(choices=list(STAGES.items()), method=in_stage, label="State")
    missing = filters.CharFilter(method="lacking", label="Not delivered yet")
    owner = filters.ModelChoiceFilter(queryset=get_user_model().objects.filter(is_active=True))

    class Meta:
        model = Deal
        fields = ["q", "season", "package", "benefit", "stage", "missing", "owner"]

    def of_package(self, deals, name, slug):
        return deals.filter(package__slug=slug)

    def with_benefit(self, deals, name, words):
        """By its name, so that one filter finds a benefit in every season."""
        return deals.filter(pk__in=Deal.objects.filter(lines__removed=False, lines__name=words).values("pk"))

    def lacking(self, deals, name, wanted):
        if wanted == "logo":
            return deals.filter(sponsor__web_logo="")
        if wanted == "contact":
            return deals.filter(sponsor__contacts=None)
        open_items = Item.objects.kept().filter(state__in=[WAITING, NEEDS_CHANGES, TO_DO])
        open_items = open_items.filter(**({"kind__in": Item.FROM_SPONSOR} if wanted == "any" else {"key": wanted}))
        return deals.filter(pk__in=open_items.values("line__deal"))


def choices() -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: four queries, whatever the number of deals."""
    keys = Deliverable.objects.exclude(key="").exclude(kind__in=[Kind.PLACEMENT, Kind.AUDIENCE])
    special = [("logo", "Logo of the sponsor"), ("contact", "Any contact"), ("any", "Anything we asked for")]
    packages = dict(Package.objects.order_by("season__year", "-sort_order").values_list("slug", "name"))
    return {
        "season": [(str(pk), label or str(year)) for pk, label, year in Season.objects.values_list("pk", "label", "year")],
        "package": list(reversed(packages.items())),
        "benefit": [(name, name) for name in sorted(set(Benefit.objects.values_list("name", flat=True)))],
        "missing": special + sorted(set(keys.values_list("key", "label")), key=lambda row: row[1]),
        "stage": list(STAGES.items()),
    }
