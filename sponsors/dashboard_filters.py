"""Filters of board, list, export and messages."""

import django_filters as filters
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet

from .models import Benefit, Deliverable, Kind, Package, Sponsorship, SponsorshipDeliverable, SponsorshipYear, State
from .models.sponsorships import SponsorshipQuerySet
from .models.states import ACTIVE, ENDED, NEEDS_CHANGES, STAGES, TO_DO, WAITING


def in_stage(sponsorships: SponsorshipQuerySet, name: str, stages: list[str]) -> SponsorshipQuerySet:
    if not stages:
        return sponsorships
    today = timezone.localdate()
    wanted = Q(state__in=[stage for stage in stages if stage != State.SIGNED and stage in State.values])
    if State.SIGNED in stages:
        wanted |= Q(state=State.SIGNED, starts_on__gt=today)
    if ACTIVE in stages:
        wanted |= Q(state=State.SIGNED, starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))
    if ENDED in stages:
        wanted |= Q(state=State.SIGNED, ends_on__lt=today)
    return sponsorships.filter(wanted)


class SponsorshipFilterSet(WagtailFilterSet):
    q = filters.CharFilter(label=_("Sponsor"), field_name="sponsor__name", lookup_expr="icontains")
    sponsorship_year = filters.ModelChoiceFilter(queryset=SponsorshipYear.objects.all())
    package = filters.CharFilter(method="of_package", label=_("Package"))
    benefit = filters.CharFilter(method="with_benefit", label=_("Benefit"))
    stage = filters.MultipleChoiceFilter(choices=list(STAGES.items()), method=in_stage, label=_("Status"))
    missing = filters.CharFilter(method="is_missing", label=_("Not received yet"))
    payment = filters.ChoiceFilter(
        choices=[("to_invoice", _("Not invoiced")), ("unpaid", _("Payment overdue")), ("paid", _("Paid"))],
        method="by_payment",
        label=_("Payment"),
    )
    signed_copy = filters.BooleanFilter(method="with_signed_copy", label=_("Signed copy to review"))
    ending = filters.BooleanFilter(method="only_ending", label=_("Ends within 90 days"))
    owner = filters.ModelChoiceFilter(queryset=get_user_model().objects.filter(is_active=True))

    class Meta:
        model = Sponsorship
        fields = ["q", "sponsorship_year", "package", "benefit", "stage", "missing", "payment", "signed_copy", "ending", "owner"]

    def by_payment(self, sponsorships: SponsorshipQuerySet, name: str, value: str) -> SponsorshipQuerySet:
        if value == "paid":
            return sponsorships.exclude(paid_on=None)
        chosen = Sponsorship.objects.to_invoice() if value == "to_invoice" else Sponsorship.objects.unpaid()
        return sponsorships.filter(pk__in=chosen.values("pk"))

    def with_signed_copy(self, sponsorships: SponsorshipQuerySet, name: str, value: object) -> SponsorshipQuerySet:
        return sponsorships.with_signed_copy() if value else sponsorships

    def only_ending(self, sponsorships: SponsorshipQuerySet, name: str, value: object) -> SponsorshipQuerySet:
        return sponsorships.filter(pk__in=Sponsorship.objects.ending().values("pk")) if value else sponsorships

    def of_package(self, sponsorships: SponsorshipQuerySet, name: str, slug: str) -> SponsorshipQuerySet:
        return sponsorships.filter(package__slug=slug)

    def with_benefit(self, sponsorships: SponsorshipQuerySet, name: str, benefit: str) -> SponsorshipQuerySet:
        """Filter by the name of a benefit, which is the same in every sponsorship year."""
        return sponsorships.filter(
            pk__in=Sponsorship.objects.filter(sponsorship_benefits__removed=False, sponsorship_benefits__name=benefit).values(
                "pk"
            )
        )

    def is_missing(self, sponsorships: SponsorshipQuerySet, name: str, wanted: str) -> SponsorshipQuerySet:
        if wanted == "logo":
            return sponsorships.filter(sponsor__web_logo="")
        if wanted == "contact":
            return sponsorships.filter(sponsor__contacts=None)
        open_deliverables = SponsorshipDeliverable.objects.active().filter(state__in=[WAITING, NEEDS_CHANGES, TO_DO])
        open_deliverables = open_deliverables.filter(
            **({"kind__in": SponsorshipDeliverable.FROM_SPONSOR} if wanted == "any" else {"key": wanted})
        )
        return sponsorships.filter(pk__in=open_deliverables.values("sponsorship_benefit__sponsorship"))


def choices() -> dict[str, list[tuple[str, str]]]:
    """Return the choices of the filters. Four queries."""
    keys = Deliverable.objects.exclude(key="").exclude(kind__in=[Kind.PLACEMENT, Kind.AUDIENCE])
    special = [("logo", gettext("Sponsor logo")), ("contact", gettext("Any contact")), ("any", gettext("Any sponsor asset"))]
    packages = dict(Package.objects.order_by("sponsorship_year__year", "-sort_order").values_list("slug", "name"))
    return {
        "sponsorship_year": [
            (str(pk), label or str(year)) for pk, label, year in SponsorshipYear.objects.values_list("pk", "label", "year")
        ],
        "package": list(reversed(packages.items())),
        "benefit": [(name, name) for name in sorted(set(Benefit.objects.values_list("name", flat=True)))],
        "missing": special + sorted(set(keys.values_list("key", "label")), key=lambda row: row[1]),
        "stage": list(STAGES.items()),
        "payment": [("to_invoice", gettext("Not invoiced")), ("unpaid", gettext("Payment overdue")), ("paid", gettext("Paid"))],
    }
