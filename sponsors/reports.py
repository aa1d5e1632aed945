"""Reports on sponsorships: pipeline, capacity, revenue, renewals, deliverables and placements."""

from datetime import date

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from wagtail.admin.viewsets.base import ViewSet

from cms.content.money import format_money
from cms.platform.dates import show_date

from . import placements
from .dashboard import DashboardMenuItem, allowed
from .models import Benefit, Sponsor, Sponsorship, SponsorshipBenefit, SponsorshipDeliverable, SponsorshipYear, State
from .models.sponsorships import RENEWAL_PERIOD
from .models.states import OPEN, SELLING

MAX_ROWS = 200


def day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return timezone.localdate()


def money(amount: float, sponsorship_year: SponsorshipYear | None) -> str:
    return format_money(amount, sponsorship_year.currency if sponsorship_year else "")


def pipeline(sponsorship_year: SponsorshipYear | None) -> list[list]:
    sponsorships = Sponsorship.objects.filter(sponsorship_year=sponsorship_year, state__in=[*OPEN, State.SIGNED]).order_by()
    found = {row["state"]: row for row in sponsorships.values("state").annotate(number=Count("pk"), value=Sum("fee"))}
    states = [state for state in State.values if state in found]
    return [[State(state).label, found[state]["number"], money(found[state]["value"] or 0, sponsorship_year)] for state in states]


def sold(sponsorship_year: SponsorshipYear | None) -> list[list]:
    rows = Benefit.objects.filter(sponsorship_year=sponsorship_year, capacity__isnull=False).with_sold().order_by("sort_order")
    return [[benefit.name, benefit.capacity, benefit.sold, benefit.held, benefit.left] for benefit in rows]


def revenue(sponsorship_year: SponsorshipYear | None) -> list[list]:
    """Return signed and approved fees by program, divided by the value of the benefits."""
    parts: dict[str, float] = {}
    sponsorships = {
        sponsorship.pk: sponsorship.fee or 0
        for sponsorship in Sponsorship.objects.filter(sponsorship_year=sponsorship_year, state__in=SELLING)
    }
    benefits = SponsorshipBenefit.objects.filter(sponsorship__in=sponsorships, removed=False).values(
        "sponsorship", "program_name"
    )
    rows = list(benefits.annotate(worth=Sum("value")).order_by())
    totals: dict[int, int] = {}
    for row in rows:
        totals[row["sponsorship"]] = totals.get(row["sponsorship"], 0) + (row["worth"] or 0)
    for row in rows:
        if totals[row["sponsorship"]]:
            share = sponsorships[row["sponsorship"]] * (row["worth"] or 0) / totals[row["sponsorship"]]
            parts[row["program_name"]] = parts.get(row["program_name"], 0) + share
    return [[name or "–", money(value, sponsorship_year)] for name, value in sorted(parts.items(), key=lambda part: -part[1])]


def to_renew() -> list[list]:
    rows = Sponsorship.objects.ending().select_related("sponsor", "package", "sponsorship_year")
    return [
        [
            sponsorship.sponsor.name,
            sponsorship.level,
            sponsorship.ends_on,
            money(sponsorship.fee or 0, sponsorship.sponsorship_year),
        ]
        for sponsorship in rows.order_by("ends_on")[:MAX_ROWS]
    ]


def overdue() -> list[list]:
    rows = SponsorshipDeliverable.objects.overdue().with_related().order_by("due_on")[:MAX_ROWS]
    return [
        [item.sponsorship_benefit.sponsorship.sponsor.name, item.title(), item.get_state_display(), item.due_on] for item in rows
    ]


def shown(on: date) -> list[list]:
    rows = placements.get_placements(on=on)
    return [
        [
            item.get_publisher_display(),
            item.get_place_display(),
            item.sponsorship_benefit.sponsorship.sponsor.name,
            item.sponsorship_benefit.sponsorship.level,
        ]
        for item in rows
    ]


def incomplete_sponsors() -> list[list]:
    rows = Sponsor.objects.incomplete().prefetch_related("contacts")[:MAX_ROWS]
    return [[row.name, "" if row.web_logo else _("No logo"), "" if row.contacts.all() else _("No contact")] for row in rows]


@allowed("view_sponsorship")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    year = request.GET.get("sponsorship_year", "")
    sponsorship_years = list(SponsorshipYear.objects.all())
    sponsorship_year = next(
        (one for one in sponsorship_years if str(one.year) == year),
        SponsorshipYear.objects.shown() or next(iter(sponsorship_years), None),
    )
    on = day(request.GET.get("on"))
    tables = [
        (_("Pipeline"), [_("Status"), _("Sponsorships"), _("Fees")], pipeline(sponsorship_year)),
        (
            _("Benefits sold and capacity"),
            [_("Benefit"), _("Capacity"), _("Sold"), _("Reserved by applications"), _("Available")],
            sold(sponsorship_year),
        ),
        (_("Revenue by program"), [_("Program"), _("Fees")], revenue(sponsorship_year)),
        (
            _("Due for renewal within %(days_to_renew)s days") % {"days_to_renew": RENEWAL_PERIOD.days},
            [_("Sponsor"), _("Level"), _("Ends on"), _("Fee")],
            to_renew(),
        ),
        (_("Overdue"), [_("Sponsor"), _("Item"), _("Status"), _("Due date")], overdue()),
        (
            _("Logo placements on %(day)s") % {"day": show_date(on, "LONG_DATE")},
            [_("Publisher"), _("Place"), _("Sponsor"), _("Level")],
            shown(on),
        ),
        (_("Sponsors without logo or contact"), [_("Sponsor"), _("Logo"), _("Contact")], incomplete_sponsors()),
    ]
    context = {"tables": tables, "sponsorship_years": sponsorship_years, "sponsorship_year": sponsorship_year, "on": on}
    return TemplateResponse(request, "sponsors/admin/reports.html", context)


class ReportsViewSet(ViewSet):
    name = "sponsor_reports"
    url_prefix = "sponsors/reports"
    icon = "doc-full-inverse"
    menu_label = _("Reports")
    menu_item_class = DashboardMenuItem

    def get_urlpatterns(self) -> list[URLPattern]:
        return [path("", index, name="index")]
