"""The mails of sponsorship. Staff may change the words; all mails know the same variables."""

from django.conf import settings
from django.urls import reverse

from cms.email.registry import declare
from cms.email.sending import send, send_or_refuse

EXAMPLE = {
    "sponsor": "Harbour Analytics",
    "season": "2026",
    "level": "Visionary",
    "fee": "USD 150,000",
    "starts_on": "1 March 2026",
    "ends_on": "28 February 2027",
    "portal_url": "https://www.python.org/users/sponsorships/1/",
    "desk_url": "https://www.python.org/admin/sponsors/deals/1/",
    "benefits": "- Logo on the sponsors page\n- Full conference passes (25)",
    "asked": "- Your logo for print, by 1 April 2026",
    "text": "Please send it with a white background.",
    "name": "Ada Byron",
}
INVITATION_EXAMPLE = {
    "invitation_url": "https://www.python.org/users/sponsorships/invitation/abc/",
}
TO_SPONSOR = (
    *("applied", "approved", "declined", "withdrawn", "agreement_sent", "agreement_void", "agreement_reminder", "signed"),
    *("cancelled", "reminder", "needs_changes"),
)
TO_TEAM = ("applied_team", "withdrawn_team", "signed_team", "changed_team", "signed_copy_team")
MAILS = {name: declare(f"sponsors.{name}", example=EXAMPLE) for name in (*TO_SPONSOR, *TO_TEAM)}
INVITATION = declare("sponsors.invitation", example=INVITATION_EXAMPLE)
# What staff write themselves, filled in for each deal before it comes here.
MESSAGE = declare("sponsors.message", example={"subject": "Your booth", "body": "Dear Harbour Analytics, …"})


def words_of_day(day) -> str:
    return f"{day.day} {day:%B %Y}" if day else ""


def team_address() -> str:
    from .models import SponsorshipSettings  # noqa: PLC0415 -- the acts of models send these mails.

    return SponsorshipSettings.load().team_email


def portal_url(deal) -> str:
    return settings.BASE_URL + reverse("sponsor_portal:deal", args=[deal.pk])


def fee_in_figures(deal) -> str:
    return "to be agreed" if deal.fee is None else f"{deal.season.currency} {deal.fee:,}"


def variables(deal, text: str, asked: str = "") -> dict[str, str]:
    return {
        "sponsor": deal.sponsor.name,
        "season": str(deal.season),
        "level": deal.level or "to be agreed",
        "fee": "to be agreed" if deal.agreed_fee is None else fee_in_figures(deal),
        "starts_on": words_of_day(deal.starts_on),
        "ends_on": words_of_day(deal.ends_on),
        "portal_url": portal_url(deal),
        "desk_url": settings.BASE_URL + reverse("sponsorships:deal", args=[deal.pk]),
        "benefits": "\n".join(f"- {line.display_name}" for line in deal.kept_lines()),
        "asked": asked or "\n".join(asked_lines(deal)),
        "text": text,
        "name": "",
    }


def asked_lines(deal) -> list[str]:
    from .models import Item  # noqa: PLC0415

    items = Item.objects.kept().filter(line__deal=deal, kind__in=Item.FROM_SPONSOR, state__in=["waiting", "needs_changes"])
    return [f"- {item.title()}" + (f", by {words_of_day(item.due_on)}" if item.due_on else "") for item in items]


def recipients(deal, roles: tuple[str, ...] = ()) -> list[str]:
    """Whom a mail about a deal goes to: contacts with one of these roles (all of them by default), and who applied.

    Before staff approve a sponsorship, only contacts who joined with their own account: anybody may type any email
    address into an application.
    """
    contacts = deal.sponsor.contacts.with_role(*roles) if roles else deal.sponsor.contacts.all()
    emails = [contact.email for contact in contacts if contact.user_id or deal.approved_on]
    applicant = deal.submitted_by.email if deal.submitted_by and deal.submitted_by.is_active else ""
    if applicant and (not roles or not emails):
        emails.append(applicant)
    return list({email.lower(): email for email in emails if email}.values())


def tell_sponsor(deal, name: str, *, roles: tuple[str, ...] = (), text: str = "", asked: str = "") -> None:
    """A mail to the sponsor. Where there is nobody to write to, the team gets it and can act."""
    to = recipients(deal, roles) or [team_address()]
    send(MAILS[name], to=to, about=deal, variables=variables(deal, text, asked), reply_to=team_address())


def tell_team(deal, name: str, *, text: str = "") -> None:
    send(MAILS[name], to=[team_address()], about=deal, variables=variables(deal, text))


def send_invitation(contact, deal) -> None:
    link = settings.BASE_URL + reverse("sponsor_portal:invitation", args=[contact.invitation_token])
    # The recipient may be a stranger to the sender: nothing that the sender typed is in this email.
    send_or_refuse(INVITATION, to=[contact.email], about=deal, variables={"invitation_url": link}, reply_to=team_address())


def send_message(deal, *, to: list[str], subject: str, body: str) -> None:
    send(MESSAGE, to=to, about=deal, variables={"subject": subject, "body": body}, reply_to=team_address())
