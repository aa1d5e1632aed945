"""Reports: what the pipeline is worth, what is sold, who is shown where on a day, and what somebody should look after."""

from datetime import date, timedelta

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe
from wagtail.admin.viewsets.base import ViewSet

from . import placements
from .desk import DeskMenuItem, allowed
from .models import Benefit, Deal, Item, Line, Season, Sponsor, State
from .models.acts import OPEN, SELLING

DAYS_TO_RENEW = 90
MOST_ROWS = 200


def day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return timezone.localdate()


def money(amount: float, season: Season | None) -> str:
    return f"{season.currency if season else ''} {amount:,.0f}".strip()


def pipeline(season: Season | None) -> list[list]:
    deals = Deal.objects.filter(season=season, state__in=[*OPEN, State.SIGNED]).order_by()
    found = {row["state"]: row for row in deals.values("state").annotate(number=Count("pk"), value=Sum("fee"))}
    states = [state for state in State.values if state in found]
    return [[State(state).label, found[state]["number"], money(found[state]["value"] or 0, season)] for state in states]


def sold(season: Season | None) -> list[list]:
    rows = Benefit.objects.filter(season=season, capacity__isnull=False).with_sold().order_by("sort_order")
    return [[benefit.name, benefit.capacity, benefit.sold, benefit.held, benefit.left] for benefit in rows]


def revenue(season: Season | None) -> list[list]:
    """Signed and approved fees, parted by the value of each deal's lines."""
    parts: dict[str, float] = {}
    deals = {deal.pk: deal.fee or 0 for deal in Deal.objects.filter(season=season, state__in=SELLING)}
    lines = Line.objects.filter(deal__in=deals, removed=False).values("deal", "program_name")
    rows = list(lines.annotate(worth=Sum("value")).order_by())
    totals: dict[int, int] = {}
    for row in rows:
        totals[row["deal"]] = totals.get(row["deal"], 0) + (row["worth"] or 0)
    for row in rows:
        if totals[row["deal"]]:
            share = deals[row["deal"]] * (row["worth"] or 0) / totals[row["deal"]]
            parts[row["program_name"]] = parts.get(row["program_name"], 0) + share
    return [[name or "–", money(value, season)] for name, value in sorted(parts.items(), key=lambda part: -part[1])]


def to_renew() -> list[list]:
    today = timezone.localdate()
    ending = Deal.objects.filter(state=State.SIGNED, ends_on__range=(today, today + timedelta(days=DAYS_TO_RENEW)))
    renewed = Q(renewals__state__in=[*OPEN, State.SIGNED])
    rows = ending.exclude(pk__in=Deal.objects.filter(renewed).values("pk")).select_related("sponsor", "package", "season")
    return [
        [deal.sponsor.name, deal.level, deal.ends_on, money(deal.fee or 0, deal.season)]
        for deal in rows.order_by("ends_on")[:MOST_ROWS]
    ]


def overdue() -> list[list]:
    rows = Item.objects.overdue().with_all().order_by("due_on")[:MOST_ROWS]
    return [[item.line.deal.sponsor.name, item.title(), item.get_state_display(), item.due_on] for item in rows]


def shown(on: date) -> list[list]:
    rows = placements.placements(on=on)
    return [
        [item.get_publisher_display(), item.get_place_display(), item.line.deal.sponsor.name, item.line.deal.level]
        for item in rows
    ]


def lacking() -> list[list]:
    rows = Sponsor.objects.lacking().prefetch_related("contacts")[:MOST_ROWS]
    return [[row.name, "" if row.web_logo else "No logo", "" if row.contacts.all() else "No contact"] for row in rows]


@allowed("view_deal")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("season", "")
    seasons = list(Season.objects.all())
    season = next((one for one in seasons if str(one.year) == asked), Season.objects.shown() or (seasons or [None])[0])
    on = day(request.GET.get("on"))
    tables = [
        ("Pipeline", ["State", "Deals", "Fees"], pipeline(season)),
        ("Sold against capacity", ["Benefit", "Capacity", "Sold", "Held by applications", "Left"], sold(season)),
        ("Revenue by program", ["Program", "Fees"], revenue(season)),
        (f"Due for renewal in {DAYS_TO_RENEW} days", ["Sponsor", "Level", "Ends on", "Fee"], to_renew()),
        ("Overdue", ["Sponsor", "What", "State", "Was due on"], overdue()),
        (f"Who is shown where on {on.day} {on:%B %Y}", ["Publisher", "Place", "Sponsor", "Level"], shown(on)),
        ("Sponsors without logo or contact", ["Sponsor", "Logo", "Contact"], lacking()),
    ]
    context = {"tables": tables, "seasons": seasons, "season": season, "on": on}
    return TemplateResponse(request, "sponsors/admin/reports.html", context)


class ReportsViewSet(ViewSet):
    name = "sponsor_reports"
    url_prefix = "sponsors/reports"
    icon = "doc-full-inverse"
    menu_label = "Reports"
    menu_item_class = DeskMenuItem

    def get_urlpatterns(self):
        return [path("", index, name="index")]
