"""Sponsorships on the admin home."""

from datetime import datetime, timedelta

from django.db.models import Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext, ngettext, ngettext_lazy

from cms.editor import command_palette
from cms.editor.dashboard import DashboardItem, counts, register
from users.models import User

from .models import Sponsor, Sponsorship, SponsorshipDeliverable, State
from .models.catalogue import FROM_SPONSOR, TO_SPONSOR

SOON = timedelta(days=90)
NEXT = {
    State.APPLIED: ngettext_lazy("new application", "new applications"),
    State.REVIEW: ngettext_lazy("application in review", "applications in review"),
    State.APPROVED: ngettext_lazy("approved sponsorship without a contract", "approved sponsorships without a contract"),
    State.SENT: ngettext_lazy("contract out for signature", "contracts out for signature"),
}


def get_dashboard_items(user: User, at: datetime) -> list[DashboardItem]:
    sponsorships = reverse("sponsorships:list")
    today = at.date()
    *found, changed, theirs, ours, ending = counts(
        *(Sponsorship.objects.filter(state=state) for state in NEXT),
        Sponsor.objects.filter(proposed_revision__isnull=False),
        SponsorshipDeliverable.objects.overdue(today).filter(kind__in=FROM_SPONSOR),
        SponsorshipDeliverable.objects.overdue(today).filter(kind__in=TO_SPONSOR),
        Sponsorship.objects.filter(state=State.SIGNED, ends_on__range=(today, today + SOON)),
    )
    numbers = dict(zip(NEXT, found, strict=True))
    waiting = [
        DashboardItem(NEXT[state] % number, number, f"{sponsorships}?stage={state}")
        for state, number in numbers.items()
        if number
    ]
    due = f"{reverse('sponsor_deliverables:index')}?overdue=true&direction="
    return [
        *waiting,
        DashboardItem(ngettext("change by a sponsor", "changes by sponsors", changed), changed, reverse("moderation_queue")),
        DashboardItem(gettext("overdue from sponsors"), theirs, f"{due}in", "warn" if theirs else ""),
        DashboardItem(gettext("overdue from us"), ours, f"{due}out", "stop" if ours else ""),
        DashboardItem(
            ngettext("sponsorship ends within 90 days", "sponsorships end within 90 days", ending),
            ending,
            reverse("sponsor_reports:index"),
        ),
    ]


register("sponsors", "Sponsors", permission="sponsors.view_sponsorship", items=get_dashboard_items, order=20)
command_palette.register(
    Sponsorship, Concat("sponsor__name", Value(" "), "sponsorship_year__label"), url_name="sponsorships:sponsorship"
)
