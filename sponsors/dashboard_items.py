"""Sponsorships on the admin home."""

from datetime import datetime

from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from cms.editor import command_palette
from cms.editor.dashboard import Action, DashboardItem, counts, register
from users.models import User

from .models import Sponsorship, SponsorshipDeliverable, SponsorshipYear, State
from .models.catalog import FROM_SPONSOR, TO_SPONSOR

NEXT = {
    State.APPLIED: ngettext_lazy("new application", "new applications"),
    State.REVIEW: ngettext_lazy("application in review", "applications in review"),
    State.APPROVED: ngettext_lazy("approved sponsorship without a contract", "approved sponsorships without a contract"),
    State.SENT: ngettext_lazy("contract sent but not signed", "contracts sent but not signed"),
}


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    sponsorships = reverse("sponsorships:list")
    today = at.date()
    *found, submitted, copies, theirs, ours, ending, to_invoice, unpaid = counts(
        *(Sponsorship.objects.filter(state=state) for state in NEXT),
        SponsorshipDeliverable.objects.submitted(),
        Sponsorship.objects.with_signed_copy(),
        SponsorshipDeliverable.objects.overdue(today).filter(kind__in=FROM_SPONSOR),
        SponsorshipDeliverable.objects.overdue(today).filter(kind__in=TO_SPONSOR),
        Sponsorship.objects.ending(today),
        Sponsorship.objects.to_invoice(),
        Sponsorship.objects.unpaid(today),
    )
    numbers = dict(zip(NEXT, found, strict=True))
    waiting = [
        DashboardItem(NEXT[state] % number, number, f"{sponsorships}?stage={state}", "", "review")
        for state, number in numbers.items()
        if number
    ]
    deliverables = reverse("sponsor_deliverables:index")
    due = f"{deliverables}?overdue=true&direction="
    return [
        *waiting,
        DashboardItem(
            ngettext("sponsor asset to review", "sponsor assets to review", submitted),
            submitted,
            f"{deliverables}?state=submitted",
            "",
            "review",
        ),
        DashboardItem(
            ngettext("signed copy to review", "signed copies to review", copies),
            copies,
            f"{sponsorships}?signed_copy=true",
            "",
            "review",
        ),
        DashboardItem(_("overdue from sponsors"), theirs, f"{due}in", "warn"),
        DashboardItem(_("overdue from us"), ours, f"{due}out", "stop", "due"),
        DashboardItem(
            ngettext("sponsorship ends within 90 days", "sponsorships end within 90 days", ending),
            ending,
            f"{sponsorships}?ending=true",
        ),
        DashboardItem(
            ngettext("sponsorship not invoiced", "sponsorships not invoiced", to_invoice),
            to_invoice,
            f"{sponsorships}?payment=to_invoice",
        ),
        DashboardItem(ngettext("late payment", "late payments", unpaid), unpaid, f"{sponsorships}?payment=unpaid", "warn"),
    ]


def get_actions(user: User, at: datetime) -> list[Action]:
    may_add = user.has_perm("sponsors.add_sponsorship")
    return [
        *([Action(_("New sponsorship"), reverse("sponsorships:new"))] if may_add else []),
        Action(_("Sponsorship board"), reverse("sponsorships:index")),
        Action(_("Deliverables"), reverse("sponsor_deliverables:index")),
    ]


register(
    "sponsors",
    _("Sponsors"),
    permission="sponsors.view_sponsorship",
    items=get_dashboard_items,
    actions=get_actions,
    order=20,
)


def label_of_year(prefix: str = "") -> Case:
    """Return the label of a sponsorship year, or its number if staff have given it none."""
    return Case(When(**{f"{prefix}label": ""}, then=Cast(f"{prefix}year", CharField())), default=F(f"{prefix}label"))


command_palette.register(
    Sponsorship, Concat("sponsor__name", Value(" "), label_of_year("sponsorship_year__")), url_name="sponsorships:sponsorship"
)
command_palette.register(SponsorshipYear, label_of_year(), url_name="sponsors_sponsorship_year:edit")
