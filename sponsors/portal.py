"""What sponsors see of their deals: a page for each, with what we owe them and what they owe us."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.content.breadcrumbs import breadcrumbs as make_breadcrumbs

from .forms import ReasonForm, SignedCopyForm, SubmitForm
from .models import Agreement, Deal, Item, ItemState, Kind, Season, Sponsor
from .models.items import TO_SPONSOR

CHIPS = {
    "applied": "neutral",
    "review": "neutral",
    "approved": "brand",
    "sent": "warn",
    "signed": "ok",
    "active": "ok",
}
ITEM_CHIPS = {
    ItemState.WAITING: "warn",
    ItemState.NEEDS_CHANGES: "warn",
    ItemState.SUBMITTED: "brand",
    ItemState.ACCEPTED: "ok",
    ItemState.DELIVERED: "ok",
}
# What a sponsor reads of a state; staff read it from their side.
ITEM_LABELS = {ItemState.WAITING: "Waiting for you", ItemState.TO_DO: "Comes from us", ItemState.SUBMITTED: "Sent, we check it"}
IN_ORDER = ["active", "signed", "sent", "approved", "review", "applied", "ended", "cancelled", "withdrawn", "declined"]


def portal(view):
    return never_cache(login_required(view))


breadcrumbs = partial(make_breadcrumbs, ("My sponsorships", "/users/sponsorships/"))


def own_deal(request: HttpRequest, pk: int) -> Deal:
    deals = Deal.objects.visible_to(request.user).select_related("sponsor", "season", "package")
    return get_object_or_404(deals.prefetch_related("sponsor__contacts"), pk=pk)


@portal
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    deals = list(Deal.objects.visible_to(request.user).select_related("sponsor", "season", "package"))
    owed = Item.objects.owed().filter(line__deal__in=deals).values_list("line__deal", flat=True)
    numbers: dict[int, int] = {}
    for pk in owed:
        numbers[pk] = numbers.get(pk, 0) + 1
    deals.sort(key=lambda deal: IN_ORDER.index(deal.stage()))
    rows = [{"deal": deal, "chip": CHIPS.get(deal.stage(), "neutral"), "owed": numbers.get(deal.pk, 0)} for deal in deals]
    sponsors = Sponsor.objects.of(request.user)
    season = Season.objects.open().first()
    context = {"title": "My sponsorships", "rows": rows, "sponsors": sponsors, "season": season, "breadcrumbs": breadcrumbs()}
    return render(request, "sponsors/portal_index.html", context)


def checklist(deal: Deal) -> tuple[list[dict], list[dict]]:
    """What they owe us, the most urgent first, and what we owe them."""
    items = list(Item.objects.kept().filter(line__deal=deal).with_all())
    far = timezone.localdate().replace(year=9999)
    asked = [item for item in items if item.is_from_sponsor]
    asked.sort(key=lambda item: (not item.is_open, item.due_on or far, item.pk))
    given = [item for item in items if item.kind in TO_SPONSOR]
    return [row_of(item) for item in asked], [row_of(item) for item in given]


def row_of(item, form=None):
    return {
        "item": item,
        "label": ITEM_LABELS.get(item.state, item.get_state_display()),
        "chip": "stop" if item.is_overdue() else ITEM_CHIPS.get(item.state, "neutral"),
        "form": form or (SubmitForm(item=item) if item.is_from_sponsor and item.answer else None),
        "quantity": (item.quantity or item.line.quantity) if item.kind == Kind.VOUCHER else None,
        "is_image": item.kind == Kind.IMAGE,
    }


def deal_page(
    request: HttpRequest, deal: Deal, *, refused: SubmitForm | None = None, copy_form=None, status: int = 200
) -> HttpResponse:
    rights = deal.rights_of(request.user)
    asked, given = checklist(deal)
    if refused is not None:
        asked = [row_of(row["item"], refused) if row["item"].pk == refused.item.pk else row for row in asked]
    context = {
        "title": str(deal.sponsor),
        "deal": deal,
        "chip": CHIPS.get(deal.stage(), "neutral"),
        "rights": rights,
        "asked": asked,
        "given": given,
        "left": sum(row["item"].is_open for row in asked),
        "lines": deal.kept_lines(),
        "agreements": deal.agreements.exclude(state__in=[Agreement.State.DRAFT, Agreement.State.VOID])
        if "sign" in rights
        else [],
        "copy_form": copy_form or SignedCopyForm(),
        "withdraw_form": ReasonForm(),
        "may_withdraw": "withdraw" in deal.acts_for(request.user),
        "renewal_season": Season.objects.open().exclude(pk=deal.season_id).first() if deal.signed_on else None,
        "refused": refused,
        "breadcrumbs": breadcrumbs((str(deal), "")),
    }
    return render(request, "sponsors/portal_deal.html", context, status=status)


@portal
@require_safe
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    return deal_page(request, own_deal(request, pk))


@portal
@require_safe
def old_address(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect("sponsor_portal:deal", pk, permanent=True)


@portal
@require_safe
def sponsor_shortcut(request: HttpRequest) -> HttpResponse:
    """One address for "my organisation", whoever asks."""
    sponsors = list(Sponsor.objects.of(request.user))
    if len(sponsors) == 1:
        return redirect("sponsor_portal:sponsor", sponsors[0].pk)
    if not sponsors:
        messages.info(request, "You are no contact of a sponsor yet. Ask a colleague who is to invite you.")
    return redirect("sponsor_portal:index")
