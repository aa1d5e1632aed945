"""Messages from staff to sponsors: who gets one is shown before it is sent, and each is kept with its deal."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch
from wagtail.log_actions import log

from cms.email.models import render_template

from . import emails
from .models import Contact, Deal


@dataclass
class Letter:
    deal: Deal
    to: list[str]
    subject: str
    body: str


def variables(deal: Deal) -> dict[str, str]:
    return {
        "sponsor_name": deal.sponsor.name,
        "sponsorship_level": deal.level,
        "sponsorship_start_date": emails.words_of_day(deal.starts_on),
        "sponsorship_end_date": emails.words_of_day(deal.ends_on),
        "sponsorship_status": deal.stage_label,
        "portal_url": emails.portal_url(deal),
    }


def letters(deals: Iterable[Deal], *, roles: list[str], words: dict[str, str]) -> list[Letter]:
    """What would be sent to whom. Deals without such a contact have an empty `to`, so that staff see them."""
    people = Prefetch("sponsor__contacts", queryset=Contact.objects.with_role(*roles), to_attr="addressed")
    rows = Deal.objects.filter(pk__in=[deal.pk for deal in deals]).select_related("sponsor", "season", "package")
    found = []
    for deal in rows.prefetch_related(people):
        to = list({contact.email.lower(): contact.email for contact in deal.sponsor.addressed}.values())
        known = variables(deal)
        found.append(Letter(deal, to, render_template(words["subject"], known), render_template(words["body"], known)))
    return found


@transaction.atomic
def send(written: list[Letter], *, by) -> int:
    """Send each letter that has somebody to go to, and say how many."""
    going = [letter for letter in written if letter.to]
    for letter in going:
        emails.send_message(letter.deal, to=letter.to, subject=letter.subject, body=letter.body)
        log(instance=letter.deal, action="sponsors.message", user=by, data={"subject": letter.subject, "to": letter.to})
    return len(going)
