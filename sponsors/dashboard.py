"""Dashboard of sponsorships: board, list, export and messages, all with the same filters."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from openpyxl import Workbook
from wagtail.admin.menu import MenuItem

from cms.platform.text import parse_int, safe_cell
from users.models import User
from users.requests import AuthenticatedRequest

from . import messaging, workflows
from .dashboard_filters import SponsorshipFilterSet, choices
from .dashboard_forms import MessageForm, NewSponsorshipForm
from .models import TRANSITIONS, Benefit, Contact, Selection, Sponsorship
from .models.sponsorships import SponsorshipQuerySet
from .models.states import SELLING, STAGES
from .models.transitions import LAWYER, MANAGER

View = Callable[..., HttpResponse]
# Columns of the board, from left to right.
BOARD = list(STAGES)
# Columns of closed sponsorships, which lead to the list.
QUIET = {"ended", "declined", "withdrawn", "cancelled"}
MAX_CARDS = 60
PER_PAGE = 50
# Transition -> column onto which a card is dropped to make it.
DROPS = {"take": "review", "approve": "approved", "send": "sent", "sign": "signed", "decline": "declined"}
DROPS |= {"withdraw": "withdrawn", "cancel": "cancelled"}
STATE_COLORS = {"active": "ok", "signed": "ok", "sent": "warn", "approved": "info", "review": "info", "applied": "warn"}
SAVED_VIEWS = {
    _("New applications"): "stage=applied",
    _("No assets received"): "stage=active&stage=signed&missing=any",
    _("No logo"): "stage=approved&stage=sent&stage=signed&stage=active&missing=logo",
    _("Contract sent"): "stage=sent",
    _("Not invoiced"): "payment=to_invoice",
    _("Payment overdue"): "payment=unpaid",
}
EXPORT = {
    "Sponsorship ID": "pk",
    "Company Name": "sponsor.name",
    "Contact Name(s)": "",
    "Contact Email(s)": "",
    "Contact phone number": "",
    "Contact Type(s)": "",
    "Sponsorship year": "sponsorship_year",
    "Status": "state_label",
    "Start Date": "starts_on",
    "End Date": "ends_on",
    "Logo": "",
    "Webpage link": "sponsor.landing_page_url",
    "Sponsorship Level": "level",
    "Sponsorship Cost": "fee",
    "Purchase order": "po_number",
    "Invoice": "invoice_number",
    "Invoiced on": "invoiced_on",
    "Paid on": "paid_on",
    "Assets requested": "assets_requested",
    "Assets received": "assets_received",
    "Assets overdue": "assets_overdue",
}


def allowed(permission: str) -> Callable[[View], View]:
    """Require a permission of this app for a view."""

    def decorate(view: View) -> View:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(f"sponsors.{permission}"):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return never_cache(inner)

    return decorate


def filtered(request: HttpRequest) -> SponsorshipQuerySet:
    return SponsorshipFilterSet(request.GET, queryset=Sponsorship.objects.for_dashboard(), request=request).qs


def flags(sponsorship: Sponsorship) -> list[str]:
    """Return warnings about a sponsorship from `for_dashboard()`."""
    found = []
    if sponsorship.assets_overdue and sponsorship.state in SELLING:
        found.append(f"{sponsorship.assets_overdue} overdue")
    if not sponsorship.sponsor.web_logo:
        found.append("No logo")
    if not sponsorship.has_contact:
        found.append("No contact")
    if sponsorship.package is None and not sponsorship.old_level:
        found.append("No package")
    if sponsorship.fee is None and sponsorship.state in {"applied", "review"}:
        found.append("Fee not set")
    return found


def card(sponsorship: Sponsorship, roles: set[str]) -> dict[str, Any]:
    """Return a card of the board, with the transitions made by dropping it onto another column."""
    available = sponsorship.get_transitions(None, roles)
    drops = {DROPS[name]: name for name in available if name in DROPS}
    if "put_back" in available:
        drops.setdefault(TRANSITIONS["put_back"].moves[sponsorship.state], "put_back")
    return {
        "sponsorship": sponsorship,
        "flags": flags(sponsorship),
        "moves": [(STAGES[column], name) for column, name in drops.items()],
        "drops": " ".join(f"{column}:{name}" for column, name in drops.items()),
    }


def get_staff_roles(user: User) -> set[str]:
    """Return the roles that a user has for all sponsorships."""
    roles = {MANAGER} if user.has_perm("sponsors.move_sponsorship") else set()
    return roles | ({LAWYER} if user.has_perm("sponsors.change_contract") else set())


def filter_context(request: HttpRequest) -> dict[str, Any]:
    query = request.GET.copy()
    query.pop("page", None)
    selected = {name: request.GET.getlist(name) for name in request.GET}
    return {"choices": choices(), "selected": selected, "query": query.urlencode(), "saved_views": SAVED_VIEWS, "stages": STAGES}


def total_fees(cards: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """Return the sum of the fees of cards by currency."""
    totals: Counter = Counter()
    for one in cards:
        totals[one["sponsorship"].sponsorship_year.currency] += one["sponsorship"].fee or 0
    return [(currency, total) for currency, total in totals.items() if total]


@allowed("view_sponsorship")
@require_safe
def board(request: AuthenticatedRequest) -> HttpResponse:
    roles = get_staff_roles(request.user)
    columns: dict[str, list[dict]] = {stage: [] for stage in BOARD}
    for sponsorship in filtered(request).order_by("state_since"):
        columns[sponsorship.stage()].append(card(sponsorship, roles))
    rows = [
        {
            "stage": stage,
            "label": STAGES[stage],
            "cards": [] if stage in QUIET else cards[:MAX_CARDS],
            "is_strip": stage in QUIET or not cards,
            "number": len(cards),
            "fees": total_fees(cards),
        }
        for stage, cards in columns.items()
    ]
    context = {"columns": [row for row in rows if row["stage"] not in QUIET or row["number"]], "view": "board"}
    return TemplateResponse(request, "sponsors/admin/board.html", filter_context(request) | context)


@allowed("view_sponsorship")
@require_safe
def sponsorship_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(filtered(request), PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {"sponsorship": sponsorship, "flags": flags(sponsorship), "colour": STATE_COLORS.get(sponsorship.stage(), "quiet")}
        for sponsorship in page
    ]
    context = {"page_obj": page, "rows": rows, "view": "list"}
    return TemplateResponse(request, "sponsors/admin/list.html", filter_context(request) | context)


def export_rows(sponsorships: QuerySet[Sponsorship]) -> list[list[Any]]:
    people = Prefetch("sponsor__contacts", queryset=Contact.objects.order_by("-primary", "name"))
    rows = []
    for sponsorship in sponsorships.prefetch_related(people):
        contacts = list(sponsorship.sponsor.contacts.all())
        values = {heading: value_of(sponsorship, source) for heading, source in EXPORT.items()}
        values["Contact Name(s)"] = "\n".join(contact.name for contact in contacts)
        values["Contact Email(s)"] = "\n".join(contact.email for contact in contacts)
        values["Contact phone number"] = "\n".join(contact.phone for contact in contacts)
        values["Contact Type(s)"] = "\n".join(", ".join(contact.roles) for contact in contacts)
        values["Logo"] = sponsorship.sponsor.logo_url() or ""
        rows.append(list(values.values()))
    return rows


def value_of(sponsorship: Sponsorship, source: str) -> int | str:
    value: Any = sponsorship
    for name in filter(None, source.split(".")):
        value = getattr(value, name)
    if not source or value is None:
        return ""
    return value if isinstance(value, int) else safe_cell(str(value))


@allowed("export_sponsorship")
@require_safe
def export(request: HttpRequest, kind: str) -> HttpResponse:
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


@allowed("add_sponsorship")
@require_http_methods(["GET", "HEAD", "POST"])
def new_sponsorship(request: AuthenticatedRequest) -> HttpResponse:
    """Create a sponsorship for a sponsor. It starts as an application."""
    form = NewSponsorshipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        sponsor, package = chosen["sponsor"], chosen["package"]
        benefits = Benefit.objects.filter(package_benefits__package=package).exclude(availability="withdrawn") if package else []
        try:
            with transaction.atomic():
                workflows.refuse_second_application(sponsor, chosen["sponsorship_year"])
                selection = Selection.of(chosen["sponsorship_year"], package, benefits)
                sponsorship = workflows.create_sponsorship(
                    sponsor, selection, by=request.user, owner=request.user, notes=f"Entered by staff: {chosen['reason']}"
                )
                if chosen["renew"]:
                    sponsorship.renewal_of = sponsorship.previous_signed()
                    sponsorship.save()
        except ValidationError as error:
            form.add_error("sponsor", error)
        else:
            messages.success(request, gettext("Added %(sponsorship)s.") % {"sponsorship": sponsorship})
            return redirect("sponsorships:sponsorship", sponsorship.pk)
    context = {"form": form, "title": _("New sponsorship"), "submit": _("Add sponsorship"), "back": reverse("sponsorships:index")}
    return TemplateResponse(request, "sponsors/admin/form.html", context)


@allowed("mail_sponsorship")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: AuthenticatedRequest) -> HttpResponse:
    """Draft a message to the contacts of all filtered sponsorships, after a preview of the recipients."""
    sponsorships = filtered(request)
    form = MessageForm(request.POST or None)
    preview: list[dict[str, Any]] | None = None
    if request.method == "POST" and form.is_valid():
        if "send" in request.POST:
            # Recipients selected in the preview that still match the filters.
            selected = [parse_int(text) for text in request.POST.getlist("sponsorship")]
            sponsorships = sponsorships.filter(pk__in=selected)
        letters = messaging.build_letters(sponsorships, roles=form.cleaned_data["roles"], content=form.cleaned_data["content"])
        if "send" in request.POST:
            number = messaging.save_drafts(letters, by=request.user)
            messages.success(
                request,
                ngettext(
                    "%(number)s message is a draft. Check it, then send it.",
                    "%(number)s messages are drafts. Check them, then send them.",
                    number,
                )
                % {"number": number},
            )
            return redirect(f"{reverse('draft_messages')}?type=sponsors.message")
        targeted = set(
            Sponsorship.objects.filter(sponsorship_benefits__removed=False, sponsorship_benefits__deliverables__kind="audience")
            .values_list("pk", flat=True)
            .distinct()
        )
        preview = [{"letter": letter, "is_targeted": letter.sponsorship.pk in targeted} for letter in letters]
    context = filter_context(request) | {
        "form": form,
        "letters": preview,
        "number": sponsorships.count(),
        "title": _("Email sponsors"),
    }
    return TemplateResponse(request, "sponsors/admin/write.html", context)


class DashboardMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sponsors.view_sponsorship")
