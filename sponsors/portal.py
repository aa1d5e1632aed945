"""Portal of sponsors: their sponsorships, with the deliverables in both directions."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.content.breadcrumbs import breadcrumbs as make_breadcrumbs
from users.requests import AuthenticatedRequest

from .forms import ReasonForm, SignedCopyForm, SubmitForm
from .models import (
    ApplicationDraft,
    Contract,
    DeliverableState,
    Kind,
    Sponsor,
    Sponsorship,
    SponsorshipDeliverable,
    SponsorshipYear,
)
from .models.catalog import TO_SPONSOR

CHIPS = {
    "applied": "neutral",
    "review": "neutral",
    "approved": "brand",
    "sent": "warn",
    "signed": "ok",
    "active": "ok",
}
ITEM_CHIPS: dict[str, str] = {
    DeliverableState.WAITING: "warn",
    DeliverableState.NEEDS_CHANGES: "warn",
    DeliverableState.SUBMITTED: "brand",
    DeliverableState.ACCEPTED: "ok",
    DeliverableState.DELIVERED: "ok",
}
# Labels for sponsors. The labels of the states are for staff.
ITEM_LABELS: dict[str, str | Promise] = {
    DeliverableState.WAITING: _("Waiting for you"),
    DeliverableState.TO_DO: _("We will deliver it"),
    DeliverableState.SUBMITTED: _("In review"),
}
IN_ORDER = ["active", "signed", "sent", "approved", "review", "applied", "ended", "cancelled", "withdrawn", "declined"]


def portal(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    return never_cache(login_required(view))


breadcrumbs = partial(make_breadcrumbs, (_("Your sponsorships"), "/users/sponsorships/"))


def get_own_sponsorship(request: HttpRequest, pk: int) -> Sponsorship:
    sponsorships = Sponsorship.objects.visible_to(request.user).select_related("sponsor", "sponsorship_year", "package")
    return get_object_or_404(sponsorships.prefetch_related("sponsor__contacts"), pk=pk)


@portal
@require_safe
def index(request: AuthenticatedRequest) -> HttpResponse:
    sponsorships = list(Sponsorship.objects.visible_to(request.user).select_related("sponsor", "sponsorship_year", "package"))
    owed = (
        SponsorshipDeliverable.objects.owed()
        .filter(sponsorship_benefit__sponsorship__in=sponsorships)
        .values_list("sponsorship_benefit__sponsorship", flat=True)
    )
    numbers: dict[int, int] = {}
    for pk in owed:
        numbers[pk] = numbers.get(pk, 0) + 1
    sponsorships.sort(key=lambda sponsorship: IN_ORDER.index(sponsorship.stage()))
    rows = [
        {"sponsorship": sponsorship, "chip": CHIPS.get(sponsorship.stage(), "neutral"), "owed": numbers.get(sponsorship.pk, 0)}
        for sponsorship in sponsorships
    ]
    sponsors = Sponsor.objects.of(request.user)
    sponsorship_year = SponsorshipYear.objects.open().first()
    drafts = ApplicationDraft.objects.open().filter(user=request.user)
    context = {
        "title": gettext("Your sponsorships"),
        "rows": rows,
        "sponsors": sponsors,
        "sponsorship_year": sponsorship_year,
        "drafts": [{"title": str(draft), "url": reverse("sponsors:resume")} for draft in drafts],
        "breadcrumbs": breadcrumbs(),
    }
    return render(request, "sponsors/portal_index.html", context)


def get_checklist(sponsorship: Sponsorship) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of requested assets, most urgent first, and of deliverables to the sponsor."""
    items = list(SponsorshipDeliverable.objects.active().filter(sponsorship_benefit__sponsorship=sponsorship).with_related())
    far = timezone.localdate().replace(year=9999)
    requested = [item for item in items if item.is_from_sponsor]
    requested.sort(key=lambda item: (not item.is_open, item.due_on or far, item.pk))
    given = [item for item in items if item.kind in TO_SPONSOR]
    return [checklist_row(item) for item in requested], [checklist_row(item) for item in given]


def checklist_row(item: SponsorshipDeliverable, form: SubmitForm | None = None) -> dict[str, Any]:
    return {
        "item": item,
        "label": ITEM_LABELS.get(item.state, item.get_state_display()),
        "chip": "stop" if item.is_overdue() else ITEM_CHIPS.get(item.state, "neutral"),
        "form": form or (SubmitForm(item=item) if item.is_from_sponsor and item.asset else None),
        "quantity": item.uses if item.kind == Kind.VOUCHER else None,
        "is_image": item.kind == Kind.IMAGE,
    }


def sponsorship_page(
    request: AuthenticatedRequest,
    sponsorship: Sponsorship,
    *,
    refused: SubmitForm | SignedCopyForm | ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a sponsorship. `refused` is the form of the page that was sent with errors."""
    rights = sponsorship.get_contact_rights(request.user)
    requested, given = get_checklist(sponsorship)
    if isinstance(refused, SubmitForm):
        requested = [checklist_row(row["item"], refused) if row["item"].pk == refused.item.pk else row for row in requested]
    context = {
        "title": str(sponsorship.sponsor),
        "sponsorship": sponsorship,
        "chip": CHIPS.get(sponsorship.stage(), "neutral"),
        "rights": rights,
        "requested": requested,
        "given": given,
        "left": sum(row["item"].is_open for row in requested),
        "benefits": sponsorship.active_benefits(),
        "contracts": sponsorship.contracts.exclude(state__in=[Contract.State.DRAFT, Contract.State.VOID])
        if "sign" in rights
        else [],
        "copy_form": refused if isinstance(refused, SignedCopyForm) else SignedCopyForm(),
        "withdraw_form": refused if isinstance(refused, ReasonForm) else ReasonForm(),
        "may_withdraw": "withdraw" in sponsorship.get_transitions(request.user),
        "renewal_sponsorship_year": SponsorshipYear.objects.open().exclude(pk=sponsorship.sponsorship_year_id).first()
        if sponsorship.signed_on and Sponsor.objects.of(request.user).filter(pk=sponsorship.sponsor_id).exists()
        else None,
        "refused": refused,
        "breadcrumbs": breadcrumbs((str(sponsorship), "")),
    }
    return render(request, "sponsors/portal_sponsorship.html", context, status=status)


@portal
@require_safe
def sponsorship(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    return sponsorship_page(request, get_own_sponsorship(request, pk))


@portal
@require_safe
def redirect_old_url(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect("sponsor_portal:sponsorship", pk, permanent=True)


@portal
@require_safe
def sponsor_shortcut(request: HttpRequest) -> HttpResponse:
    """Redirect to the sponsor of the user, or to the list if there is none or more than one."""
    sponsors = list(Sponsor.objects.of(request.user))
    if len(sponsors) == 1:
        return redirect("sponsor_portal:sponsor", sponsors[0].pk)
    if not sponsors:
        messages.info(request, gettext("You are not a contact of a sponsor yet. Ask a colleague who is a contact to invite you."))
    return redirect("sponsor_portal:index")
