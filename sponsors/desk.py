"""The desk: all deals as a board and as a list, with the same filters, and what leaves as a file."""

import csv
import io
from collections import Counter
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from openpyxl import Workbook
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet

from users.models import User

from . import messaging, workflows
from .desk_filters import DealFilterSet, choices
from .desk_forms import MessageForm, NewDealForm
from .models import ACTS, Benefit, Contact, Deal
from .models.acts import SELLING, STAGES
from .selection import Selection

# Columns of the board, from left to right.
BOARD = list(STAGES)
MOST_CARDS = 60
PER_PAGE = 50
# Into which column a card is dropped for which act.
DROPS = {"take": "review", "approve": "approved", "send": "sent", "sign": "signed", "decline": "declined"}
DROPS |= {"withdraw": "withdrawn", "cancel": "cancelled"}
COLOURS = {"active": "ok", "signed": "ok", "sent": "warn", "approved": "info", "review": "info", "applied": "warn"}
SAVED_VIEWS = {
    "New applications": "stage=applied",
    "Nothing delivered yet": "stage=active&stage=signed&missing=any",
    "No logo": "stage=approved&stage=sent&stage=signed&stage=active&missing=logo",
    "Out for signature": "stage=sent",
}
EXPORT = {
    "Deal": "pk",
    "Company Name": "sponsor.name",
    "Contact Name(s)": "",
    "Contact Email(s)": "",
    "Contact phone number": "",
    "Contact Type(s)": "",
    "Season": "season",
    "State": "stage_label",
    "Start Date": "starts_on",
    "End Date": "ends_on",
    "Logo": "",
    "Webpage link": "sponsor.landing_page_url",
    "Sponsorship Level": "level",
    "Sponsorship Cost": "fee",
    "Asked": "items_asked",
    "Delivered": "items_done",
    "Overdue": "items_late",
}


def allowed(permission: str):
    """Only for people with a permission of this app."""

    def decorate(view):
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any):
            if not request.user.has_perm(f"sponsors.{permission}"):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return never_cache(inner)

    return decorate


def filtered(request: HttpRequest):
    return DealFilterSet(request.GET, queryset=Deal.objects.for_desk(), request=request).qs


def flags(deal) -> list[str]:
    """What somebody should look at."""
    words = []
    if deal.items_late and deal.state in SELLING:
        words.append(f"{deal.items_late} overdue")
    if not deal.sponsor.web_logo:
        words.append("No logo")
    if not deal.has_contact:
        words.append("No contact")
    if deal.package is None and not deal.old_level:
        words.append("No package")
    if deal.fee is None and deal.state in {"applied", "review"}:
        words.append("Fee to be set")
    return words


def card(deal, user_actors):
    acts = [name for name, act in ACTS.items() if deal.state in act.moves and act.actors & user_actors and deal._fits(name)]
    drops = {DROPS[name]: name for name in acts if name in DROPS}
    if "put_back" in acts:
        drops.setdefault(ACTS["put_back"].moves[deal.state], "put_back")
    return {"deal": deal, "flags": flags(deal), "drops": " ".join(f"{column}:{act}" for column, act in drops.items())}


def staff_actors(user: User) -> set[str]:
    found = {"manager"} if user.has_perm("sponsors.move_deal") else set()
    return found | ({"lawyer"} if user.has_perm("sponsors.change_agreement") else set())


def filter_context(request: HttpRequest) -> dict:
    query = request.GET.copy()
    query.pop("page", None)
    asked = {name: request.GET.getlist(name) for name in request.GET}
    return {"choices": choices(), "asked": asked, "query": query.urlencode(), "saved_views": SAVED_VIEWS, "stages": STAGES}


def fees_of(cards: list[dict]) -> list[tuple[str, int]]:
    """What the fees of cards add up to, for each currency."""
    totals: Counter = Counter()
    for one in cards:
        totals[one["deal"].season.currency] += one["deal"].fee or 0
    return [(currency, total) for currency, total in totals.items() if total]


@allowed("view_deal")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    actors = staff_actors(request.user)
    columns: dict[str, list[dict]] = {stage: [] for stage in BOARD}
    for deal in filtered(request).order_by("state_since"):
        columns[deal.stage()].append(card(deal, actors))
    rows = [
        {
            "stage": stage,
            "label": STAGES[stage],
            "cards": cards[:MOST_CARDS],
            "number": len(cards),
            "fees": fees_of(cards),
        }
        for stage, cards in columns.items()
    ]
    quiet = {"ended", "declined", "withdrawn", "cancelled"}
    context = {"columns": [row for row in rows if row["stage"] not in quiet or row["number"]], "view": "board"}
    return TemplateResponse(request, "sponsors/admin/board.html", filter_context(request) | context)


@allowed("view_deal")
@require_safe
def deal_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(filtered(request), PER_PAGE).get_page(request.GET.get("page"))
    rows = [{"deal": deal, "flags": flags(deal), "colour": COLOURS.get(deal.stage(), "quiet")} for deal in page]
    context = {"page_obj": page, "rows": rows, "view": "list"}
    return TemplateResponse(request, "sponsors/admin/list.html", filter_context(request) | context)


def export_rows(deals) -> list[list]:
    people = Prefetch("sponsor__contacts", queryset=Contact.objects.order_by("-primary", "name"))
    rows = []
    for deal in deals.prefetch_related(people):
        contacts = list(deal.sponsor.contacts.all())
        values = {heading: value_of(deal, source) for heading, source in EXPORT.items()}
        values["Contact Name(s)"] = "\n".join(contact.name for contact in contacts)
        values["Contact Email(s)"] = "\n".join(contact.email for contact in contacts)
        values["Contact phone number"] = "\n".join(contact.phone for contact in contacts)
        values["Contact Type(s)"] = "\n".join(", ".join(contact.roles) for contact in contacts)
        values["Logo"] = deal.sponsor.logo_url() or ""
        rows.append(list(values.values()))
    return rows


def value_of(deal, source: str):
    value = deal
    for name in filter(None, source.split(".")):
        value = getattr(value, name)
    if not source or value is None:
        return ""
    return value if isinstance(value, int) else safe_cell(str(value))


def safe_cell(text: str) -> str:
    """Programs for tables run what begins like a formula."""
    return f"'{text}" if text.startswith(("=", "+", "@", "\t")) else text


@allowed("export_deal")
@require_safe
def export(request: HttpRequest, kind) -> HttpResponse:
    rows = [list(EXPORT), *export_rows(filtered(request))]
    if kind == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    else:
        book = Workbook()
        for row in rows:
            book.active.append(row)
        content = io.BytesIO()
        book.save(content)
        response = HttpResponse(
            content.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        )
    response["Content-Disposition"] = f'attachment; filename="sponsorships.{kind}"'
    return response


@allowed("add_deal")
@require_http_methods(["GET", "HEAD", "POST"])
def new_deal(request: HttpRequest) -> HttpResponse:
    """A deal that staff enter. It goes the same way as an application."""
    form = NewDealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        sponsor, package = chosen["sponsor"], chosen["package"]
        benefits = Benefit.objects.filter(inclusions__package=package).exclude(availability="withdrawn") if package else []
        try:
            with transaction.atomic():
                workflows.refuse_second(sponsor, chosen["season"])
                selection = Selection.of(chosen["season"], package, benefits)
                deal = workflows.create_deal(
                    sponsor, selection, by=request.user, owner=request.user, notes=f"Entered by staff: {chosen['reason']}"
                )
                if chosen["renew"]:
                    deal.renewal_of = deal.previous_signed()
                    deal.save()
        except ValidationError as error:
            form.add_error("sponsor", error)
        else:
            messages.success(request, f"{deal} is entered.")
            return redirect("sponsorships:deal", deal.pk)
    context = {"form": form, "title": "New deal", "submit": "Enter the deal", "back": reverse("sponsorships:index")}
    return TemplateResponse(request, "sponsors/admin/form.html", context)


@allowed("mail_deal")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """A message to all deals that the filters find, or to one. The recipients are shown before anything is sent."""
    deals = filtered(request)
    form = MessageForm(request.POST or None)
    letters = None
    if request.method == "POST" and form.is_valid():
        if "send" in request.POST:
            # What was ticked in the preview; a deal that the filters do not find any more is left out.
            ticked = [int(text) for text in request.POST.getlist("deal") if text.isdecimal()]
            deals = deals.filter(pk__in=ticked)
        letters = messaging.letters(deals, roles=form.cleaned_data["roles"], words=form.cleaned_data["words"])
        if "send" in request.POST:
            number = messaging.send(letters, by=request.user)
            messages.success(request, f"{number} message{'' if number == 1 else 's'} sent.")
            return redirect(f"{reverse('sponsorships:list')}?{request.GET.urlencode()}")
        targeted = set(
            Deal.objects.filter(lines__removed=False, lines__items__kind="audience").values_list("pk", flat=True).distinct()
        )
        letters = [{"letter": letter, "is_targeted": letter.deal.pk in targeted} for letter in letters]
    context = filter_context(request) | {"form": form, "letters": letters, "number": deals.count(), "title": "Write to sponsors"}
    return TemplateResponse(request, "sponsors/admin/write.html", context)


class DeskMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest):
        return request.user.has_perm("sponsors.view_deal")


class DealsViewSet(ViewSet):
    name = "sponsorships"
    url_prefix = "sponsors/deals"
    icon = "group"
    menu_label = "Deals"
    menu_item_class = DeskMenuItem

    def get_urlpatterns(self):
        from . import deal_pages as pages  # noqa: PLC0415 -- it stands on this module.

        return [
            path("", board, name="index"),
            path("list/", deal_list, name="list"),
            path("export.<str:kind>", export, name="export"),
            path("new/", new_deal, name="new"),
            path("write/", write, name="write"),
            path("<int:pk>/", pages.deal, name="deal"),
            path("<int:pk>/do/<slug:act>/", pages.act, name="act"),
            path("<int:pk>/terms/", pages.terms, name="terms"),
            path("<int:pk>/lines/", pages.lines, name="lines"),
            path("<int:pk>/items/", pages.items, name="items"),
            path("<int:pk>/agreement/", pages.agreement, name="agreement"),
        ]
