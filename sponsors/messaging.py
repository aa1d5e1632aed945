"""Messages from staff to sponsors: drafts with a preview, logged on each sponsorship when they are sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.dispatch import receiver
from wagtail.log_actions import log

from cms.email import drafts
from cms.email.models import SentEmail, render_template
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
        "sponsorship_package": sponsorship.level,
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
def save_drafts(letters: list[Letter], *, by: User) -> int:
    """Save a draft of each message that has a recipient and return their number."""
    going = [letter for letter in letters if letter.to]
    with drafts.drafting(by):
        for letter in going:
            emails.send_message(letter.sponsorship, to=letter.to, subject=letter.subject, body=letter.body)
    return len(going)


@receiver(drafts.draft_sent, dispatch_uid="log-sponsor-messages")
def log_message(instance: SentEmail, by: User, **kwargs: Any) -> None:
    """Log a message on its sponsorship when it is sent."""
    if instance.key != emails.MESSAGE.key:
        return
    sponsorship = Sponsorship.objects.filter(pk=instance.about.rpartition(":")[2]).first()
    if sponsorship is not None:
        log(instance=sponsorship, action="sponsors.message", user=by, data={"subject": instance.subject, "to": instance.to})
