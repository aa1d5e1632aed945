"""Who owes what, for the first screen of the admin."""

from datetime import timedelta

from django.db.models import Value
from django.db.models.functions import Concat
from django.urls import reverse

from cms import jump
from cms.desk import Line, counts, register

from .models import Deal, Item, State

SOON = timedelta(days=90)
NEXT = {
    State.APPLIED: "applications that nobody has looked at",
    State.REVIEW: "applications in review",
    State.APPROVED: "approved deals without an agreement",
    State.SENT: "agreements out for signature",
}


def lines(user, at) -> list[Line]:
    board, deals = reverse("sponsorships:index"), reverse("sponsorships:list")
    today = at.date()
    *found, overdue, ending = counts(
        *(Deal.objects.filter(state=state) for state in NEXT),
        Item.objects.overdue(today),
        Deal.objects.filter(state=State.SIGNED, ends_on__range=(today, today + SOON)),
    )
    shown = [Line(text, number, board) for text, number in zip(NEXT.values(), found, strict=True) if number]
    return [
        *shown,
        Line("things that sponsors owe are overdue", overdue, deals, "warn" if overdue else ""),
        Line("deals end within 90 days", ending, deals),
    ]


register("sponsors", "Sponsors", permission="sponsors.view_deal", lines=lines, order=20)
jump.register(Deal, Concat("sponsor__name", Value(" "), "season__label"), url_name="sponsorships:deal")
