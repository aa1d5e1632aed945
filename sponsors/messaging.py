"""Messages from staff to sponsors, with a preview, logged on each sponsorship."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Prefetch
from wagtail.log_actions import log

from cms.email.models import render_template
from users.models import User

from . import emails
from .models import Contact, Sponsorship


@dataclass
class Letter:
    """Message to the contacts of a sponsorship."""

    sponsorship: Sponsorship
    to: list[str]
    subject: str
    body: str


def variables(sponsorship: Sponsorship) -> dict[str, str]:
    return {
        "sponsor_name": sponsorship.sponsor.name,
        "sponsorship_level": sponsorship.level,
        "sponsorship_start_date": emails.format_day(sponsorship.starts_on),
        "sponsorship_end_date": emails.format_day(sponsorship.ends_on),
        "sponsorship_status": sponsorship.state_label,
        "portal_url": emails.portal_url(sponsorship),
    }


def build_letters(sponsorships: Iterable[Sponsorship], *, roles: list[str], content: dict[str, str]) -> list[Letter]:
    """Return the message for each sponsorship. `to` is empty if no contact has these roles, so that staff notice."""
    people = Prefetch("sponsor__contacts", queryset=Contact.objects.with_role(*roles), to_attr="addressed")
    rows = Sponsorship.objects.filter(pk__in=[sponsorship.pk for sponsorship in sponsorships]).select_related(
        "sponsor", "sponsorship_year", "package"
    )
    found = []
    for sponsorship in rows.prefetch_related(people):
        to = list({contact.email.lower(): contact.email for contact in sponsorship.sponsor.addressed}.values())
        context = variables(sponsorship)
        found.append(
            Letter(sponsorship, to, render_template(content["subject"], context), render_template(content["body"], context))
        )
    return found


@transaction.atomic
def send(letters: list[Letter], *, by: User) -> int:
    """Send each message that has a recipient and return their number."""
    going = [letter for letter in letters if letter.to]
    for letter in going:
        emails.send_message(letter.sponsorship, to=letter.to, subject=letter.subject, body=letter.body)
        log(instance=letter.sponsorship, action="sponsors.message", user=by, data={"subject": letter.subject, "to": letter.to})
    return len(going)
